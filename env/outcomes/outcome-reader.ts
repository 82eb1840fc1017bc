import { unknownNameMessage } from '../errors.js'
import type { ModelOutcomes } from './model-outcomes.js'
import type { ProblemList } from './problem-list.js'

/** How to read an outcome table. */
export interface OutcomeReaderOptions {
  /** Name shown in messages. */
  readonly file?: string
  /** Models that must be there; others are left out. Default: all that the table names. */
  readonly models?: readonly string[]
}

/** Reads an outcome table from chunks of text, cut anywhere. */
export interface OutcomeReader {
  /** @throws ConfigError when too much is wrong to go on */
  push(chunk: string): void
  /** @throws ConfigError with everything that is wrong, located */
  end(): ModelOutcomes
}

/** What is wrong with a model called `__proto__`: what is stored of it would be lost without a word. */
export const lostName = 'a name that readers of JSON take for something else; rename the model'

/** The models to keep of those a table has; the absent ones go to the problem list. */
export function chooseModels(
  found: readonly string[],
  wanted: readonly string[] | undefined,
  problems: ProblemList,
  line?: number,
): readonly string[] {
  for (const model of wanted ?? []) {
    if (!found.includes(model)) problems.add(`correct:${model}`, unknownNameMessage('model', model, found), line)
  }
  return wanted ?? found
}
