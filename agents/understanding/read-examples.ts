import { ProblemList } from '#env/outcomes/problem-list.js'
import type { Example } from './example.js'
import { readConll } from './read-conll.js'
import { readCsvExamples } from './read-csv-examples.js'
import { readJsonExamples } from './read-json-examples.js'

/** The forms of training data. */
export const exampleForms = {
  conll: readConll,
  json: readJsonExamples,
  csv: readCsvExamples,
} as const

/**
 * Reads sentences with their intents and slots.
 * @param bytes - UTF-8
 * @param file - for messages
 * @throws ConfigError with every problem and its line
 */
export function readExamples(bytes: Uint8Array, form: keyof typeof exampleForms, file?: string): Example[] {
  const problems = new ProblemList(file)
  let text = ''
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    problems.add('', 'not UTF-8 text; save it as UTF-8')
  }
  problems.throwIfAny()
  const examples = exampleForms[form](text, problems)
  problems.throwIfAny()
  if (examples.length === 0) problems.add('', 'no sentences; see docs/understanding.md for what they look like')
  problems.throwIfAny()
  return examples
}
