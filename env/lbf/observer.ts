import type { LbfConfig } from './config.js'
import type { Field } from './field.js'

/** What stands for food or an agent that isn't seen. */
const UNSEEN = -1

/** Writes what agents see, and the global state: three numbers (row, column, level) for each food and agent. */
export class Observer {
  /** Numbers an agent sees, and numbers of the global state. */
  readonly size: number
  readonly #field: Field
  readonly #sight: number
  readonly #foodEnd: number

  constructor(field: Field, config: LbfConfig) {
    this.#field = field
    this.#sight = config.sight ?? config.gridSize
    this.#foodEnd = 3 * config.numFood
    this.size = 3 * (config.numFood + config.numAgents)
  }

  /** @param out - f32 [N, size] */
  writeObservations(out: Float32Array): void {
    const { position, level, food, foodLeft, rowOf, colOf, cells } = this.#field
    const sight = this.#sight
    for (let i = 0; i < position.length; i++) {
      const from = i * this.size
      const row = rowOf[position[i]!]!
      const col = colOf[position[i]!]!
      // The corner of what is seen; coordinates count from it.
      const top = row > sight ? row - sight : 0
      const left = col > sight ? col - sight : 0
      let at = from
      for (let k = 0; k < foodLeft; k++) {
        const cell = food[k]!
        const y = rowOf[cell]!
        const x = colOf[cell]!
        if (y < top || y > row + sight || x < left || x > col + sight) continue
        out[at++] = y - top
        out[at++] = x - left
        out[at++] = cells[cell]!
      }
      at = fill(out, at, from + this.#foodEnd)
      out[at++] = row - top
      out[at++] = col - left
      out[at++] = level[i]!
      for (let j = 0; j < position.length; j++) {
        if (j === i) continue
        const y = rowOf[position[j]!]! - top
        const x = colOf[position[j]!]! - left
        // Not the test for food: near the north and west edges agents are seen from further away.
        if (y < 0 || y > 2 * sight || x < 0 || x > 2 * sight) continue
        out[at++] = y
        out[at++] = x
        out[at++] = level[j]!
      }
      fill(out, at, from + this.size)
    }
  }

  /** @param out - f32 [size]: food that is left row by row, then agents in their order, by absolute row and column */
  writeState(out: Float32Array): void {
    const { position, level, food, foodLeft, rowOf, colOf, cells } = this.#field
    let at = 0
    for (let k = 0; k < foodLeft; k++) {
      const cell = food[k]!
      out[at++] = rowOf[cell]!
      out[at++] = colOf[cell]!
      out[at++] = cells[cell]!
    }
    at = fill(out, at, this.#foodEnd)
    for (let i = 0; i < position.length; i++) {
      out[at++] = rowOf[position[i]!]!
      out[at++] = colOf[position[i]!]!
      out[at++] = level[i]!
    }
  }
}

/** (-1, -1, 0) for each of the things not seen; returns `end`. */
function fill(out: Float32Array, from: number, end: number): number {
  for (let at = from; at < end; at += 3) {
    out[at] = UNSEEN
    out[at + 1] = UNSEEN
    out[at + 2] = 0
  }
  return end
}
