import { z } from 'zod'
import { type Example, exampleOfWords } from '#agents/understanding/example.js'
import { ConfigError } from '#env/errors.js'

const chat = z.object({
  convo_id: z.int(),
  scenario: z.object({ subflow: z.string().min(1) }),
  original: z.array(z.tuple([z.enum(['agent', 'customer', 'action']), z.string()])),
})

/** Parts of the file that holds all chats. */
export const abcdParts = ['train', 'dev', 'test'] as const

const allChats = z.object({ train: z.array(chat), dev: z.array(chat), test: z.array(chat) })

/**
 * Chats of ABCD as sentences with an intent: what the customer said before anybody acted, and the sub-flow that it was about.
 * @param content - of the file: the three parts, or a list of chats such as the sample
 * @throws ConfigError naming the chat that is none
 */
export function readAbcdChats(content: string, part: (typeof abcdParts)[number], file: string): Example[] {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (error) {
    throw new ConfigError([{ path: '', message: `expected JSON: ${(error as Error).message}`, file }])
  }
  const parsed = Array.isArray(json)
    ? z.array(chat).safeParse(json)
    : allChats.transform((all) => all[part]).safeParse(json)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new ConfigError([{ path: path.join('.'), message: `expected chats of ABCD: ${message}`, file }])
  }
  return parsed.data.flatMap(({ scenario, original }) => {
    const acted = original.findIndex(([who]) => who === 'action')
    const before = acted < 0 ? original : original.slice(0, acted)
    const words = before.flatMap(([who, said]) => (who === 'customer' ? said.split(/\s+/).filter(Boolean) : []))
    return words.length === 0 ? [] : [exampleOfWords(words, new Array(words.length).fill('O'), scenario.subflow)]
  })
}
