import { z } from 'zod'
import { sourceSchema } from './source.js'

/** What is known in a conversation, as it travels with questions and answers: plain data, in process and over HTTP. */

/** Characters of a key and of a value, and facts of one answer. */
const longestKey = 200
const longestValue = 2000
const mostAtOnce = 100

const key = z
  .string()
  .min(1)
  .max(longestKey)
  .describe('where it belongs, such as `slots/order`: who reads and writes it is told by its beginning')
const source = sourceSchema.nullable().describe('what it stands on; null where that is the conversation itself')

export const factSchema = z.strictObject({
  key,
  value: z.string().max(longestValue),
  owner: z.string().min(1).describe('the agent that wrote it'),
  source,
})

/** Keys, or beginnings of keys that end in a slash; `*` for all. */
export const scopeSchema = z
  .string()
  .max(longestKey)
  .regex(/^(\*|[^\s*]+)$/, 'expected a key such as slots/order, a beginning that ends in a slash, or *')

/** What an agent is shown of a memory, and what it may write. */
export const shownMemorySchema = z.strictObject({
  known: z.array(factSchema).describe('what it may read, the oldest first'),
  mayWrite: z.array(scopeSchema).describe('keys, or beginnings of keys that end in a slash; `*` for all'),
})

/** What an answer has the memory keep. */
export const rememberedSchema = z
  .array(
    z.strictObject({
      key,
      value: z.string().max(longestValue).nullable().describe('null: it is forgotten'),
      source: source.default(null),
    }),
  )
  .max(mostAtOnce)

export type Fact = z.infer<typeof factSchema>
export type ShownMemory = z.infer<typeof shownMemorySchema>
export type Remembered = z.infer<typeof rememberedSchema>

/** Whether one of these scopes holds a key. */
export function isWithin(scopes: readonly string[], key: string): boolean {
  return scopes.some((scope) => scope === '*' || scope === key || (scope.endsWith('/') && key.startsWith(scope)))
}

/** What is known under a key, to somebody who may read it. */
export function knownValue(memory: ShownMemory | undefined, key: string): string | undefined {
  return memory?.known.find((fact) => fact.key === key)?.value
}

/** Under which the intent is known that waits for what the user says next. */
export const openIntentKey = 'procedure/open'

/** Under which what a slot of a question named is known, for the questions that come after it. */
export function slotKey(slot: string): string {
  return `slots/${slot}`
}
