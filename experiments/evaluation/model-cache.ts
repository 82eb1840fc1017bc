import { FactoredEvaluator } from '#algorithms/planning/factored/factored-evaluation.js'
import { NotEnumerableError } from '#env/errors.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { factoredModelOf, toFactoredMdp } from '#env/mdp/factored-mdp.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'

/** States from which on a model is taken in factors where the environment offers it: smaller ones are enumerated in a second or so. */
export const FACTORED_FROM = 10_000

/** Whether exact values of an environment come from its model in factors. */
export function isFactored(entry: EnvEntry, config: unknown): boolean {
  const env = entry.create(config)
  return env.spec.numStates >= FACTORED_FROM && factoredModelOf(env) !== undefined
}

/** Models by environment and settings: every trial and reference of a thread shares them. */
export class ModelCache {
  readonly #models = new WeakMap<EnvEntry, Map<string, JointMdp | NotEnumerableError>>()
  readonly #factored = new WeakMap<EnvEntry, Map<string, FactoredEvaluator | NotEnumerableError | null>>()

  /**
   * The joint model of an environment, or why there is none: it declares none, or its model is too large.
   * @param maxTransitions - most entries of the transition table (12 bytes each)
   */
  get(entry: EnvEntry, config: unknown, maxTransitions: number): JointMdp | NotEnumerableError {
    const models = this.#models.get(entry) ?? new Map<string, JointMdp | NotEnumerableError>()
    this.#models.set(entry, models)
    const key = `${maxTransitions} ${JSON.stringify(config)}`
    let model = models.get(key)
    if (model === undefined) {
      model = unlessTooLarge(() => toJointMdp(entry.create(config), { maxTransitions }))
      models.set(key, model)
    }
    return model
  }

  /**
   * What evaluates policies of a large environment on its model in factors; null where it is small or offers none, or why that too is
   * too large.
   * @param maxOutcomes - most outcomes of all joint actions (12 bytes each)
   */
  factored(
    entry: EnvEntry,
    config: unknown,
    discount: number,
    maxOutcomes: number,
  ): FactoredEvaluator | NotEnumerableError | null {
    const models = this.#factored.get(entry) ?? new Map<string, FactoredEvaluator | NotEnumerableError | null>()
    this.#factored.set(entry, models)
    const key = `${maxOutcomes} ${discount} ${JSON.stringify(config)}`
    let found = models.get(key)
    if (found === undefined) {
      found = isFactored(entry, config)
        ? unlessTooLarge(() => new FactoredEvaluator(toFactoredMdp(entry.create(config), { maxOutcomes }), discount))
        : null
      models.set(key, found)
    }
    return found
  }
}

function unlessTooLarge<T>(make: () => T): T | NotEnumerableError {
  try {
    return make()
  } catch (error) {
    if (error instanceof NotEnumerableError) return error
    throw error
  }
}
