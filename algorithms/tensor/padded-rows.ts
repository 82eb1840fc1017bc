/**
 * A sparse model as tensors of fixed width: row s * A + a has as many places as the longest row has outcomes; places beyond its
 * own outcomes read state 0 with probability 0.
 */
import { NotEnumerableError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** Stands for minus infinity, which shaders needn't honour: what an illegal action is worth. */
const ILLEGAL_VALUE = -1e30

/** Bytes for each padded place during a sweep: successor, probability, gathered value and product. */
const BYTES_A_PLACE = 16

/** What a sweep takes besides values. */
export interface PaddedRows {
  /** W, the most outcomes of a row. */
  readonly width: number
  /** i32 [S * A, W] */
  readonly successor: Int32Array
  /** f32 [S * A, W], discount times probability. */
  readonly discounted: Float32Array
  /** f32 [S, A], reward units; illegal actions -1e30, but 0 for action 0 of terminal states, whose value then stays 0. */
  readonly reward: Float32Array
}

/**
 * @param where - who asks, for messages
 * @param maxBytes - most memory that a sweep may take on the device
 * @throws NotEnumerableError when the padded rows need more
 */
export function padRows(where: string, mdp: TabularMdp, discount: number, maxBytes: number): PaddedRows {
  const { numStates, numActions, rowStart, successor: next, probability, terminal } = mdp
  const rows = numStates * numActions
  let width = 1
  for (let row = 0; row < rows; row++) width = Math.max(width, rowStart[row + 1]! - rowStart[row]!)
  checkSize(where, rows, width, next.length, maxBytes)
  const successor = new Int32Array(rows * width)
  const discounted = new Float32Array(rows * width)
  const reward = Float32Array.from(mdp.reward)
  for (let row = 0; row < rows; row++) {
    const from = rowStart[row]!
    const to = rowStart[row + 1]!
    for (let k = from; k < to; k++) {
      successor[row * width + k - from] = next[k]!
      discounted[row * width + k - from] = discount * probability[k]!
    }
    const ends = terminal[Math.floor(row / numActions)] === 1 && row % numActions === 0
    if (from === to) reward[row] = ends ? 0 : ILLEGAL_VALUE
  }
  return { width, successor, discounted, reward }
}

function checkSize(where: string, rows: number, width: number, outcomes: number, maxBytes: number): void {
  const bytes = rows * width * BYTES_A_PLACE
  if (bytes <= maxBytes) return
  const gigabytes = (n: number) => `${(n / 1e9).toPrecision(2)} GB`
  throw new NotEnumerableError(
    `${where}: expected a sweep within ${gigabytes(maxBytes)}, but ${rows} rows padded to the longest, of ${width} outcomes, take ${gigabytes(bytes)} (${gigabytes(outcomes * BYTES_A_PLACE)} without padding); plan on arrays, or allow more (maxBytes)`,
  )
}
