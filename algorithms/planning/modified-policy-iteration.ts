/**
 * Modified policy iteration (Puterman and Shin 1978; Puterman 1994, section 6.5): between two improvements the value of
 * the policy is approached by a few sweeps of its own rows, which cost a fraction 1 / A of a sweep over all actions.
 *
 * The first policy is the myopic one, argmax r (the book's step 1). Two searches may follow, and which of them is short can't be
 * told beforehand:
 * - near: Jacobi sweeps evaluate until their span is a tenth of the improvement's. The span forgets what all values have in
 *   common, so this is short where a chain mixes, however near gamma is to 1.
 * - far: Gauss-Seidel sweeps in alternating directions improve and evaluate (gauss-seidel-sweep.ts), from values too low: from
 *   there what is found stays found. This is short where values travel far to states that end, as in grids.
 * The near search goes first. While its span shrinks slowly the two take turns, each as long as all turns before together, so
 * that neither is waited for longer than a few times the other. Work is counted in rows, not in seconds: the same for any number
 * of threads. Whatever the way, values are free: the answer is a Jacobi sweep over all actions and its bounds
 * (optimality-sweep.ts).
 */

import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { power } from '#env/power.js'
import { addConstant, type Direction, evaluateInPlace, improveInPlace, raiseLive } from './gauss-seidel-sweep.js'
import {
  boundedPlan,
  type Corrections,
  changeOf,
  checkResolution,
  corrections,
  JacobiSweeps,
  limitReached,
  type PolicySweeps,
} from './optimality-sweep.js'
import { planInUnitTime } from './plan-in-unit-time.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'
import { backupError, largestSize, type ModelPrecision } from './rounding.js'

const WHERE = 'modifiedPolicyIteration'
/** Most sweeps of an evaluation: of Jacobi sweeps, and of Gauss-Seidel sweeps where the policy has settled or hasn't. */
const MAX_ORDER = 200
const SETTLED_ORDER = 200
const SHORT_ORDER = 20
/** An evaluation ends when its changes are this fraction of the improvement's. */
const FRACTION = 0.1
/** A span that shrinks by less in a sweep is one of values that may travel far; told once an evaluation has had a few. */
const SLOW = 0.9
const A_FEW = 4
/** The first turn, in sweeps of the policy's rows. */
const FIRST_TURN = 16

/** How to plan, beside what every planner is told. */
export interface ModifiedPolicyIterationOptions extends PlanOptions {
  /** Who carries out the Jacobi sweeps, such as a `SweepCrew`; the answer is the same. Default this thread alone. */
  readonly hands?: SweepHands
  /** f64 [S], a first guess of the values, such as those of a model that differs a little. Default: found from the rewards. */
  readonly initial?: Float64Array
}

/** Who carries out Jacobi sweeps. */
export interface SweepHands {
  sweepsOf(mdp: TabularMdp, discount: number): PolicySweeps
}

/**
 * The optimal values and an epsilon-optimal policy by modified policy iteration; `iterations` are sweeps over all actions,
 * at most 100,000 unless told otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function modifiedPolicyIteration(mdp: TabularMdp, options: ModifiedPolicyIterationOptions): Plan {
  return planInUnitTime(mdp, options, (mdp, { discount }) => {
    const asked = { ...options, discount }
    return new Search(mdp, asked, checkDiscounted(WHERE, mdp, asked)).run()
  })
}

/** `modifiedPolicyIteration` behind the contract. */
export const modifiedPolicyIterationPlanner: Planner = {
  name: 'modified-policy-iteration',
  plan: modifiedPolicyIteration,
}

/** Where one of the two searches stands. */
interface Stand {
  value: Float64Array
  readonly policy: Int32Array
}

class Search {
  readonly #mdp: TabularMdp
  readonly #options: ModifiedPolicyIterationOptions
  readonly #precision: ModelPrecision
  readonly #sweeps: PolicySweeps
  /** gamma / (1 - gamma) */
  readonly #horizon: number
  readonly #near: Stand
  /** Made when it is first needed. */
  #far: Stand | undefined
  /** Overwritten by every Jacobi sweep, of either search. */
  #next: Float64Array
  #iterations = 0
  /** Sweeps of the policy's rows so far, one over all actions being as many as there are actions. */
  #work = 0
  /** Of the near search: the span of its last improvement, how many sweeps of the policy followed, and their least change. */
  #span = Number.POSITIVE_INFINITY
  #order = 0
  #least = 0
  /** The change at which the far search asks for its bounds. */
  #settled: number

  constructor(mdp: TabularMdp, options: ModifiedPolicyIterationOptions, precision: ModelPrecision) {
    const { discount, epsilon } = options
    this.#mdp = mdp
    this.#options = options
    this.#precision = precision
    this.#sweeps = options.hands?.sweepsOf(mdp, discount) ?? new JacobiSweeps(mdp, discount)
    this.#horizon = discount / (1 - discount)
    this.#near = { value: this.#sweeps.newValues(), policy: this.#sweeps.newPolicy() }
    this.#next = this.#sweeps.newValues()
    this.#settled = (0.5 * epsilon) / Math.max(this.#horizon, 1)
  }

  run(): Plan {
    const { initial } = this.#options
    if (initial === undefined) {
      myopic(this.#mdp, this.#near.policy)
      this.#evaluate(0, FRACTION)
    } else {
      this.#near.value.set(initial)
    }
    for (let turn = FIRST_TURN; ; turn = this.#work) {
      const plan = this.#searchNear(this.#work + turn) ?? this.#searchFar(2 * this.#work)
      if (plan !== null) return plan
    }
  }

  /** Improves and evaluates by Jacobi sweeps, as long as the span shrinks fast; else null once so much work is done. */
  #searchNear(until: number): Plan | null {
    for (;;) {
      const stand = this.#near
      const found = this.#sweepAll(stand)
      if (found.above - found.below <= this.#options.epsilon) return this.#answer(stand, found)
      checkResolution(WHERE, this.#options, found.resolution)
      const { least, most } = changeOf(stand.value, this.#next)
      const span = most - least
      const slow = span > power(SLOW, 1 + this.#order) * this.#span
      this.#span = span
      this.#accept(stand)
      this.#evaluate(FRACTION * span, 0)
      if (slow && this.#work >= until) return null
    }
  }

  /** Improves and evaluates by Gauss-Seidel sweeps; null once so much work is done. */
  #searchFar(until: number): Plan | null {
    this.#far ??= this.#startFar()
    while (this.#work < until) {
      if (!this.#improveFar(this.#far)) continue
      const found = this.#sweepAll(this.#far)
      if (found.above - found.below <= this.#options.epsilon) return this.#answer(this.#far, found)
      this.#accept(this.#far)
      this.#settled *= 0.5
    }
    return null
  }

  /** A Jacobi sweep over all actions: its actions become the policy, its values are `next`. */
  #sweepAll({ value, policy }: Stand): Corrections {
    this.#count()
    this.#sweeps.optimal(value, this.#next, policy)
    return corrections(this.#options.discount, this.#precision, value, this.#next)
  }

  #answer({ policy }: Stand, found: Corrections): Plan {
    const { name } = modifiedPolicyIterationPlanner
    const spare = [this.#near, ...(this.#far === undefined ? [] : [this.#far])].map(({ value }) => value)
    return boundedPlan(this.#mdp, this.#next, found, policy, this.#iterations, name, spare)
  }

  /**
   * Jacobi sweeps of the policy, until their span is at most `target`, or a fraction `ofFirst` of the first one's; or shrinks
   * slowly while the far search hasn't been tried.
   */
  #evaluate(target: number, ofFirst: number): void {
    const stand = this.#near
    let before = Number.POSITIVE_INFINITY
    let goal = target
    for (this.#order = 0; this.#order < MAX_ORDER; ) {
      this.#work++
      this.#sweeps.ofPolicy(stand.value, this.#next, stand.policy)
      const { least, most } = changeOf(stand.value, this.#next)
      const span = most - least
      this.#accept(stand)
      this.#least = least
      if (this.#order++ === 0) goal = Math.max(target, ofFirst * span)
      if (span <= goal || (this.#far === undefined && this.#order > A_FEW && span > SLOW * before)) return
      before = span
    }
  }

  /** Begins where the near search stands, at the lower bound that its last sweep of the policy proves: no value is too high. */
  #startFar(): Stand {
    const { value, policy } = this.#near
    const far = { value: this.#sweeps.newValues(), policy: this.#sweeps.newPolicy() }
    far.value.set(value)
    far.policy.set(policy)
    raiseLive(this.#mdp, far.value, this.#least * this.#horizon)
    return far
  }

  /** Gauss-Seidel sweeps, back and forth, over all actions and then over the policy's. Returns whether they have settled. */
  #improveFar(stand: Stand): boolean {
    const { discount } = this.#options
    const { value, policy } = stand
    let largest = 0
    let actions = 0
    for (const direction of ['backward', 'forward'] satisfies Direction[]) {
      this.#count()
      const improved = improveInPlace(this.#mdp, discount, value, policy, direction)
      largest = improved.largest
      actions += improved.actions
    }
    if (largest <= Math.max(this.#settled, this.#rounding(value))) return true
    const order = actions === 0 ? SETTLED_ORDER : SHORT_ORDER
    const goal = actions === 0 ? 0.5 * this.#settled : FRACTION * largest
    for (let k = 0; k < order; k += 2) {
      this.#work += 2
      const back = evaluateInPlace(this.#mdp, discount, value, policy, 'backward')
      const forth = evaluateInPlace(this.#mdp, discount, value, policy, 'forward')
      if (Math.max(back, forth) <= goal) break
    }
    // The first levels out that early and late states of a Gauss-Seidel sweep differ, the second looks for a constant error.
    this.#work += 2
    this.#sweeps.ofPolicy(stand.value, this.#next, policy)
    this.#accept(stand)
    this.#sweeps.ofPolicy(stand.value, this.#next, policy)
    const { least, most } = changeOf(stand.value, this.#next)
    this.#accept(stand)
    addConstant(this.#mdp, discount, stand.value, least, most)
    return false
  }

  /** About what rounding moves a value by, sweep after sweep. */
  #rounding(value: Float64Array): number {
    return 2 * backupError(this.#precision, this.#options.discount, largestSize(value))
  }

  #accept(stand: Stand): void {
    ;[stand.value, this.#next] = [this.#next, stand.value]
  }

  /** A sweep over all actions. */
  #count(): void {
    const { maxIterations = 100_000 } = this.#options
    if (this.#iterations === maxIterations) throw limitReached(WHERE, this.#options, maxIterations, 'improvements')
    this.#iterations++
    this.#work += this.#mdp.numActions
  }
}

/** The policy of the largest reward at once; ties to the lowest action. */
function myopic({ numStates, numActions, rowStart, reward, terminal }: TabularMdp, policy: Int32Array): void {
  for (let s = 0, row = 0; s < numStates; s++) {
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++, row++) {
      if (terminal[s] === 1 || rowStart[row] === rowStart[row + 1] || !(reward[row]! > best)) continue
      best = reward[row]!
      policy[s] = a
    }
  }
}
