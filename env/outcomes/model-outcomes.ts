import { ShapeError, UnknownNameError } from '../errors.js'

/** What is known of one model's answers, a number a row; NaN where unknown. */
export interface OutcomeColumns {
  /** f64 [N], 0..1 */
  readonly correct: Float64Array
  /** f64 [N], at least 0 */
  readonly costUsd: Float64Array
  /** f64 [N], at least 0 */
  readonly latencyMs: Float64Array
}

/** Everything a table is made from; the arrays are kept, not copied. */
export interface OutcomeData {
  readonly models: readonly string[]
  readonly ids: readonly string[]
  readonly texts: readonly string[]
  readonly groups: readonly (string | undefined)[]
  /** One entry a model, in the order of `models`. */
  readonly columns: readonly OutcomeColumns[]
}

/**
 * An outcome table: N queries, and how each of M models did on them. Held by columns; what isn't known is `undefined`
 * to callers. Rows are 0..size-1, models 0..models.length-1.
 */
export class ModelOutcomes {
  readonly models: readonly string[]
  /** N, number of rows. */
  readonly size: number
  readonly #data: OutcomeData

  /** @throws ShapeError when a column's length isn't the number of ids */
  constructor(data: OutcomeData) {
    const size = data.ids.length
    const lengths = [data.texts, data.groups, ...data.columns.flatMap((c) => [c.correct, c.costUsd, c.latencyMs])]
    const wrong = lengths.find((column) => column.length !== size)
    if (wrong !== undefined || data.columns.length !== data.models.length) {
      throw new ShapeError(
        `outcome table: expected ${data.models.length} models with columns of ${size} rows, got ${data.columns.length} models and a column of ${wrong?.length ?? size}`,
      )
    }
    this.models = data.models
    this.size = size
    this.#data = data
  }

  id(row: number): string {
    return this.#at(this.#data.ids, row)
  }

  /** The query as the user wrote it. */
  text(row: number): string {
    return this.#at(this.#data.texts, row)
  }

  /** Subject, task or source of the query, where the table names one. */
  group(row: number): string | undefined {
    this.#checkRow(row)
    return this.#data.groups[row]
  }

  /** How right the model's answer was, 0..1. */
  correct(row: number, model: number): number | undefined {
    return this.#value('correct', row, model)
  }

  costUsd(row: number, model: number): number | undefined {
    return this.#value('costUsd', row, model)
  }

  latencyMs(row: number, model: number): number | undefined {
    return this.#value('latencyMs', row, model)
  }

  /** @throws UnknownNameError with the nearest model of this table */
  modelIndex(name: string): number {
    const index = this.models.indexOf(name)
    if (index < 0) throw new UnknownNameError('model', name, this.models)
    return index
  }

  /** A table of some rows, in the order given; a row may come more than once. */
  select(rows: ArrayLike<number>): ModelOutcomes {
    const chosen = Array.from(rows)
    chosen.forEach((row) => {
      this.#checkRow(row)
    })
    const { models, ids, texts, groups, columns } = this.#data
    const pick = (column: Float64Array) => Float64Array.from(chosen, (row) => column[row]!)
    return new ModelOutcomes({
      models,
      ids: chosen.map((row) => ids[row]!),
      texts: chosen.map((row) => texts[row]!),
      groups: chosen.map((row) => groups[row]),
      columns: columns.map((c) => ({
        correct: pick(c.correct),
        costUsd: pick(c.costUsd),
        latencyMs: pick(c.latencyMs),
      })),
    })
  }

  #value(name: keyof OutcomeColumns, row: number, model: number): number | undefined {
    this.#checkRow(row)
    const columns = this.#data.columns[model]
    if (columns === undefined) {
      throw new ShapeError(`outcome table: model ${model} lies outside 0..${this.models.length - 1}`)
    }
    const value = columns[name][row]!
    return Number.isNaN(value) ? undefined : value
  }

  #at(column: readonly string[], row: number): string {
    this.#checkRow(row)
    return column[row]!
  }

  #checkRow(row: number): void {
    if (!(Number.isInteger(row) && row >= 0 && row < this.size)) {
      throw new ShapeError(`outcome table: row ${row} lies outside 0..${this.size - 1}`)
    }
  }
}
