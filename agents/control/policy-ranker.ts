import { BundleError } from '#env/errors.js'
import { STOP } from '#env/routing-cascade/config.js'
import type { Slot } from '#env/slot.js'
import type { Controller } from './controller.js'
import type { Ranker, Ranking } from './ranking.js'

/**
 * Ranks agents for a prompt with a trained policy: each prompt is a session of a controller with one decision, in which the
 * policy sees what the environment shows at the start of an episode (nothing called yet: a dense observation of zeros, no
 * stopping). What it returns is valid until the next prompt.
 */
export class PolicyRanker implements Ranker {
  /** The models, in the order of the policy's actions: what ranks are numbers of. */
  readonly models: readonly string[]
  readonly reason = 'policy'
  readonly #controller: Controller
  readonly #observe: (slot: Slot) => void
  /** Place of each action among the models, -1 for stopping. */
  readonly #modelOf: Int32Array
  readonly #ranking: Ranking & { readonly scores: Float64Array }

  /**
   * @param controller - of a policy that reads texts; it draws nothing itself, whoever takes the ranking does
   * @throws BundleError when the policy doesn't choose between models for a text, or has no scores
   */
  constructor(controller: Controller) {
    const { policy, spec } = controller
    const agent = spec.agents[0]
    const labels = agent?.action.kind === 'discrete' ? agent.action.labels : undefined
    if (agent === undefined || spec.agents.length !== 1 || labels === undefined) {
      throw new BundleError(`${spec.id}: expected one agent whose actions are named models; serve a routing policy`)
    }
    if (policy.scores === undefined) {
      throw new BundleError(
        `${spec.id}: the policy has no scores, so that nobody is next when an agent fails; train another`,
      )
    }
    this.#controller = controller
    this.models = labels.filter((label) => label !== STOP)
    this.#modelOf = Int32Array.from(labels, (label) => this.models.indexOf(label))
    const mask = Uint8Array.from(labels, (label) => (label === STOP ? 0 : 1))
    this.#observe = (slot) => slot.mask.set(mask)
    const count = this.models.length
    this.#ranking = {
      order: new Int32Array(count),
      scores: new Float64Array(count),
      probabilities: policy.probabilities === undefined ? null : new Float64Array(count),
    }
  }

  /** The encoded prompt of the last decision. */
  get features(): { readonly index: Int32Array; readonly value: Float32Array } {
    return this.#controller.features ?? { index: new Int32Array(0), value: new Float32Array(0) }
  }

  /**
   * Ranks the models for a prompt. First comes what the policy does, where it doesn't draw; the others follow by score, ties in
   * their order.
   */
  rank(text: string, id = ''): Ranking {
    const { actions, candidates, propensities } = this.#controller.begin(id).decide(this.#observe, text)
    const { order, scores, probabilities } = this.#ranking
    const first = probabilities === null ? this.#modelOf[actions[0]!]! : -1
    let place = 0
    if (first >= 0) order[place++] = first
    for (const { action, score } of candidates) {
      const model = this.#modelOf[action]!
      scores[model] = score
      if (model !== first) order[place++] = model
    }
    if (probabilities !== null) {
      propensities.forEach((chance, action) => {
        const model = this.#modelOf[action]!
        if (model >= 0) probabilities[model] = chance
      })
    }
    return this.#ranking
  }
}
