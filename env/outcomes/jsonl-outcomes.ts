import { z } from 'zod'
import { unknownNameMessage } from '../errors.js'
import { LineSplitter } from './line-splitter.js'
import type { ModelOutcomes } from './model-outcomes.js'
import { OutcomeBuilder, type OutcomeRow } from './outcome-builder.js'
import { chooseModels, lostName, type OutcomeReader, type OutcomeReaderOptions } from './outcome-reader.js'
import { ProblemList } from './problem-list.js'

const outcome = z.strictObject({
  correct: z.number().nullish(),
  costUsd: z.number().nullish(),
  latencyMs: z.number().nullish(),
})

const rowSchema = z.strictObject({
  id: z.string(),
  text: z.string(),
  group: z
    .string()
    .nullish()
    .transform((group) => group ?? undefined),
  models: z.record(z.string(), outcome),
})

/**
 * Reads an outcome table written as JSON lines: `{ id, text, group?, models: { NAME: { correct, costUsd?, latencyMs? } } }`.
 * The first row names the models (`{}` for one that is unknown there); a model left out of a later row is unknown.
 */
export class JsonlOutcomeReader implements OutcomeReader {
  readonly #problems: ProblemList
  readonly #options: OutcomeReaderOptions
  readonly #lines: LineSplitter
  #named: readonly string[] = []
  #builder: OutcomeBuilder | undefined

  constructor(options: OutcomeReaderOptions = {}) {
    this.#options = options
    this.#problems = new ProblemList(options.file)
    this.#lines = new LineSplitter((text, line) => this.#readLine(text, line))
  }

  push(chunk: string): void {
    this.#lines.push(chunk)
  }

  end(): ModelOutcomes {
    this.#lines.end()
    if (this.#builder === undefined) {
      this.#problems.add('', 'no row that can be read; expected one JSON object a line')
      this.#problems.throwIfAny()
    }
    return this.#builder!.build()
  }

  #readLine(text: string, line: number): void {
    if (text.trim() === '') return
    const row = this.#parse(text, line)
    if (row === undefined) return
    const names = Object.keys(row.models)
    if (this.#builder === undefined) {
      if (names.length === 0) this.#problems.add('models', 'names no model; the first row names them all', line)
      const models = chooseModels(names, this.#options.models, this.#problems, line)
      this.#problems.throwIfAny()
      this.#named = names
      this.#builder = new OutcomeBuilder(models, this.#problems)
    }
    for (const name of names) {
      if (this.#named.includes(name)) continue
      const message = `${unknownNameMessage('model', name, this.#named)}; the first row names them all`
      this.#problems.add(`models.${name}`, message, line)
    }
    this.#builder.add(row, {
      line,
      field: (quantity, model) => ({ path: quantity === 'id' ? 'id' : `models.${model}.${quantity}` }),
    })
  }

  #parse(text: string, line: number): OutcomeRow | undefined {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch (error) {
      this.#problems.add('', `not JSON: ${(error as Error).message}`, line)
      return undefined
    }
    const models = (json as { models?: unknown } | null)?.models
    if (typeof models === 'object' && models !== null && Object.hasOwn(models, '__proto__')) {
      // The schema would leave it out without a word.
      this.#problems.add('models.__proto__', lostName, line)
      return undefined
    }
    const result = rowSchema.safeParse(json)
    if (result.success) return result.data
    for (const issue of result.error.issues) this.#problems.add(issue.path.join('.'), issue.message, line)
    return undefined
  }
}
