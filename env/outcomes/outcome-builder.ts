import { ownValue } from '../own-value.js'
import { ModelOutcomes, type OutcomeColumns } from './model-outcomes.js'
import type { ProblemList } from './problem-list.js'

/**
 * What a cell of a model may say, and the largest value it may have: a million dollars, or eleven days, for one call. What is beyond
 * is no price and no time, and sums of it would be beyond f64.
 */
export const outcomeQuantities = { correct: 1, costUsd: 1e6, latencyMs: 1e9 } as const

export type OutcomeQuantity = keyof typeof outcomeQuantities

/** One query; what isn't given is unknown. */
export interface OutcomeRow {
  readonly id: string
  readonly text: string
  readonly group?: string | undefined
  /** Outcomes by model name. */
  readonly models: { readonly [model: string]: { readonly [Q in OutcomeQuantity]?: number | null | undefined } }
}

/** Where in the file a row or one of its cells stands. */
export interface RowPlace {
  readonly line?: number | undefined
  /** Name, line and character column of one of the row's fields: `id`, `text`, or of a model's quantity. */
  field?(
    quantity: 'id' | OutcomeQuantity,
    model: string,
  ): { readonly path: string; readonly line?: number; readonly column?: number }
}

/** Builds an outcome table row by row, checking every value. */
export class OutcomeBuilder {
  readonly models: readonly string[]
  readonly #problems: ProblemList
  readonly #ids: string[] = []
  readonly #texts: string[] = []
  readonly #groups: (string | undefined)[] = []
  readonly #seen = new Map<string, number | undefined>()
  #columns: { [Q in keyof OutcomeColumns]: Float64Array }[]
  #capacity = 256

  constructor(models: readonly string[], problems: ProblemList) {
    this.models = models
    this.#problems = problems
    this.#columns = models.map(() => ({
      correct: unknown(this.#capacity),
      costUsd: unknown(this.#capacity),
      latencyMs: unknown(this.#capacity),
    }))
  }

  /** Adds a row; what is wrong with it goes to the problem list. */
  add(row: OutcomeRow, place: RowPlace = {}): void {
    this.#checkId(row.id, place)
    const at = this.#ids.length
    if (at === this.#capacity) this.#grow()
    this.#ids.push(row.id)
    this.#texts.push(row.text)
    this.#groups.push(row.group === '' ? undefined : row.group)
    for (let m = 0; m < this.models.length; m++) {
      const model = this.models[m]!
      const cells = ownValue(row.models, model)
      if (cells === undefined) continue
      for (const quantity of quantities) {
        const value = cells[quantity]
        if (value === undefined || value === null) continue
        if (value >= 0 && value <= outcomeQuantities[quantity]) this.#columns[m]![quantity][at] = value
        else this.#refuse(quantity, model, `expected ${rangeWords(quantity)} (empty: unknown), got ${value}`, place)
      }
    }
  }

  /** @throws ConfigError with everything that was wrong */
  build(): ModelOutcomes {
    if (this.#ids.length === 0) this.#problems.add('', 'no rows; expected one query a line after the header')
    this.#problems.throwIfAny()
    const size = this.#ids.length
    return new ModelOutcomes({
      models: this.models,
      ids: this.#ids,
      texts: this.#texts,
      groups: this.#groups,
      columns: this.#columns.map((c) => ({
        correct: c.correct.slice(0, size),
        costUsd: c.costUsd.slice(0, size),
        latencyMs: c.latencyMs.slice(0, size),
      })),
    })
  }

  #checkId(id: string, place: RowPlace): void {
    if (id === '') {
      this.#refuse('id', '', 'missing; every row needs an id of its own', place)
    } else if (this.#seen.has(id)) {
      const first = this.#seen.get(id)
      const where = first === undefined ? 'an earlier row' : `line ${first}`
      this.#refuse('id', '', `"${id}" is also the id of ${where}; every row needs an id of its own`, place)
    } else {
      this.#seen.set(id, place.line)
    }
  }

  #refuse(quantity: 'id' | OutcomeQuantity, model: string, message: string, place: RowPlace): void {
    const field = place.field?.(quantity, model)
    const path = field?.path ?? (quantity === 'id' ? 'id' : `${quantity}:${model}`)
    this.#problems.add(path, message, field?.line ?? place.line, field?.column)
  }

  #grow(): void {
    const old = this.#columns
    this.#capacity *= 2
    this.#columns = old.map((c) => ({
      correct: extended(c.correct, this.#capacity),
      costUsd: extended(c.costUsd, this.#capacity),
      latencyMs: extended(c.latencyMs, this.#capacity),
    }))
  }
}

const quantities = Object.keys(outcomeQuantities) as OutcomeQuantity[]

/** The range of a quantity, in words. */
export function rangeWords(quantity: OutcomeQuantity): string {
  if (quantity === 'correct') return 'a number from 0 to 1'
  const unit = quantity === 'costUsd' ? 'US dollars' : 'milliseconds'
  return `${unit} of one call, from 0 to ${outcomeQuantities[quantity]}`
}

function unknown(size: number): Float64Array {
  return new Float64Array(size).fill(Number.NaN)
}

function extended(column: Float64Array, size: number): Float64Array {
  const longer = unknown(size)
  longer.set(column)
  return longer
}
