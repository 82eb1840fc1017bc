/**
 * Exact value of a policy on a factored model: sweeps of its own rows, mixed (mixed-iteration.ts), until MacQueen's bounds from a
 * plain sweep are near enough (optimality-sweep.ts).
 */
import { ModelError, NotEnumerableError } from '#env/errors.js'
import { type FactoredMdp, SHOWN_AT_ONCE } from '#env/mdp/factored-mdp.js'
import type { Policy } from '#env/policy.js'
import { checkDiscount, checkEpsilon } from '../discount.js'
import { corrections, limitReached } from '../optimality-sweep.js'
import { PolicyActions } from '../policy-actions.js'
import type { PolicyEvaluationOptions, PolicyValue } from '../policy-evaluation.js'
import { PolicyRows } from '../policy-rows.js'
import { isReached } from './accuracy.js'
import { overSteps } from './factored-planning.js'
import { FactoredSweeps } from './factored-sweeps.js'
import { MixedIteration } from './mixed-iteration.js'

/** Sweeps that no discounted policy comes near. */
const MOST_SWEEPS = 100_000

/** Evaluates policies on one factored model, one after the other, in the same buffers. */
export class FactoredEvaluator {
  readonly mdp: FactoredMdp
  readonly #discount: number
  readonly #sweeps: FactoredSweeps
  readonly #reader: PolicyActions
  readonly #rows = new PolicyRows()
  #mixed: MixedIteration | undefined

  /** @param discount - in [0, 1]; at 1 only values over so many steps can be asked for */
  constructor(mdp: FactoredMdp, discount: number) {
    if (discount !== 1) checkDiscount('evaluatePolicy', discount)
    this.mdp = mdp
    this.#discount = discount
    this.#sweeps = new FactoredSweeps(mdp, discount)
    this.#reader = new PolicyActions(mdp.actionsOf)
  }

  /** Products that one sweep takes. */
  get productsASweep(): number {
    return this.#sweeps.products
  }

  /**
   * V of a policy in every state.
   * @param accuracy - epsilon: largest error, reward units; relative: as a share of the largest value, up to 1,000 times as much where
   * f64 resolves less
   * @throws NotEnumerableError when it remembers: the chain of states and memories isn't made here
   * @throws ModelError when it draws without saying its probabilities; IllegalActionError
   * @throws IterationLimitError when f64 can't certify the accuracy
   */
  evaluate(
    policy: Policy,
    { epsilon = 1e-9, relative }: Pick<PolicyEvaluationOptions, 'epsilon' | 'relative' | 'from'> = {},
  ): PolicyValue {
    checkDiscount('evaluatePolicy', this.#discount)
    checkEpsilon('evaluatePolicy', relative ?? epsilon)
    const accuracy = relative === undefined ? { distance: 2 * epsilon } : { relative: 2 * relative }
    this.#follow(policy)
    const { mdp } = this
    const { precision } = this.#sweeps
    this.#mixed ??= new MixedIteration(mdp.numStates, this.#discount)
    this.#mixed.begin()
    const value = new Float64Array(mdp.numStates)
    const next = new Float64Array(mdp.numStates)
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      this.#sweeps.ofChain(value, next, this.#rows)
      const found = corrections(this.#discount, precision, value, next)
      if (isReached('evaluatePolicy', accuracy, next, found)) {
        const centre = (found.below + found.above) / 2
        for (let s = 0; s < next.length; s++) next[s]! += centre
        const start = mdp.start.reduce((sum, p, s) => (p > 0 ? sum + p * next[s]! : sum), 0)
        return { value: next, start, error: (found.above - found.below) / 2 }
      }
      this.#mixed.mix(value, next)
    }
    throw limitReached('evaluatePolicy', { discount: this.#discount, epsilon }, MOST_SWEEPS, 'sweeps')
  }

  /** What a policy earns in its first steps, under the start distribution, and a bound on its error. @throws as `evaluate` */
  startOverSteps(policy: Policy, steps: number): { readonly start: number; readonly error: number } {
    this.#follow(policy)
    return overSteps(this.mdp, this.#discount, steps, this.#sweeps, (value, next) =>
      this.#sweeps.ofChain(value, next, this.#rows),
    )
  }

  /**
   * Mean reward a step that a policy earns in the long run: bounds from the least and the most that a sweep of v' = r + P v adds
   * anywhere (Puterman 1994, theorem 8.5.6). The evaluator's discount must be 1.
   * @param accuracy - largest distance of the bounds, reward units a step
   * @param among - u8 [S], 1 for states that the chain never leaves once it is there: the gain in these
   * @returns null where so many sweeps don't bring the bounds that near: the chain is periodic, comes to rest in several places, or mixes
   * slowly
   * @throws as `evaluate`
   */
  gain(policy: Policy, accuracy: number, mostSweeps: number, among: Uint8Array): number | null {
    if (this.#discount !== 1) throw new ModelError(`gain: expected a discount of 1, got ${this.#discount}`)
    this.#follow(policy)
    const first = among.indexOf(1)
    let value = new Float64Array(this.mdp.numStates)
    let next = new Float64Array(this.mdp.numStates)
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      this.#sweeps.ofChain(value, next, this.#rows)
      let least = Number.POSITIVE_INFINITY
      let most = Number.NEGATIVE_INFINITY
      for (let s = 0; s < next.length; s++) {
        if (among[s] !== 1) continue
        const change = next[s]! - value[s]!
        if (change < least) least = change
        if (change > most) most = change
      }
      if (most - least <= accuracy) return (most + least) / 2
      const base = next[first]!
      for (let s = 0; s < next.length; s++) next[s]! -= base
      ;[value, next] = [next, value]
    }
    return null
  }

  /** Writes down what the policy does in every state, some thousand at a time. */
  #follow(policy: Policy): void {
    const { mdp } = this
    if (policy.memory !== undefined) {
      throw new NotEnumerableError(
        'evaluatePolicy: the policy remembers, and this environment is exact in factors only, without memories; evaluate by sampling',
      )
    }
    const rows = this.#rows
    rows.beginRows(mdp.numStates)
    for (let from = 0; from < mdp.numStates; from += SHOWN_AT_ONCE) {
      const to = Math.min(mdp.numStates, from + SHOWN_AT_ONCE)
      const batch = mdp.show(from, to)
      this.#reader.read(policy, batch)
      for (let s = from; s < to; s++) {
        rows.beginRow(s)
        this.#reader.eachJoint(s - from, s, (joint, weight) => {
          const row = this.#rowOf(s, joint)
          if (row < 0) this.#reader.refuseJoint(s, batch, s - from, joint)
          rows.addRow(mdp, s, row, weight)
        })
      }
    }
  }

  /** The row of a joint action, or -1 where it is illegal. */
  #rowOf(state: number, joint: number): number {
    const { stateStart, action } = this.mdp
    let low = stateStart[state]!
    let high = stateStart[state + 1]! - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (action[middle]! === joint) return middle
      if (action[middle]! < joint) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
