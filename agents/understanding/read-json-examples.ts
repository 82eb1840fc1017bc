import { z } from 'zod'
import type { ProblemList } from '#env/outcomes/problem-list.js'
import { findings } from '#env/schema-words/issue-message.js'
import { shapeOf } from '#env/schema-words/schema-shape.js'
import { type Example, exampleOfWords } from './example.js'
import { exampleOfText } from './slots-in-text.js'
import { tagsProblem } from './tagged-words.js'

const offset = z.int().min(0)
const slotName = z.string().regex(/^\S+$/u, 'expected a name without blanks')
const intent = z.string().min(1).nullable()

const slotSchema = z
  .strictObject({ name: slotName, text: z.string().min(1).optional(), from: offset.optional(), to: offset.optional() })
  .refine(({ text, from, to }) => (from === undefined) === (to === undefined) && (from ?? text) !== undefined, {
    message: 'expected from and to, or text',
  })

const textSchema = z.strictObject({ text: z.string().min(1), intent, slots: z.array(slotSchema).default([]) })
const wordsSchema = z.strictObject({
  words: z.array(z.string().regex(/^\S+$/u, 'expected a word without blanks')).min(1),
  tags: z.array(z.string()),
  intent,
})

/**
 * Reads a JSON array of sentences, or JSON lines: `{ text, intent, slots: [{ name, from, to }] }`, where `text` of a slot may stand for
 * its place, or `{ words, tags, intent }`. An intent of null: out of scope.
 */
export function readJsonExamples(text: string, problems: ProblemList): Example[] {
  const examples: Example[] = []
  for (const { source, line } of recordsOf(text)) {
    let json: unknown
    try {
      json = JSON.parse(source)
    } catch (error) {
      problems.add('', `not JSON: ${(error as Error).message}`, line)
      // Where an array is broken, nobody knows where the next record begins.
      if (text.trimStart().startsWith('[')) break
      continue
    }
    examples.push(...exampleOf(json, (path, message) => problems.add(path, message, line)))
  }
  return examples
}

function exampleOf(json: unknown, problem: (path: string, message: string) => void): Example[] {
  const hasWords = typeof json === 'object' && json !== null && Object.hasOwn(json, 'words')
  const schema = hasWords ? wordsSchema : textSchema
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issues = parsed.error.issues as z.core.$ZodIssue[]
    for (const { path, message } of findings(issues, json, shapeOf(schema))) problem(path.join('.'), message)
    return []
  }
  if ('words' in parsed.data) {
    const { words, tags, intent } = parsed.data
    const wrong = tagsProblem(words, tags)
    if (wrong !== undefined) problem('tags', wrong)
    return wrong === undefined ? [exampleOfWords(words, tags, intent)] : []
  }
  const { text, slots, intent } = parsed.data
  const example = exampleOfText(text, slots, intent, (message) => problem('slots', message))
  return example === undefined ? [] : [example]
}

/** The records of an array, or of JSON lines, each with the line on which it begins. */
function recordsOf(text: string): { source: string; line: number }[] {
  if (!text.trimStart().startsWith('[')) {
    return text.split('\n').flatMap((source, i) => (source.trim() === '' ? [] : [{ source, line: i + 1 }]))
  }
  const records: { source: string; line: number }[] = []
  let depth = 0
  let quoted = false
  let line = 1
  let from = 0
  let began = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '\n') line++
    if (quoted) {
      if (sign === '\\') at++
      else if (sign === '"') quoted = false
      continue
    }
    if (sign === '"') quoted = true
    const closes = sign === ']' || sign === '}'
    if (depth === 1 && (sign === ',' || closes)) {
      const source = text.slice(from, at)
      if (source.trim() !== '' || sign === ',') records.push({ source, line: began || line })
      from = at + 1
      began = 0
    } else if (depth === 1 && began === 0 && !/\s/.test(sign)) began = line
    if (sign === '[' || sign === '{') depth++
    if (closes) depth--
    if (depth === 1 && from === 0) from = at + 1
    if (depth === 0 && closes) {
      const rest = text.slice(at + 1)
      if (rest.trim() !== '') records.push({ source: `${rest} `, line })
      return records
    }
  }
  return [...records, { source: text.slice(from), line: began || line }]
}
