import { z } from 'zod'

export const offset = z.int().min(0)

/** Where something was found, so that people can look it up. */
export const sourceSchema = z.strictObject({
  document: z.string().min(1).describe('id of the document, as its index has it'),
  title: z.string().optional(),
  from: offset.optional().describe('where the quote begins in the text of the document, UTF-16 units'),
  to: offset.optional().describe('where it ends, exclusive'),
  quote: z.string().optional().describe('the words themselves, verbatim'),
})

export type Source = z.infer<typeof sourceSchema>
