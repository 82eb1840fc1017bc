import { FactoredEvaluator } from '#algorithms/planning/factored/factored-evaluation.js'
import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { CadreError, NotEnumerableError } from '#env/errors.js'
import type { FactoredMdp } from '#env/mdp/factored-mdp.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import { BOUNDS_APART, regret } from '#results/statistics/score-scale.js'

/** What the best policy is worth on a model. */
export interface Optimum {
  /** f64 [S], V*. */
  readonly value: Float64Array
  /** V* under the start distribution. */
  readonly start: number
  /** Bound on the error of `start`. Default 0. */
  readonly error?: number
}

/** How much worse than the best a policy is; reward units. */
export interface PolicyRegret {
  /** f64 [S], V of the policy; not finite where it goes on earning for ever at discount 1. */
  readonly value: Float64Array
  /** V under the start distribution. */
  readonly start: number
  /** Bound on the error of every finite value. */
  readonly error: number
  /** V* - V under the start distribution, at least 0; not finite where `start` isn't. */
  readonly regret: number
  /** (V* - V) / (V* - Vrandom); null where the regret isn't finite, or acting at random is as good as the best. */
  readonly normalised: number | null
  /** The state, an index of the model, from which the policy loses most, and how much. */
  readonly worst: { readonly state: number; readonly loss: number }
}

/** Compares policies with the best one on a model, joint or in factors, exactly. */
export class RegretMeter {
  readonly #optimum: Optimum
  readonly #evaluator: PolicyEvaluator | FactoredEvaluator
  /** V of acting at random under the start distribution. */
  readonly random: number
  readonly #resolution: number

  /** @throws ModelError unless the discount lies in [0, 1] */
  constructor(mdp: JointMdp | FactoredMdp, discount: number, optimum: Optimum, random: Policy) {
    this.#optimum = optimum
    this.#evaluator = 'moves' in mdp ? new FactoredEvaluator(mdp, discount) : new PolicyEvaluator(mdp, discount)
    const { start, error } = this.#evaluator.evaluate(random)
    this.random = start
    this.#resolution = BOUNDS_APART * (error + (optimum.error ?? 0))
  }

  /**
   * @param name - for messages
   * @throws ModelError when the policy draws without saying its probabilities; NotEnumerableError when it remembers too much for
   * an exact value; IllegalActionError. All name the policy.
   */
  measure(name: string, policy: Policy): PolicyRegret {
    const { value, start, error } = naming(name, () => this.#evaluator.evaluate(policy))
    const lost = lossAt(this.#optimum.start, start)
    const random = Number.isFinite(this.random) ? this.random : null
    let worst = { state: 0, loss: 0 }
    value.forEach((v, state) => {
      const loss = lossAt(this.#optimum.value[state]!, v)
      if (Number.isNaN(worst.loss) || loss <= worst.loss) return
      worst = { state, loss }
    })
    const normalised = Number.isFinite(lost)
      ? regret(this.#optimum.start - lost, { optimum: this.#optimum.start, random, resolution: this.#resolution })
      : null
    return { value, start, error, regret: lost, normalised, worst }
  }
}

/** V* - V, what planning and evaluation leave of a difference below 0 taken out. */
function lossAt(best: number, value: number): number {
  return Number.isNaN(value) ? Number.NaN : Math.max(0, best - value)
}

/** Puts the policy's name before the message of any failure of the project's own; class and code stay. */
function naming<T>(name: string, evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    if (!(error instanceof CadreError)) throw error
    const instead =
      error instanceof NotEnumerableError ? '; `cadre train` and `cadre bench` with `method: auto` sample it' : ''
    error.message = `policy ${name}: ${error.message}${instead}`
    throw error
  }
}
