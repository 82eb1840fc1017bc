import { SparseVector } from '../sparse-matrix.js'
import type { Encoder, EncoderRow } from './encoder.js'
import type { Tensors } from './fitted-arrays.js'
import { prefixed, unprefixed } from './parts.js'

/** The columns of several encoders side by side, in the order given. */
export class ConcatenatingEncoder implements Encoder {
  readonly id = 'concatenate'
  /** The highest of the parts. */
  readonly version: string
  readonly #parts: readonly Encoder[]
  readonly #row = new SparseVector()

  constructor(parts: readonly Encoder[]) {
    this.#parts = parts
    this.version = parts.reduce((highest, { version }) => (version > highest ? version : highest), '1')
  }

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, 0)
  }

  fit(rows: readonly EncoderRow[]): void {
    for (const part of this.#parts) part.fit(rows)
  }

  encode(row: EncoderRow, out: SparseVector): void {
    out.clear()
    let offset = 0
    for (const part of this.#parts) {
      part.encode(row, this.#row)
      for (let k = 0; k < this.#row.length; k++) out.push(offset + this.#row.index[k]!, this.#row.value[k]!)
      offset += part.size
    }
  }

  /** The arrays of part i under `i/`. */
  export(): Tensors {
    return Object.assign({}, ...this.#parts.map((part, i) => prefixed(`${i}/`, part.export())))
  }

  load(tensors: Tensors): void {
    this.#parts.forEach((part, i) => {
      part.load(unprefixed(`${i}/`, tensors))
    })
  }
}
