import { NotEnumerableError } from '#env/errors.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'

/** Joint models by environment and settings: every trial and reference of a thread shares them. */
export class ModelCache {
  readonly #models = new WeakMap<EnvEntry, Map<string, JointMdp | NotEnumerableError>>()

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
      model = enumerate(entry, config, maxTransitions)
      models.set(key, model)
    }
    return model
  }
}

function enumerate(entry: EnvEntry, config: unknown, maxTransitions: number): JointMdp | NotEnumerableError {
  try {
    return toJointMdp(entry.create(config), { maxTransitions })
  } catch (error) {
    if (error instanceof NotEnumerableError) return error
    throw error
  }
}
