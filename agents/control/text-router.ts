import type { Encoder } from '#env/encoding/encoder.js'
import { BundleError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { STOP } from '#env/routing-cascade/config.js'
import { SingleRow, SparseVector } from '#env/sparse-matrix.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import type { Ranker, Ranking } from './ranking.js'

/**
 * Ranks agents for a prompt with a trained policy. The prompt is encoded with the policy's own encoder into a batch of one
 * row, exactly as the environment shows it at the start of an episode (nothing called yet: a dense observation of zeros, no
 * stopping), and
 * goes through the same `scores` and `act`: what is chosen live is what was chosen offline, bit for bit. A decision allocates
 * nothing to speak of; what it returns is valid until the next one.
 */
export class TextRouter implements Ranker {
  /** The models, in the order of the policy's actions: what ranks are numbers of. */
  readonly models: readonly string[]
  readonly reason = 'policy'
  readonly #policy: Policy
  readonly #encoder: Encoder
  readonly #batch: PolicyBatch
  readonly #row = new SparseVector()
  readonly #features: SingleRow
  readonly #rng: Rng
  readonly #action = new Int32Array(1)
  readonly #actionScores: Float64Array
  readonly #actionProbabilities: Float64Array
  readonly #actionOf: Int32Array
  readonly #ranking: Ranking & { readonly scores: Float64Array }

  /**
   * @param spec - of the environment that the policy was trained in
   * @param encoder - fitted
   * @throws BundleError when the policy doesn't choose between models for a text, or the encoder's width isn't its
   */
  constructor(policy: Policy, spec: EnvSpec, encoder: Encoder, seed = 'text-router') {
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
    if ((agent.numFeatures ?? 0) !== encoder.size) {
      throw new BundleError(
        `${spec.id}: the encoder gives ${encoder.size} columns, the policy reads ${agent.numFeatures ?? 0}; train and save both together`,
      )
    }
    this.#policy = policy
    this.#encoder = encoder
    this.#rng = new Rng(seed)
    this.#features = new SingleRow(encoder.size)
    this.models = labels.filter((label) => label !== STOP)
    this.#actionOf = Int32Array.from(this.models, (model) => labels.indexOf(model))
    this.#actionScores = new Float64Array(labels.length)
    this.#actionProbabilities = new Float64Array(labels.length)
    const layout = layoutOf(spec)
    this.#batch = {
      layout,
      size: 1,
      observation: new Float32Array(layout.observationSize),
      mask: Uint8Array.from(labels, (label) => (label === STOP ? 0 : 1)),
      observationId: Int32Array.of(-1),
      stateId: Int32Array.of(-1),
      state: new Float32Array(layout.stateSize),
      features: this.#features,
      featureRow: Int32Array.of(0),
      memory: Int32Array.of(policy.memory?.initial ?? 0),
    }
    const count = this.models.length
    this.#ranking = {
      order: new Int32Array(count),
      scores: new Float64Array(count),
      probabilities: policy.probabilities === undefined ? null : new Float64Array(count),
    }
  }

  /** The encoded prompt of the last decision. */
  get features(): { readonly index: Int32Array; readonly value: Float32Array } {
    const length = this.#features.rowStart[1]!
    return { index: this.#features.index.subarray(0, length), value: this.#features.value.subarray(0, length) }
  }

  /** Ranks the models for a prompt. First comes what the policy does; the others follow by score, ties in their order. */
  rank(text: string): Ranking {
    this.#encoder.encode({ text }, this.#row)
    this.#features.set(this.#row)
    const { order, scores, probabilities } = this.#ranking
    this.#policy.scores!(this.#batch, this.#actionScores)
    for (let m = 0; m < order.length; m++) scores[m] = this.#actionScores[this.#actionOf[m]!]!
    let first = -1
    if (probabilities === null) {
      this.#policy.act(this.#batch, this.#rng, this.#action)
      first = this.#actionOf.indexOf(this.#action[0]!)
    } else {
      this.#policy.probabilities!(this.#batch, this.#actionProbabilities)
      for (let m = 0; m < order.length; m++) probabilities[m] = this.#actionProbabilities[this.#actionOf[m]!]!
    }
    sortByScore(order, scores, first)
    return this.#ranking
  }
}

/** Writes 0..n-1 to `order`: `first`, where there is one, then by falling score, ties ascending. Insertion: teams are small. */
function sortByScore(order: Int32Array, scores: Float64Array, first: number): void {
  const before = (a: number, b: number) => a === first || (b !== first && scores[a]! > scores[b]!)
  for (let n = 0; n < order.length; n++) {
    let k = n
    while (k > 0 && before(n, order[k - 1]!)) {
      order[k] = order[k - 1]!
      k--
    }
    order[k] = n
  }
}
