/**
 * Stochastic shortest paths: discount 1, episodes that end (Bertsekas and Tsitsiklis 1991, "An analysis of stochastic
 * shortest path problems"). V* is the best total reward among proper policies: those that end with probability 1.
 *
 * States that can be moved between for ever at reward 0 are taken together first (shortest-path-model.ts), which leaves no
 * ties between ending and going round: where the rest is free, the plan ends. Then policy iteration from a proper policy;
 * an improvement that would never end is taken back, and if nothing else is left to improve the problem is refused.
 *
 * Bounds. Lower: with the residual r of a policy's value v, V^policy >= v + min r T, T the expected steps to the end; any
 * w with w - P w >= 1/2 bounds T <= 2 w. Upper: every u >= L u is >= V*; u is the value of the same problem with every reward
 * raised by a little, `bonus`, which leaves room for rounding. That problem is bounded only where no cycle is nearly free.
 */
import { IterationLimitError, ModelError } from '#env/errors.js'
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { checkEpsilon } from './discount.js'
import { expectation } from './expectation.js'
import { LinearSolver } from './linear-system.js'
import { checkResolution, limitReached } from './optimality-sweep.js'
import type { Plan, Planner, PlanOptions } from './planner.js'
import { PolicyRows } from './policy-rows.js'
import { backupError, largestSize, type ModelPrecision, measurePrecision } from './rounding.js'
import { rowsTowards } from './row-graph.js'
import { type ShortestPathModel, shortestPathModel } from './shortest-path-model.js'

const WHERE = 'stochasticShortestPath'

/**
 * The best total reward until the end, and a proper policy within epsilon of it; `iterations` are evaluations, at most
 * 10,000 unless told otherwise. The discount must be 1.
 * @throws ModelError when the discount isn't 1, some state can't reach the end, or never ending is no worse than ending
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function stochasticShortestPath(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon, maxIterations = 10_000 } = options
  if (discount !== 1) {
    throw new ModelError(`${WHERE}: expected discount 1, got ${discount}; use a discounted planner below 1`)
  }
  checkEpsilon(WHERE, epsilon)
  checkMdp(mdp)
  const model = shortestPathModel(mdp)
  const search = new ProperPolicies(model, measurePrecision(mdp), options, maxIterations)
  const chosen = model.properRows.slice()
  const value = new Float64Array(model.numGroups)
  const steps = new Float64Array(model.numGroups)
  for (let bonus = epsilon / 8; ; ) {
    search.improve(chosen, value, 0, bonus)
    const low = search.lower(chosen, value, steps)
    const best = chosen.slice()
    // A guess at how far the bonus carries; what it came to is measured below.
    bonus = Math.min(bonus, epsilon / (8 * largestSize(steps) + 8))
    const u = value.slice()
    search.improve(chosen, u, bonus, bonus)
    const apart = u.reduce((most, v, g) => Math.max(most, v - low[g]!), 0)
    if (apart <= epsilon) {
      checkStaying(model, u)
      return spread(model, low, u, best, search.evaluations)
    }
    chosen.set(best)
    bonus *= 0.5 * Math.min(0.5, epsilon / apart)
  }
}

/** `stochasticShortestPath` behind the contract. */
export const stochasticShortestPathPlanner: Planner = { name: 'stochastic-shortest-path', plan: stochasticShortestPath }

/** Policy iteration among the policies that end. A policy is one row a group. */
class ProperPolicies {
  evaluations = 0
  readonly #model: ShortestPathModel
  readonly #precision: ModelPrecision
  readonly #options: PlanOptions
  readonly #limit: number
  readonly #solver = new LinearSolver('max')
  readonly #rows = new PolicyRows()
  /** i32 [nonzeros], the group of each successor. */
  readonly #next: Int32Array

  constructor(model: ShortestPathModel, precision: ModelPrecision, options: PlanOptions, limit: number) {
    this.#model = model
    this.#precision = precision
    this.#options = options
    this.#limit = limit
    this.#next = model.mdp.successor.map((next) => model.groupOf[next]!)
  }

  /**
   * Improves `chosen` until no row is better by more than half of `accuracy`; `value` becomes the policy's, its residual at
   * most an eighth of `accuracy`. Rewards are raised by `bonus`.
   */
  improve(chosen: Int32Array, value: Float64Array, bonus: number, accuracy: number): void {
    const { firstRow, rows, ends, free } = this.#model
    for (;;) {
      if (this.evaluations === this.#limit) throw limitReached(WHERE, this.#options, this.#limit, 'evaluations')
      this.evaluations++
      this.#solve(chosen, value, (row) => this.#model.mdp.reward[row]! + bonus, accuracy / 8)
      const before = chosen.slice()
      let worst = -1
      for (let g = 0; g < ends.length; g++) {
        let best = value[g]! + accuracy / 2
        for (let k = firstRow[g]!; k < firstRow[g + 1]!; k++) {
          const q = this.#backup(rows[k]!, value) + bonus
          if (q <= best) continue
          best = q
          chosen[g] = rows[k]!
          worst = g
        }
      }
      if (worst === -1) {
        const rounding = backupError(this.#precision, 1, largestSize(value))
        checkResolution(WHERE, this.#options, (8 * rounding * this.#options.epsilon) / accuracy)
        return
      }
      if (this.#keepProper(chosen, before)) continue
      const staying = free[worst] === 1 ? 'moving about at reward 0' : 'never ending'
      const state = this.#model.mdp.stateIds[this.#model.groupOf.indexOf(worst)]
      throw new ModelError(
        `${WHERE}: expected policies that never end to lose reward for ever, but near state ${state} ${staying} is as good as ending or better, so no best total exists; make each step cost something, or use a discount below 1`,
      )
    }
  }

  /** Lower bounds of the policy's value. `steps` becomes about the expected steps until the end. */
  lower(chosen: Int32Array, value: Float64Array, steps: Float64Array): Float64Array {
    this.#solve(chosen, steps, () => 1, 0.25)
    const rounding = backupError(this.#precision, 1, largestSize(value))
    let least = 0
    chosen.forEach((row, g) => {
      if (row !== -1) least = Math.min(least, this.#backup(row, value) - value[g]! - rounding)
    })
    return value.map((v, g) => (chosen[g] === -1 ? 0 : v + 2 * least * steps[g]!))
  }

  /** Takes back the changes that keep a policy from ending; returns whether any change is left. */
  #keepProper(chosen: Int32Array, before: Int32Array): boolean {
    const used = chosen.filter((row) => row !== -1)
    const towards = rowsTowards(this.#model, used, this.#model.ends)
    let changed = false
    for (let g = 0; g < chosen.length; g++) {
      if (towards[g] === -1) chosen[g] = before[g]!
      if (chosen[g] !== before[g]) changed = true
    }
    return changed
  }

  #backup(row: number, value: Float64Array): number {
    const { rowStart, probability, reward } = this.#model.mdp
    return reward[row]! + expectation(probability, this.#next, value, rowStart[row]!, rowStart[row + 1]!)
  }

  #solve(chosen: Int32Array, value: Float64Array, rewardOf: (row: number) => number, tolerance: number): void {
    const { mdp, numGroups } = this.#model
    const between = { ...mdp, successor: this.#next }
    const b = new Float64Array(numGroups)
    this.#rows.beginRows(numGroups)
    chosen.forEach((row, g) => {
      this.#rows.beginRow(g)
      if (row === -1) return
      this.#rows.addRow(between, g, row)
      b[g] = rewardOf(row)
    })
    const residual = this.#solver.solve(this.#rows, 1, b, value, tolerance)
    if (residual <= tolerance) return
    throw new IterationLimitError(
      `${WHERE}: expected a residual of at most ${tolerance.toExponential(1)}, but rounding in f64 leaves ${residual.toExponential(1)} here; ask for a larger epsilon`,
    )
  }
}

/** @throws ModelError where staying for ever at reward 0 is better than the best way to the end */
function checkStaying({ mdp, groupOf, free }: ShortestPathModel, upper: Float64Array): void {
  const group = upper.findIndex((v, g) => free[g] === 1 && v < 0)
  if (group === -1) return
  throw new ModelError(
    `${WHERE}: expected ending to be no worse than staying, but near state ${mdp.stateIds[groupOf.indexOf(group)]} one can move about for ever at reward 0 while ending is worth ${upper[group]} at best; make each step cost something, or use a discount below 1`,
  )
}

function spread(
  model: ShortestPathModel,
  low: Float64Array,
  high: Float64Array,
  chosen: Int32Array,
  iterations: number,
): Plan {
  const { groupOf, ends } = model
  const perState = (of: (g: number) => number) => Float64Array.from(groupOf, (g) => (ends[g] === 1 ? 0 : of(g)))
  return {
    value: perState((g) => (low[g]! + high[g]!) / 2),
    policy: model.actions(chosen),
    lower: perState((g) => low[g]!),
    upper: perState((g) => high[g]!),
    iterations,
    method: 'stochastic-shortest-path',
  }
}
