import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectationRoundings } from './expectation.js'

/** What f64 arithmetic and row sums that miss 1 by a little do to a model: the constants of honest error bounds. */
export interface ModelPrecision {
  /** Smallest and largest sum of a row of probabilities, rounding of the sum itself included. */
  readonly minRowSum: number
  readonly maxRowSum: number
  /** Largest |reward| of a legal row. */
  readonly maxReward: number
  /** Most entries of a row. */
  readonly maxRowLength: number
}

/** Unit roundoff of f64. */
const UNIT_ROUNDOFF = Number.EPSILON / 2

/** Reads a model once. */
export function measurePrecision(mdp: TabularMdp): ModelPrecision {
  const { rowStart, probability, reward } = mdp
  let minRowSum = 1
  let maxRowSum = 1
  let maxReward = 0
  let maxRowLength = 0
  for (let row = 0; row < reward.length; row++) {
    const from = rowStart[row]!
    const to = rowStart[row + 1]!
    if (from === to) continue
    const sum = compensatedSum(probability, from, to)
    minRowSum = Math.min(minRowSum, sum - Number.EPSILON)
    maxRowSum = Math.max(maxRowSum, sum + Number.EPSILON)
    maxReward = Math.max(maxReward, Math.abs(reward[row]!))
    maxRowLength = Math.max(maxRowLength, to - from)
  }
  return { minRowSum, maxRowSum, maxReward, maxRowLength }
}

/**
 * Bound on the rounding error of one backup, fl(r + gamma * sum p v) against the exact number: the standard bound of a sum
 * of products (Higham 2002, section 3.1), and the last operations.
 * @param maxValue - largest |v| that enters, reward units
 */
export function backupError(precision: ModelPrecision, discount: number, maxValue: number): number {
  const roundings = expectationRoundings(precision.maxRowLength) + 4
  return roundings * UNIT_ROUNDOFF * (precision.maxReward + discount * precision.maxRowSum * maxValue)
}

/**
 * Rewards up to this size are what rounding leaves of a mean of 0, such as .1 x 3 + .2 x 2 - .7 x 1. Without discount a mere
 * 1e-17 for ever would be without bound.
 * @param largest - largest |reward| of the model
 */
export function leastReward(largest: number): number {
  return 8 * Number.EPSILON * largest
}

/** Neumaier's sum: the exact one but for its last rounding, whatever the length of the row. */
function compensatedSum(values: Float64Array, from: number, to: number): number {
  let sum = 0
  let lost = 0
  for (let k = from; k < to; k++) {
    const value = values[k]!
    const next = sum + value
    lost += sum >= value ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}

/** Largest |v|. */
export function largestSize(value: Float64Array): number {
  let max = 0
  for (const v of value) max = Math.max(max, Math.abs(v))
  return max
}
