import { UsageError } from '#env/errors.js'
import { CsvOutcomeReader } from '#env/outcomes/csv-outcomes.js'
import { JsonlOutcomeReader } from '#env/outcomes/jsonl-outcomes.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { readText } from './read-text.js'

/**
 * Reads an outcome table from a `.csv` or `.jsonl` file, with `.gz` allowed, as a stream.
 * @param models - those to keep, all of which must be there; default: all in the file
 * @throws ConfigError with every problem, located; StorageError; UsageError for another kind of file
 */
export async function readOutcomes(path: string, models?: readonly string[]): Promise<ModelOutcomes> {
  const kind = /\.(csv|jsonl)(\.gz)?$/.exec(path)?.[1]
  if (kind === undefined) {
    throw new UsageError(`${path}: expected an outcome table named *.csv, *.jsonl, *.csv.gz or *.jsonl.gz`)
  }
  const options = { file: path, ...(models === undefined ? {} : { models }) }
  const reader = kind === 'csv' ? new CsvOutcomeReader(options) : new JsonlOutcomeReader(options)
  for await (const chunk of readText(path)) reader.push(chunk)
  return reader.end()
}
