import { isEnumerable, toJointMdp } from '#env/mdp/enumerate.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'

/** Joint models by environment and settings: every trial and reference of a thread shares them. */
export class ModelCache {
  readonly #models = new Map<EnvEntry, Map<string, JointMdp | null>>()

  /** The joint model of an environment, or null where it isn't enumerable. */
  get(entry: EnvEntry, config: unknown): JointMdp | null {
    const models = this.#models.get(entry) ?? new Map<string, JointMdp | null>()
    this.#models.set(entry, models)
    const key = JSON.stringify(config)
    let model = models.get(key)
    if (model === undefined) {
      const env = entry.create(config)
      model = isEnumerable(env) ? toJointMdp(env) : null
      models.set(key, model)
    }
    return model
  }
}
