/**
 * Average reward by relative value iteration (White 1963; Puterman 1994, section 8.5.4).
 *
 * Sweeps are made on the aperiodic model of section 8.5.4: with probability 1 - tau nothing happens, rewards are tau times
 * as large, and so is the gain. For d = L v - v of any v, min d <= g^policy <= g* <= max d (theorem 8.5.5), so the policy
 * is within span(d) of optimal; v is kept near 0 by taking off its value in state 0. A terminal state is absorbing with reward 0.
 * Where steps take time, averages are per unit of time: the sweeps are made on the model of rates (rate-model.ts).
 *
 * One number is the gain of every state only where the model is weakly communicating: one closed set of states that can all
 * reach one another, and states that are left for good. Others (multichain in general) are refused before sweeping.
 */
import { ModelError } from '#env/errors.js'
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { checkEpsilon } from './discount.js'
import { endComponents } from './end-components.js'
import { checkResolution, limitReached, sweep } from './optimality-sweep.js'
import { rateModel } from './rate-model.js'
import { backupError, largestSize, measurePrecision } from './rounding.js'

export interface AverageRewardOptions {
  /** How far from the best gain the policy may be; reward units a unit of time, > 0. */
  readonly epsilon: number
  /** Most sweeps. Default 1,000,000. */
  readonly maxIterations?: number
}

export interface AverageRewardPlan {
  /** Reward a unit of time in the long run, a step where all take 1; the same from every state. The middle of the bounds. */
  readonly gain: number
  /** lower <= gain of the policy <= best gain <= upper. */
  readonly lower: number
  readonly upper: number
  /** f64 [S], relative values (bias), reward units; 0 in state 0. Not bounded. */
  readonly relativeValue: Float64Array
  /** i32 [S], epsilon-optimal; -1 in terminal states. */
  readonly policy: Int32Array
  readonly iterations: number
  readonly method: 'relative-value-iteration'
}

/** tau: how often the aperiodic model moves. */
const MOVES = 0.5

/**
 * The best average reward and a policy within epsilon of it.
 * @throws ModelError when the model is broken, or isn't weakly communicating (two sets of states that can each be stayed in)
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function averageReward(mdp: TabularMdp, options: AverageRewardOptions): AverageRewardPlan {
  const { epsilon, maxIterations = 1_000_000 } = options
  checkEpsilon('averageReward', epsilon)
  checkMdp(mdp)
  checkOneClass(mdp)
  const { mdp: rates, scale } = rateModel(mdp)
  const measured = measurePrecision(rates)
  // Where steps take time, each number of a row has been rounded a few times more.
  const precision = rates === mdp ? measured : { ...measured, maxRowLength: measured.maxRowLength + 16 }
  const misses = Math.max(precision.maxRowSum - 1, 1 - precision.minRowSum)
  const limits = { discount: 1, epsilon }
  const value = new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    // In terminal states `next` stays what `value` is: absorbing, reward 0.
    next.set(value)
    sweep(rates, 1, value, next, policy)
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let s = 0; s < next.length; s++) {
      const change = next[s]! - value[s]!
      least = Math.min(least, change)
      most = Math.max(most, change)
    }
    const size = largestSize(value)
    const slack = backupError(precision, 1, size) + misses * size
    const lower = least - slack
    const upper = most + slack
    if (upper - lower <= epsilon) {
      const relativeValue = next.map((v) => scale * (v - next[0]!))
      return {
        gain: (lower + upper) / 2,
        lower,
        upper,
        relativeValue,
        policy,
        iterations,
        method: 'relative-value-iteration',
      }
    }
    checkResolution('averageReward', limits, 2 * slack)
    for (let s = 0; s < value.length; s++) value[s]! += MOVES * (next[s]! - value[s]!)
    const reference = value[0]!
    for (let s = 0; s < value.length; s++) value[s]! -= reference
  }
  throw limitReached('averageReward', limits, maxIterations, 'sweeps')
}

/** @throws ModelError unless there is one set of states only that can be stayed in */
function checkOneClass(mdp: TabularMdp): void {
  const { count, component } = endComponents(mdp)
  const members = Array.from({ length: count }, (_, c) => component.indexOf(c))
  mdp.terminal.forEach((end, s) => {
    if (end === 1) members.push(s)
  })
  if (members.length === 1) return
  const [a, b] = members.map((s) => mdp.stateIds[s]) as [number, number]
  throw new ModelError(
    `averageReward: expected one set of states that can be stayed in, got ${members.length} (multichain; such as those of states ${a} and ${b}): the best average differs between states; use a discount near 1, or join the sets`,
  )
}
