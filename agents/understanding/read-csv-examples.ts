import { nearestName } from '#env/errors.js'
import { CsvReader, type CsvRecord } from '#env/outcomes/csv-reader.js'
import type { ProblemList } from '#env/outcomes/problem-list.js'
import { type Example, exampleOfWords } from './example.js'
import { exampleOfText, type MarkedSlot } from './slots-in-text.js'
import { tagsProblem } from './tagged-words.js'

const columns = ['text', 'intent', 'slots', 'tags'] as const
/** What others call it. */
const intentNames = ['category', 'label']

/**
 * Reads a CSV file with a header: `text`, `intent` (or `category`, `label`; empty: out of scope), and where there are slots either `slots`,
 * such as `city=New York; day=tomorrow`, or `tags`, one for each word of the text, with blanks between.
 */
export function readCsvExamples(text: string, problems: ProblemList): Example[] {
  const examples: Example[] = []
  let header: readonly string[] | undefined
  const reader = new CsvReader({
    record: (record) => {
      if (header === undefined) header = headerOf(record, problems)
      else examples.push(...exampleOf(record, header, problems))
    },
    problem: (message, { line, column }) => problems.add('', message, line, column),
  })
  reader.push(text)
  reader.end()
  if (header === undefined) problems.add('', 'empty; expected a header with text and intent', 1)
  return examples
}

/** @throws ConfigError where columns are unknown or absent */
function headerOf(record: CsvRecord, problems: ProblemList): readonly string[] {
  const names = record.fields.map((field) => (intentNames.includes(field) ? 'intent' : field))
  names.forEach((name, field) => {
    const { line, column } = record.placeOf(field)
    if (names.indexOf(name) < field) problems.add(name, 'column named twice', line, column)
    if ((columns as readonly string[]).includes(name)) return
    const nearest = nearestName(name, [...columns, ...intentNames])
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
    problems.add(name, `unknown column${hint} (known: ${columns.join(', ')})`, line, column)
  })
  for (const name of ['text', 'intent']) if (!names.includes(name)) problems.add(name, 'column absent', record.line)
  if (names.includes('slots') && names.includes('tags')) {
    problems.add('tags', 'expected slots or tags, not both', record.line)
  }
  problems.throwIfAny()
  return names
}

function exampleOf(record: CsvRecord, header: readonly string[], problems: ProblemList): Example[] {
  const { fields, line } = record
  if (fields.length !== header.length) {
    problems.add('', `expected ${header.length} fields as in the header, got ${fields.length}`, line)
    return []
  }
  const field = (name: string) => fields[header.indexOf(name)]
  const refuse = (name: string, message: string) => {
    const place = record.placeOf(header.indexOf(name))
    problems.add(name, message, place.line, place.column)
    return []
  }
  const text = field('text')!
  const intent = field('intent')!.trim() || null
  if (text.trim() === '') return refuse('text', 'empty')
  const tags = field('tags')
  if (tags !== undefined) {
    const words = text.trim().split(/\s+/)
    const own = tags.trim().split(/\s+/)
    const wrong = tagsProblem(words, own)
    return wrong === undefined ? [exampleOfWords(words, own, intent)] : refuse('tags', wrong)
  }
  const slots = slotsOf(field('slots') ?? '')
  if (typeof slots === 'string') return refuse('slots', slots)
  const example = exampleOfText(text, slots, intent, (message) => void refuse('slots', message))
  return example === undefined ? [] : [example]
}

/** `city=New York; day=tomorrow`, or what is wrong with it. */
function slotsOf(cell: string): MarkedSlot[] | string {
  const slots: MarkedSlot[] = []
  for (const part of cell.split(';').map((one) => one.trim())) {
    if (part === '') continue
    const [, name, text] = /^([^\s=]+)\s*=\s*(.+)$/u.exec(part) ?? []
    if (name === undefined) return `expected SLOT=WORDS; SLOT=WORDS, got ${JSON.stringify(part)}`
    slots.push({ name, text: text! })
  }
  return slots
}
