/**
 * Exact value of a policy: (I - gamma P) V = R on the chain it makes (Puterman 1994, section 6.1), solved iteratively and
 * certified: for the residual r = R + gamma P V - V, |V - V^policy| <= max |r| / (1 - gamma) in every state. At gamma = 1
 * the total reward, which is finite where the policy comes to an end (total-reward.ts).
 */
import { IterationLimitError, ShapeError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import { checkDiscount, checkEpsilon } from './discount.js'
import { expectation } from './expectation.js'
import { LinearSolver } from './linear-system.js'
import { PolicyChain } from './policy-chain.js'
import { backupError, largestSize, type ModelPrecision, measurePrecision } from './rounding.js'
import { totalReward } from './total-reward.js'

export interface PolicyEvaluationOptions {
  /** gamma, in [0, 1]; at 1 only policies that end have finite values. */
  readonly discount: number
  /** Largest error of any value; reward units, > 0. Default 1e-9, or what f64 resolves where that is more. */
  readonly epsilon?: number
  /**
   * Instead of `epsilon`: the error aimed at as a share of the largest value, > 0. Where f64 resolves less, up to 1,000 times as
   * much is taken.
   */
  readonly relative?: number
  /** f64 [S], a first guess such as the value of a similar policy: saves time, changes nothing. */
  readonly initial?: Float64Array
  /**
   * Of a policy with memory: where its chain is looked for from. every-state: V is known in all states; start: in those only
   * that an episode starts in, which may be far fewer pairs of state and memory. Default every-state.
   */
  readonly from?: 'every-state' | 'start'
}

/** A policy's value. The chain of a policy with memory has the pairs of state and memory that can be reached, at most a million. */
export interface PolicyValue {
  /**
   * f64 [S], reward units; with the memory that an episode starts with, where the policy has memory (NaN in states that `from`
   * leaves out). Terminal states 0. At discount 1, states from which the policy may go on earning for ever have no finite value: -Infinity where that is only
   * losses, Infinity where only gains, NaN where both.
   */
  readonly value: Float64Array
  /** The value under the model's start distribution; not finite where that of a start state isn't. */
  readonly start: number
  /** Bound on the error of every finite number above. */
  readonly error: number
}

/**
 * The exact value of a policy on a joint model.
 * @throws IllegalActionError when the policy chooses an action that its mask forbids
 * @throws ModelError when the discount isn't in [0, 1], or the policy draws without saying its probabilities
 * @throws NotEnumerableError when a policy with memory makes too large a chain: evaluate by sampling
 * @throws IterationLimitError when f64 can't reach epsilon; ShapeError when `initial` isn't one number a state
 */
export function evaluatePolicy(mdp: JointMdp, policy: Policy, options: PolicyEvaluationOptions): PolicyValue {
  return new PolicyEvaluator(mdp, options.discount).evaluate(policy, options)
}

/** Evaluates many policies on one model, using its work arrays again. */
export class PolicyEvaluator {
  readonly mdp: JointMdp
  readonly discount: number
  /** The chain of the policy evaluated last. */
  readonly chain: PolicyChain
  readonly #precision: ModelPrecision
  readonly #solver = new LinearSolver('max')
  #value = new Float64Array(0)

  /** @throws ModelError unless the discount lies in [0, 1] */
  constructor(mdp: JointMdp, discount: number) {
    if (discount !== 1) checkDiscount('evaluatePolicy', discount)
    this.mdp = mdp
    this.discount = discount
    this.chain = new PolicyChain(mdp, discount)
    this.#precision = measurePrecision(this.chain.mdp)
    if (discount !== 1) {
      const factor = this.chain.discount * this.#precision.maxRowSum
      checkDiscount('evaluatePolicy (discount times the largest row sum)', factor)
    }
  }

  /** As `evaluatePolicy`. */
  evaluate(policy: Policy, options: Omit<PolicyEvaluationOptions, 'discount'> = {}): PolicyValue {
    this.chain.follow(policy, options.from)
    return this.#solve(options, options.initial)
  }

  /**
   * What a policy earns in its first steps, however long each takes: the value of episodes that are cut off there.
   * @param steps - an integer >= 1
   * @returns the value under the model's start distribution, and a bound on its error, reward units
   */
  startOverSteps(policy: Policy, steps: number): { readonly start: number; readonly error: number } {
    const { chain, mdp } = this
    chain.follow(policy, 'start')
    const { discount, first, next, probability, reward, numNodes } = chain
    const precision = chainPrecision(this.#precision, chain)
    let value = new Float64Array(numNodes)
    let after = new Float64Array(numNodes)
    let error = 0
    for (let step = 0; step < steps; step++) {
      ;[value, after] = [after, value]
      error = backupError(precision, discount, largestSize(after)) + discount * precision.maxRowSum * error
      for (let i = 0; i < numNodes; i++) {
        value[i] = reward[i]! + discount * expectation(probability, next, after, first[i]!, first[i + 1]!)
      }
    }
    let start = 0
    for (let s = 0; s < mdp.numStates; s++) {
      if (mdp.start[s]! > 0) start += mdp.start[s]! * value[chain.initialNode(s)]!
    }
    return { start, error }
  }

  /** The value of joint actions, i32 [S], as a policy. */
  evaluateActions(jointActions: Int32Array, options: { epsilon?: number; initial?: Float64Array } = {}): PolicyValue {
    this.chain.followActions(jointActions)
    return this.#solve(options, options.initial)
  }

  #solve(asked: { epsilon?: number; relative?: number }, initial: Float64Array | undefined): PolicyValue {
    if (asked.epsilon !== undefined) checkEpsilon('evaluatePolicy', asked.epsilon)
    const { chain, mdp, discount } = this
    const { numStates } = mdp
    if (initial !== undefined && initial.length !== numStates) {
      throw new ShapeError(`evaluatePolicy: expected a first guess of ${numStates} values, got ${initial.length}`)
    }
    const nodes = chain.numNodes
    if (this.#value.length !== nodes) this.#value = new Float64Array(nodes)
    if (initial === undefined) this.#value.fill(0)
    else if (chain.nodesAreStates) this.#value.set(initial)
    else for (let i = 0; i < nodes; i++) this.#value[i] = initial[chain.stateOf(i)]!
    const solve = (epsilon: number) => (discount === 1 ? this.#total(epsilon) : this.#discounted(epsilon))
    const { aim, most } = this.#accuracy(asked, solve)
    const error = solve(aim)
    if (!(error <= most)) {
      throw new IterationLimitError(
        `evaluatePolicy: expected an error of at most ${most.toPrecision(2)}, but rounding in f64 leaves ${error.toExponential(1)} here; ask for a larger epsilon`,
      )
    }
    const value = chain.nodesAreStates ? this.#value.slice() : this.#atStart(numStates)
    let start = 0
    for (let s = 0; s < numStates; s++) if (mdp.start[s]! > 0) start += mdp.start[s]! * value[s]!
    return { value, start, error }
  }

  /** The error to aim at, and the most that is taken; reward units. */
  #accuracy(
    { epsilon, relative }: { epsilon?: number; relative?: number },
    solve: (epsilon: number) => number,
  ): { aim: number; most: number } {
    if (relative === undefined) return { aim: epsilon ?? 1e-9, most: epsilon ?? Number.POSITIVE_INFINITY }
    const { chain } = this
    const largestReward = largestSize(chain.reward.subarray(0, chain.numNodes))
    // Without rewards all values are 0.
    if (largestReward === 0) return { aim: 1, most: 1 }
    // No value is known yet, but |r| <= (1 + gamma) max |V|: the largest is at least half the largest reward.
    const first = solve(0.05 * largestReward)
    let size = largestReward / 2
    for (const v of this.#value) if (Number.isFinite(v)) size = Math.max(size, Math.abs(v) - first)
    return { aim: relative * size, most: 1000 * relative * size }
  }

  /** f64 [S], the values of states with the initial memory. */
  #atStart(numStates: number): Float64Array {
    const nodeOf = (s: number) => this.chain.initialNode(s)
    return Float64Array.from({ length: numStates }, (_, s) => (nodeOf(s) < 0 ? Number.NaN : this.#value[nodeOf(s)]!))
  }

  /** Turns #value into values below discount 1; returns the bound on their error. */
  #discounted(epsilon: number): number {
    const { chain } = this
    const { discount } = chain
    const contraction = 1 - discount * this.#precision.maxRowSum
    // Aim at half of epsilon, so that what rounding adds finds room.
    const tolerance = 0.5 * epsilon * contraction
    const residual = this.#solver.solve(chain, discount, chain.reward, this.#value, tolerance)
    const rounding = backupError(chainPrecision(this.#precision, chain), discount, largestSize(this.#value))
    return (residual + rounding) / contraction
  }

  /** The same at discount 1. */
  #total(epsilon: number): number {
    const { chain } = this
    const precision = chainPrecision(this.#precision, chain)
    return totalReward(chain, this.#value, { size: chain.numNodes, precision, solver: this.#solver, epsilon })
  }
}

/** Rows of the chain mix rows of the model: they are longer, and each entry is a product. */
function chainPrecision(precision: ModelPrecision, chain: PolicyChain): ModelPrecision {
  let longest = 0
  for (let i = 0; i < chain.numNodes; i++) longest = Math.max(longest, chain.first[i + 1]! - chain.first[i]!)
  return { ...precision, maxRowLength: longest + 2 * chain.mdp.actionsOf.length }
}
