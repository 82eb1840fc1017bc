/**
 * The total reward of a chain without discount: V = R + P V where rewards come to an end (Puterman 1994, section 7.1).
 *
 * A node is settled where it is terminal or nothing is earned any more, ever: value 0. From a node whose every way leads to
 * settled ones with probability 1 the total is finite, and solves the equations on those nodes. From any other node the chain
 * may go round for ever among rewards: no finite total.
 *
 * Bound on the error: with the residual r of v, |v - V| <= max |r| T, T the expected steps until settled; any w with
 * w - P w >= c > 0 bounds T <= w / c (as for stochastic shortest paths).
 */
import { IterationLimitError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { partOf } from './chain-part.js'
import { endComponents } from './end-components.js'
import type { LinearSolver, SparseRows } from './linear-system.js'
import { Reachability } from './reachability.js'
import { backupError, largestSize, leastReward, type ModelPrecision } from './rounding.js'

/** A Markov chain with rewards. */
export interface RewardChain extends SparseRows {
  /** f64 [nodes] or longer, expected reward of leaving a node. */
  readonly reward: Float64Array
}

export interface TotalRewardOptions {
  /** Number of nodes. */
  readonly size: number
  /** Of the chain's rows, for what f64 rounds. */
  readonly precision: ModelPrecision
  readonly solver: LinearSolver
  /** Largest error aimed at, reward units. */
  readonly epsilon: number
}

/**
 * @param value - f64 [nodes], first guesses; on return the total reward from each node. Where there is none: -Infinity if
 * what is earned for ever is only losses, Infinity if only gains, NaN if both.
 * @returns bound on the error of every finite number
 * @throws IterationLimitError when f64 can't tell how long the chain takes to settle
 */
export function totalReward(chain: RewardChain, value: Float64Array, options: TotalRewardOptions): number {
  const { size, precision, solver, epsilon } = options
  const where = new Reachability(chain, size)
  const nodes = (holds: (node: number) => boolean) => Uint8Array.from({ length: size }, (_, i) => (holds(i) ? 1 : 0))
  const least = leastReward(precision.maxReward)
  const earns = where.to(nodes((i) => Math.abs(chain.reward[i]!) > least))
  const settles = where.to(nodes((i) => earns[i] === 0))
  const losing = where.to(nodes((i) => settles[i] === 0 && chain.reward[i]! < -least))
  const gaining = where.to(nodes((i) => settles[i] === 0 && chain.reward[i]! > least))
  const unknown = Int32Array.from({ length: size }, (_, i) => i).filter(
    (i) => earns[i] === 1 && losing[i] === 0 && gaining[i] === 0,
  )
  const part = partOf(chain, unknown, size)
  const total = Float64Array.from(unknown, (node) => (Number.isFinite(value[node]) ? value[node]! : 0))
  const steps = new Float64Array(unknown.length)
  const ones = new Float64Array(unknown.length).fill(1)
  const slack = solver.solve(part, 1, ones, steps, 0.25)
  const left = 1 - slack - backupError({ ...precision, maxReward: 1 }, 1, largestSize(steps))
  if (!(left >= 0.5)) {
    throw new IterationLimitError(
      `evaluatePolicy: the policy takes too long to end, about ${largestSize(steps).toExponential(1)} steps, for its total reward to be computed in f64; use a discount below 1`,
    )
  }
  const longest = largestSize(steps) / left
  const rewards = Float64Array.from(unknown, (node) => chain.reward[node]!)
  // Aim at half of epsilon, so that what rounding adds finds room.
  const residual = solver.solve(part, 1, rewards, total, (0.5 * epsilon) / Math.max(1, longest))
  for (let i = 0; i < size; i++) {
    const [down, up] = [losing[i] === 1, gaining[i] === 1]
    value[i] = down ? (up ? Number.NaN : Number.NEGATIVE_INFINITY) : up ? Number.POSITIVE_INFINITY : 0
  }
  unknown.forEach((node, k) => {
    value[node] = total[k]!
  })
  return (residual + backupError(precision, 1, largestSize(total))) * longest
}

/** Whether every policy of a model has a finite total reward: wherever one can stay for ever, nothing is earned. */
export function everyTotalIsFinite(mdp: TabularMdp): boolean {
  const { stays } = endComponents(mdp)
  const least = leastReward(largestSize(mdp.reward))
  return mdp.reward.every((reward, row) => stays[row] === 0 || Math.abs(reward) <= least)
}
