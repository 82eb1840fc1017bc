/**
 * Stochastic shortest paths: discount 1, episodes that end (Bertsekas and Tsitsiklis 1991, "An analysis of stochastic
 * shortest path problems"). V* is the best expected total reward among proper policies: those that end with probability 1.
 *
 * Policies that never end have a total only where they earn nothing any more from some time on (Puterman 1994, section 7.1). Where
 * that is better than ending, the problem is refused, as no policy that ends is best; so it is where going round gains
 * for ever. Going round rewards that sum to 0, such as 1 and -1, has no total: it swings. It is no better than ending, however
 * high it swings, and no reason to refuse.
 *
 * States that can be moved between for ever at no gain and no loss are taken together first (shortest-path-model.ts), which leaves
 * no ties between ending and going round: where the rest is free, the plan ends. Then policy iteration from a proper policy:
 * what never ends loses for ever now, so that no improvement leads there.
 *
 * Bounds hold for the model in which rounds whose rewards sum to 0 but for rounding do so exactly. Lower: with the residual r of a policy's value v, V^policy >= v + min r T, T the expected steps to the end; any
 * w with w - P w >= 1/2 bounds T <= 2 w. Upper: every u >= L u is >= V*; u is the value of the same problem with every reward
 * raised by a little, `bonus`, which leaves room for rounding. That problem is bounded only where no
 * cycle costs less than the bonus, which is made smaller until none does.
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
 * @throws ModelError when the discount isn't 1, some state can't reach the end, or never ending is better than ending
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
    const tooCheap = search.improve(chosen, value, 0, bonus)
    if (tooCheap !== null) throw tooCheap
    const low = search.lower(chosen, value, steps)
    const best = chosen.slice()
    // A guess at how far the bonus carries; what it came to is measured below.
    bonus = Math.min(bonus, epsilon / (8 * largestSize(steps) + 8))
    const u = value.slice()
    const roundGains = search.improve(chosen, u, bonus, bonus)
    if (roundGains !== null) {
      // A smaller bonus leaves more rounds at a cost, as long as f64 tells it from nothing.
      chosen.set(best)
      bonus /= 4
      if (bonus < 8 * search.rounding(value)) throw roundGains
      continue
    }
    const apart = u.reduce((most, v, g) => Math.max(most, v - low[g]!), 0)
    if (apart <= epsilon) {
      const plan = spread(model, low, u, best, search.evaluations)
      checkIdling(model, plan.upper)
      return plan
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
   * @returns what to refuse the problem with where going round gains so, as no policy is best then; null otherwise
   */
  improve(chosen: Int32Array, value: Float64Array, bonus: number, accuracy: number): IterationLimitError | null {
    const { firstRow, rows, ends } = this.#model
    for (;;) {
      if (this.evaluations === this.#limit) throw limitReached(WHERE, this.#options, this.#limit, 'evaluations')
      this.evaluations++
      this.#solve(chosen, value, (row) => this.#model.reward[row]! + bonus, accuracy / 8)
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
        const rounding = this.rounding(value)
        checkResolution(WHERE, this.#options, (8 * rounding * this.#options.epsilon) / accuracy)
        return null
      }
      if (this.#keepProper(chosen, before)) continue
      // Rounds that gain were refused before: the bonus, or rounding, makes one of a cost that is next to nothing gain.
      const state = this.#model.mdp.stateIds[this.#model.groupOf.indexOf(worst)]
      return new IterationLimitError(
        `${WHERE}: going round near state ${state} costs too little for f64 to tell it from a gain; make each step cost more, or use a discount below 1`,
      )
    }
  }

  /** Lower bounds of the policy's value. `steps` becomes about the expected steps until the end. */
  lower(chosen: Int32Array, value: Float64Array, steps: Float64Array): Float64Array {
    this.#solve(chosen, steps, () => 1, 0.25)
    const rounding = this.rounding(value)
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

  /** Bound on what a backup of these values rounds. */
  rounding(value: Float64Array): number {
    return backupError(this.#precision, 1, largestSize(value)) + this.#model.rewardError
  }

  #backup(row: number, value: Float64Array): number {
    const { rowStart, probability } = this.#model.mdp
    return this.#model.reward[row]! + expectation(probability, this.#next, value, rowStart[row]!, rowStart[row + 1]!)
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

/** @throws ModelError where earning nothing for ever is better than the best way to the end */
function checkIdling({ mdp, idles }: ShortestPathModel, upper: Float64Array): void {
  const state = upper.findIndex((v, s) => idles[s] === 1 && v < 0)
  if (state === -1) return
  throw new ModelError(
    `${WHERE}: expected ending to be no worse than staying, but near state ${mdp.stateIds[state]} one can move about for ever at reward 0 while ending is worth ${upper[state]} at best; make each step cost something, or use a discount below 1`,
  )
}

function spread(
  model: ShortestPathModel,
  low: Float64Array,
  high: Float64Array,
  chosen: Int32Array,
  iterations: number,
): Plan {
  const { groupOf, ends, potential } = model
  const perState = (of: (g: number) => number, rounded: number) =>
    Float64Array.from(groupOf, (g, s) => {
      if (ends[g] === 1) return 0
      const [v, h] = [of(g), potential[s]!]
      return h === 0 ? v : v + h + rounded * Number.EPSILON * (Math.abs(v) + Math.abs(h))
    })
  return {
    value: perState((g) => (low[g]! + high[g]!) / 2, 0),
    policy: model.actions(chosen),
    lower: perState((g) => low[g]!, -1),
    upper: perState((g) => high[g]!, 1),
    iterations,
    method: 'stochastic-shortest-path',
  }
}
