import { z } from 'zod'
import type { Rng } from '#env/rng.js'

const phrase = z.union([
  z.string().min(1),
  z.strictObject({ ask: z.string().min(1), answer: z.array(z.string().min(1)).min(1) }),
])

/** What customers say, by intent: what a team learns from and is tuned on. */
export const phrasesSchema = z.record(
  z.string(),
  z.strictObject({
    needs: z.enum(['order', 'product', 'document', 'nothing']).describe('what the question is about'),
    human: z.boolean().default(false).describe('whether only a person can help'),
    answer: z.array(z.string().min(1)).default([]).describe('fields of the order or product that a right answer says'),
    train: z.array(phrase).min(1),
    development: z.array(phrase).min(1),
  }),
)

/** By intent, what a team is judged on, and nothing else. */
export const heldOutSchema = z.record(z.string(), z.array(phrase).min(1))

type Phrase = z.infer<typeof phrase>
type Said = z.infer<typeof phrasesSchema>[string]

/** All that customers say, by intent. */
export type Phrases = { readonly [intent: string]: Said & { readonly heldOut: readonly Phrase[] } }

/** Which phrases are meant: those to learn from, to tune on, or to be judged on. */
export type Part = 'train' | 'development' | 'heldOut'

/** A phrase without what it holds of a right answer. */
export function wordingOf(one: Phrase): string {
  return typeof one === 'string' ? one : one.ask
}

/** Records that questions are about: orders by number, products by name. */
export interface Shop {
  readonly orders: readonly Readonly<Record<string, string>>[]
  readonly products: readonly Readonly<Record<string, string>>[]
}

/** A conversation, and what is right. */
export interface Conversation {
  readonly intent: string
  readonly question: string
  /** What the user says when asked back. */
  readonly reply: string
  readonly slots: readonly { readonly name: string; readonly text: string }[]
  /** What a right answer says, each in any case; empty where a person has to take over. */
  readonly answer: readonly string[]
}

/** The names of the slots in phrases, and of the records that fill them. */
const fillings = {
  order: { key: 'number', unnamed: 'my order' },
  product: { key: 'name', unnamed: 'the thing that i bought' },
} as const

/**
 * Conversations from phrases, each phrase with so many records.
 * @param times - conversations a phrase that names a record; other phrases give one
 * @param unnamed - share of them that leave the record out until they are asked
 */
export function makeConversations(
  phrases: Phrases,
  shop: Shop,
  part: Part,
  times: number,
  unnamed: number,
  rng: Rng,
): Conversation[] {
  return Object.entries(phrases).flatMap(([intent, { needs, human, answer: fields, [part]: said }]) =>
    said.flatMap((one): Conversation[] => {
      const ask = wordingOf(one)
      const own = typeof one === 'string' ? [] : one.answer
      if (needs !== 'order' && needs !== 'product') {
        return [{ intent, question: ask, reply: ask, slots: [], answer: human ? [] : own }]
      }
      const { key, unnamed: instead } = fillings[needs]
      const records = needs === 'order' ? shop.orders : shop.products
      return Array.from({ length: times }, () => {
        const record = records[rng.integer(records.length)]!
        const named = record[key]!
        const isNamed = rng.uniform() >= unnamed
        return {
          intent,
          question: ask.replaceAll(`{${needs}}`, isNamed ? named : instead),
          reply: isNamed ? ask.replaceAll(`{${needs}}`, named) : `it is ${named}`,
          slots: isNamed ? [{ name: needs, text: named }] : [],
          answer: fields.map((field) => record[field]!),
        }
      })
    }),
  )
}

/** Whether an answer says all that a right one says. */
export function isRight(text: string, { answer }: Conversation): boolean {
  const said = text.toLowerCase()
  return answer.length > 0 && answer.every((piece) => said.includes(piece.toLowerCase()))
}
