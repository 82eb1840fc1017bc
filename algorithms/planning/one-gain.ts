/**
 * The best average reward of a model in which it is the same from every state (weakly communicating: one set of states that can
 * be stayed in, which can all reach one another, and states that are left for good), by relative value iteration (White 1963;
 * Puterman 1994, section 8.5.4).
 *
 * Sweeps are made on the aperiodic model of section 8.5.4: with probability 1 - tau nothing happens, rewards are tau times
 * as large, and so is the gain. For d = L v - v of any v, min d <= g^policy <= g* <= max d (theorem 8.5.5), so the policy
 * is within span(d) of optimal; v is kept near 0 by taking off its value in state 0.
 *
 * Sweeps take as long as a chain takes to mix. Where they haven't come near enough after some, small models are handed to policy
 * iteration with direct solves (gain-iteration.ts), to which slow chains are like any other.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { FEW_NODES } from './chain-gain.js'
import { gainIteration } from './gain-iteration.js'
import { checkResolution, limitReached, sweep } from './optimality-sweep.js'
import { backupError, largestSize, measurePrecision } from './rounding.js'

export interface OneGainOptions {
  /** How far apart the bounds may be; reward units a step, > 0. */
  readonly epsilon: number
  /** Most sweeps. */
  readonly maxIterations: number
  /** Roundings that each number of a row has gone through before. */
  readonly roundings: number
}

export interface OneGain {
  /** lower <= gain of the policy <= best gain <= upper. */
  readonly lower: number
  readonly upper: number
  /** f64 [S], reward units; up to a constant. */
  readonly bias: Float64Array
  /** i32 [S] */
  readonly policy: Int32Array
  readonly iterations: number
  readonly method: 'relative-value-iteration' | 'policy-iteration'
}

/** tau: how often the aperiodic model moves. */
const MOVES = 0.5
/** Sweeps after which a small model counts as one that mixes slowly. */
const PATIENCE = 1000

/**
 * @param mdp - which has passed its checks, weakly communicating, without terminal states or times
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function oneGain(mdp: TabularMdp, { epsilon, maxIterations, roundings }: OneGainOptions): OneGain {
  const measured = measurePrecision(mdp)
  const precision = { ...measured, maxRowLength: measured.maxRowLength + roundings }
  const misses = Math.max(precision.maxRowSum - 1, 1 - precision.minRowSum)
  const limits = { discount: 1, epsilon }
  const value = new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  let solved = mdp.numStates > FEW_NODES
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    sweep(mdp, 1, value, next, policy)
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let s = 0; s < next.length; s++) {
      const change = next[s]! - value[s]!
      least = Math.min(least, change)
      most = Math.max(most, change)
    }
    const size = largestSize(value)
    const slack = backupError(precision, 1, size) + misses * size
    const [lower, upper] = [least - slack, most + slack]
    if (upper - lower <= epsilon) {
      return { lower, upper, bias: next, policy, iterations, method: 'relative-value-iteration' }
    }
    const resolution = 2 * slack
    if (!solved && (iterations >= PATIENCE || resolution > epsilon)) {
      solved = true
      const found = gainIteration(mdp, { policy, epsilon, roundings })
      if (found.upper - found.lower <= epsilon) {
        return { ...found, iterations: iterations + found.iterations, method: 'policy-iteration' }
      }
    }
    checkResolution('averageReward', limits, resolution)
    for (let s = 0; s < value.length; s++) value[s]! += MOVES * (next[s]! - value[s]!)
    const reference = value[0]!
    for (let s = 0; s < value.length; s++) value[s]! -= reference
  }
  throw limitReached('averageReward', limits, maxIterations, 'sweeps')
}
