/**
 * Modified policy iteration (Puterman and Shin 1978; Puterman 1994, section 6.5): between two improvements the value of
 * the policy is approached by a few sweeps of its own rows, which cost a fraction 1 / A of a sweep over all actions.
 *
 * The first policy is the myopic one, argmax r (the book's step 1), evaluated by Jacobi sweeps. How their span shrinks says
 * how to go on, the same for any number of threads:
 * - it halves at each sweep, or better: Jacobi sweeps, until the span is a tenth of the improvement's;
 * - else values travel far. Gauss-Seidel sweeps in alternating directions improve and evaluate (gauss-seidel-sweep.ts), from
 *   values too low: from there what is found stays found, while values too high would fade by gamma a sweep only.
 * The order, how many sweeps an evaluation has, adapts, as section 6.5 allows. Whatever the way, values are free: the answer is
 * a Jacobi sweep over all actions and its bounds (optimality-sweep.ts).
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { addConstant, type Direction, evaluateInPlace, improveInPlace, raiseLive } from './gauss-seidel-sweep.js'
import {
  boundedPlan,
  changeOf,
  checkResolution,
  corrections,
  JacobiSweeps,
  limitReached,
  type PolicySweeps,
} from './optimality-sweep.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'
import { backupError, largestSize, type ModelPrecision, storageError } from './rounding.js'
import type { Values } from './row-values.js'

const WHERE = 'modifiedPolicyIteration'
/** Most sweeps of an evaluation: of Jacobi sweeps, and of Gauss-Seidel sweeps where the policy has settled or hasn't. */
const MAX_ORDER = 100
const SETTLED_ORDER = 200
const SHORT_ORDER = 20
/** An evaluation ends when its changes are this fraction of the improvement's. */
const FRACTION = 0.1
/** A span that shrinks by less in a sweep is one of values that travel far. */
const FAST = 0.5

/** How to plan, beside what every planner is told. */
export interface ModifiedPolicyIterationOptions extends PlanOptions {
  /**
   * What values are stored in while the search goes on: f32 takes half the memory. What it rounds is in the bounds; where it
   * keeps them further apart than epsilon the search goes on in f64. Default f64.
   */
  readonly precision?: 'f64' | 'f32'
  /** Who carries out the Jacobi sweeps, such as a `SweepCrew`; the answer is the same. Default this thread alone. */
  readonly hands?: SweepHands
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
  const precision = checkDiscounted(WHERE, mdp, options)
  return new Search(mdp, options, precision).run()
}

/** `modifiedPolicyIteration` behind the contract. */
export const modifiedPolicyIterationPlanner: Planner = {
  name: 'modified-policy-iteration',
  plan: modifiedPolicyIteration,
}

class Search {
  readonly #mdp: TabularMdp
  readonly #options: ModifiedPolicyIterationOptions
  readonly #precision: ModelPrecision
  readonly #sweeps: PolicySweeps
  /** gamma / (1 - gamma) */
  readonly #horizon: number
  readonly #policy: Int32Array
  #value: Values
  #next: Values
  #iterations = 0
  #far = false
  /** The change at which a Gauss-Seidel search asks for its bounds. */
  #settled: number

  constructor(mdp: TabularMdp, options: ModifiedPolicyIterationOptions, precision: ModelPrecision) {
    const { discount, epsilon } = options
    this.#mdp = mdp
    this.#options = options
    this.#precision = precision
    this.#sweeps = options.hands?.sweepsOf(mdp, discount) ?? new JacobiSweeps(mdp, discount)
    this.#horizon = discount / (1 - discount)
    this.#policy = this.#sweeps.newPolicy()
    const kind = options.precision ?? 'f64'
    this.#value = this.#sweeps.newValues(kind)
    this.#next = this.#sweeps.newValues(kind)
    this.#settled = (0.5 * epsilon) / Math.max(this.#horizon, 1)
  }

  run(): Plan {
    myopic(this.#mdp, this.#policy)
    this.#evaluate(0, FRACTION)
    for (;;) {
      if (this.#far && !this.#improveFar()) continue
      const plan = this.#certify()
      if (plan !== null) return plan
    }
  }

  /** A Jacobi sweep over all actions. Returns the plan if its bounds are close enough; else evaluates what it found. */
  #certify(): Plan | null {
    const { discount, epsilon } = this.#options
    this.#count()
    this.#sweeps.optimal(this.#value, this.#next, this.#policy)
    const found = corrections(discount, this.#precision, this.#value, this.#next)
    if (found.above - found.below <= epsilon) {
      const name = modifiedPolicyIterationPlanner.name
      return boundedPlan(this.#mdp, this.#next, found, this.#policy, this.#iterations, name)
    }
    if (this.#value instanceof Float32Array && found.resolution > 0.5 * epsilon) {
      this.#continueInF64()
    } else {
      checkResolution(WHERE, this.#options, found.resolution)
    }
    this.#settled *= 0.5
    if (this.#far) this.#accept()
    else {
      const { least, most } = changeOf(this.#value, this.#next)
      this.#accept()
      this.#evaluate(FRACTION * (most - least), 0)
    }
    return null
  }

  /**
   * Jacobi sweeps of the policy, until their span is at most `target`, or a fraction `ofFirst` of the first one's; or until it
   * is plain that values travel far.
   */
  #evaluate(target: number, ofFirst: number): void {
    let before = Number.POSITIVE_INFINITY
    let goal = target
    for (let order = 0; order < MAX_ORDER; order++) {
      this.#sweeps.ofPolicy(this.#value, this.#next, this.#policy)
      const { least, most } = changeOf(this.#value, this.#next)
      const span = most - least
      this.#accept()
      if (order === 0) goal = Math.max(target, ofFirst * span)
      if (span > FAST * before) {
        this.#far = true
        if (least < 0) raiseLive(this.#mdp, this.#value, least * this.#horizon)
        return
      }
      addConstant(this.#mdp, this.#options.discount, this.#value, least, most)
      if (span <= goal) return
      before = span
    }
  }

  /** Gauss-Seidel sweeps, back and forth, over all actions and then over the policy's. Returns whether they have settled. */
  #improveFar(): boolean {
    const { discount } = this.#options
    const value = this.#value
    let largest = 0
    let actions = 0
    for (const direction of ['backward', 'forward'] satisfies Direction[]) {
      this.#count()
      const improved = improveInPlace(this.#mdp, discount, value, this.#policy, direction)
      largest = improved.largest
      actions += improved.actions
    }
    if (largest <= Math.max(this.#settled, this.#rounding())) return true
    const order = actions === 0 ? SETTLED_ORDER : SHORT_ORDER
    const goal = actions === 0 ? 0.5 * this.#settled : FRACTION * largest
    for (let k = 0; k < order; k += 2) {
      const back = evaluateInPlace(this.#mdp, discount, value, this.#policy, 'backward')
      const forth = evaluateInPlace(this.#mdp, discount, value, this.#policy, 'forward')
      if (Math.max(back, forth) <= goal) break
    }
    // The first levels out that early and late states of a Gauss-Seidel sweep differ, the second looks for a constant error.
    this.#sweeps.ofPolicy(value, this.#next, this.#policy)
    this.#accept()
    this.#sweeps.ofPolicy(this.#value, this.#next, this.#policy)
    const { least, most } = changeOf(this.#value, this.#next)
    this.#accept()
    addConstant(this.#mdp, discount, this.#value, least, most)
    return false
  }

  /** About what rounding moves a value by, sweep after sweep. */
  #rounding(): number {
    const size = largestSize(this.#value)
    const stored = this.#value instanceof Float32Array ? storageError(size) : 0
    return 2 * (backupError(this.#precision, this.#options.discount, size) + stored)
  }

  #continueInF64(): void {
    const [value, next] = [this.#sweeps.newValues('f64'), this.#sweeps.newValues('f64')]
    value.set(this.#value)
    next.set(this.#next)
    this.#value = value
    this.#next = next
  }

  #accept(): void {
    ;[this.#value, this.#next] = [this.#next, this.#value]
  }

  #count(): void {
    const { maxIterations = 100_000 } = this.#options
    if (this.#iterations === maxIterations) throw limitReached(WHERE, this.#options, maxIterations, 'improvements')
    this.#iterations++
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
