import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { checkDiscount, checkEpsilon } from './discount.js'
import { type ModelPrecision, measurePrecision } from './rounding.js'

export interface PlanOptions {
  /** gamma: in [0, 1) for the discounted planners; each planner says what else it takes. */
  readonly discount: number
  /** How far from optimal the policy may be, in every state; reward units, > 0. */
  readonly epsilon: number
  /** Most iterations. Each planner has a default that a solvable problem doesn't meet. */
  readonly maxIterations?: number
}

/** What a planner found. Arrays are per state, [S], reward units; terminal states have value 0. */
export interface Plan {
  /** The middle of the bounds: within epsilon / 2 of V*. */
  readonly value: Float64Array
  /** i32, epsilon-optimal from every state; -1 in terminal states. */
  readonly policy: Int32Array
  /** lower <= V^policy <= V* <= upper; what f64 rounds is included. */
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Sweeps, or improvements of the policy, as the method counts. */
  readonly iterations: number
  /** The method that found it. */
  readonly method: string
  /** Why this method, where it was chosen for the caller. */
  readonly reason?: string
}

/**
 * Exact planning in a finite model. `plan` stops when the distance between its bounds is at most epsilon in every state;
 * it never answers with less.
 */
export interface Planner {
  /** Its method, such as `policy-iteration`. */
  readonly name: string
  /**
   * @throws ModelError when the model, the discount or epsilon isn't one that this method takes
   * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
   */
  plan(mdp: TabularMdp, options: PlanOptions): Plan
}

/** As `Planner`, for methods whose sweeps run elsewhere: on a device or in workers. */
export interface AsyncPlanner {
  readonly name: string
  /** Rejects with what `Planner.plan` throws. */
  plan(mdp: TabularMdp, options: PlanOptions): Promise<Plan>
}

/**
 * The checks that every discounted planner begins with.
 * @param where - the planner, for messages
 * @throws ShapeError or ModelError for a broken model, a discount outside [0, 1) or an epsilon that isn't positive
 */
export function checkDiscounted(where: string, mdp: TabularMdp, { discount, epsilon }: PlanOptions): ModelPrecision {
  checkDiscount(where, discount)
  checkEpsilon(where, epsilon)
  checkMdp(mdp)
  const precision = measurePrecision(mdp)
  checkDiscount(`${where} (discount times the largest row sum)`, discount * precision.maxRowSum)
  return precision
}
