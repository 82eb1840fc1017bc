import { ConfigError } from '../errors.js'
import { SparseVector } from '../sparse-matrix.js'
import type { Encoder, EncoderRow } from './encoder.js'
import { fitted, type Tensors, tensorOf, vector } from './fitted-arrays.js'
import { prefixed, unprefixed } from './parts.js'

/** Centring fills every column: refused for encoders with more. */
const maxCentredColumns = 4096

/**
 * Standardises each column of another encoder: less its mean over the training rows (unless `centre` is false, which
 * keeps rows sparse), over its standard deviation there (population; a constant column is only centred).
 */
export class StandardisingEncoder implements Encoder {
  readonly id = 'standardise'
  /** That of the other encoder. */
  readonly version: string
  readonly #inner: Encoder
  readonly #centre: boolean
  readonly #row = new SparseVector()
  #fitted: { readonly mean: Float64Array; readonly deviation: Float64Array } | undefined

  constructor(inner: Encoder, centre: boolean) {
    this.#inner = inner
    this.version = inner.version
    this.#centre = centre
  }

  get size(): number {
    return fitted(this.id, this.#fitted).mean.length
  }

  /** @throws ConfigError when centring would fill more than 4096 columns */
  fit(rows: readonly EncoderRow[]): void {
    this.#inner.fit(rows)
    const { size } = this.#inner
    this.#checkSize(size)
    const mean = new Float64Array(size)
    const deviation = new Float64Array(size)
    const present = new Float64Array(size)
    this.#overEntries(rows, (column, value) => {
      mean[column]! += value / rows.length
      present[column]!++
    })
    this.#overEntries(rows, (column, value) => {
      const off = value - mean[column]!
      deviation[column]! += off * off
    })
    for (let k = 0; k < size; k++) {
      const variance = (deviation[k]! + (rows.length - present[k]!) * mean[k]! * mean[k]!) / Math.max(1, rows.length)
      const root = Math.sqrt(variance)
      deviation[k] = root > 1e-12 * Math.abs(mean[k]!) ? root : 1
    }
    this.#fitted = { mean, deviation }
  }

  encode(row: EncoderRow, out: SparseVector): void {
    const { mean, deviation } = fitted(this.id, this.#fitted)
    this.#inner.encode(row, this.#row)
    const { index, value, length } = this.#row
    out.clear()
    if (!this.#centre) {
      for (let k = 0; k < length; k++) out.push(index[k]!, value[k]! / deviation[index[k]!]!)
      return
    }
    for (let column = 0, k = 0; column < mean.length; column++) {
      const raw = k < length && index[k] === column ? value[k++]! : 0
      out.push(column, (raw - mean[column]!) / deviation[column]!)
    }
  }

  /** `mean` and `deviation`, f64 [columns]; the inner encoder's arrays under `of/`. */
  export(): Tensors {
    const { mean, deviation } = fitted(this.id, this.#fitted)
    return { mean: tensorOf(mean), deviation: tensorOf(deviation), ...prefixed('of/', this.#inner.export()) }
  }

  load(tensors: Tensors): void {
    this.#inner.load(unprefixed('of/', tensors))
    const { size } = this.#inner
    this.#checkSize(size)
    const mean = vector(this.id, tensors, 'mean', Float64Array, size).slice()
    const deviation = vector(this.id, tensors, 'deviation', Float64Array, size).slice()
    this.#fitted = { mean, deviation }
  }

  #checkSize(size: number): void {
    if (!this.#centre || size <= maxCentredColumns) return
    const message = `centring would fill ${size} columns (at most ${maxCentredColumns}); set centre: false`
    throw new ConfigError([{ path: 'encoder.standardise', message }])
  }

  #overEntries(rows: readonly EncoderRow[], use: (column: number, value: number) => void): void {
    for (const row of rows) {
      this.#inner.encode(row, this.#row)
      for (let k = 0; k < this.#row.length; k++) use(this.#row.index[k]!, this.#row.value[k]!)
    }
  }
}
