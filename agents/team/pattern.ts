import { z } from 'zod'

/** A regular expression in a team file. */
export const pattern = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((text, context) => {
    try {
      new RegExp(text, 'iu')
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  })
