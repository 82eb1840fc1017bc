import { z } from 'zod'
import { unknownNameMessage } from '#env/errors.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'
import { knownValue, slotKey } from '../contract/memory.js'
import { lineOf, RecordBook } from './record-book.js'

const recordsConfig = z.strictObject({
  file: z.string().min(1).describe('JSON list of records; relative to the team file'),
  key: z.string().min(1).describe('field that a record is found by'),
  slot: z.string().min(1).describe('slot of the question that names the record'),
  answers: z
    .record(z.string(), z.string().min(1))
    .describe('what is said, by intent: a text in which {field} is replaced by what the record holds'),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('in an answer from a record, the question being understood'),
})

type RecordsConfig = z.infer<typeof recordsConfig>

/** Answers from a book of records: of an order, a product. Every field that it tells is quoted. */
export const records = defineAgent<RecordsConfig>({
  name: 'records',
  aliases: [],
  summary: 'answers from a book of records, such as orders or products',
  schema: recordsConfig,
  files: ({ file }) => [file],
  create: (config, { name, files, speaksOf }): Agent => {
    const [file] = files.get(config.file)!
    const book = RecordBook.parse(config.file, file!.bytes, config.key)
    speaksOf('slots', config.slot, ['slot'])
    for (const [intent, template] of Object.entries(config.answers)) {
      speaksOf('intents', intent, ['answers', intent])
      const unknown = fieldsOf(template).find((field) => !book.fields.has(field))
      if (unknown === undefined || book.fields.size === 0) continue
      throw new Error(`answers.${intent}: ${unknownNameMessage('field', unknown, [...book.fields])}`)
    }
    return {
      card: {
        name,
        summary: `answers from ${config.file}`,
        adds: ['passages', 'drafts'],
        needs: ['frame'],
        repeats: true,
        longestQuestion: 100_000,
      },
      handle: async (request, { signal }) => {
        if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
        return answerFrom(book, config, name, request)
      },
    }
  },
})

/** Where a template names a field. */
const fieldPattern = /\{(\w+)\}/g

function fieldsOf(template: string): string[] {
  return [...template.matchAll(fieldPattern)].map(([, field]) => field!)
}

function answerFrom(
  book: RecordBook,
  config: RecordsConfig,
  name: string,
  { found, memory }: AgentRequest,
): AgentAnswer {
  const { intent, slots, confidence } = found.frame!
  const template = intent === null ? undefined : config.answers[intent]
  if (template === undefined)
    throw new AgentFailure('unfit', `${name} answers ${Object.keys(config.answers).join(', ')}`)
  // What the question doesn't name, an earlier one may have.
  const named = slots.find((one) => one.name === config.slot)?.text ?? knownValue(memory, slotKey(config.slot))
  if (named === undefined) throw new AgentFailure('unfit', `${name} needs the ${config.slot}, which the question lacks`)
  const record = book.find(named)
  if (record === undefined) throw new AgentFailure('unfit', `${name} has no ${config.slot} "${named}"`)
  const passage = book.passageOf(record[config.key]!, record)
  const fields: string[] = []
  const text = template.replace(fieldPattern, (_, field: string) => {
    const value = record[field]
    if (value === undefined) throw new AgentFailure('unfit', `${name}: the record of "${named}" has no ${field}`)
    fields.push(field)
    return value
  })
  const provenance = fields.map((field) => ({ ...passage.source, quote: lineOf(record, field) }))
  // As sure as the question was understood: what the record says is certain.
  const sure = config.confidence * Math.sqrt(confidence)
  return {
    found: {
      passages: [passage, ...(found.passages ?? [])],
      drafts: [{ agent: name, text, confidence: sure, provenance }],
    },
    confidence: sure,
    costUsd: 0,
    provenance,
  }
}
