import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { NotEnumerableError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import type { ModelCache } from './model-cache.js'
import { type EpisodeSamples, sampleEpisodes } from './sampled-evaluation.js'

/** A policy's score V under the start distribution, and how it was found. */
export interface Evaluated {
  readonly score: number
  readonly method: 'exact' | 'sampled'
  readonly episodes: number | null
}

export interface EvaluatorOptions {
  readonly discount: number
  readonly method: 'auto' | 'exact' | 'sampled'
  readonly episodes: number
}

/** Largest error of an exact score, reward units. */
const EPSILON = 1e-7

/** Streams of evaluation episodes: apart from every training stream, and the same for every policy. */
const EVALUATION_SEED = 'evaluation'

/**
 * Scores policies in one environment: exactly on the joint model where there is one and the discount is below 1, else
 * over sampled episodes on seeds of their own.
 */
export class Evaluator {
  readonly model: JointMdp | null
  readonly #exact: PolicyEvaluator | null
  readonly #entry: EnvEntry
  readonly #config: unknown
  readonly #options: EvaluatorOptions

  /** @throws NotEnumerableError when exact evaluation is asked of an environment without a model */
  constructor(entry: EnvEntry, config: unknown, options: EvaluatorOptions, models: ModelCache) {
    this.#entry = entry
    this.#config = config
    this.#options = options
    this.model = options.method === 'sampled' ? null : models.get(entry, config)
    if (options.method === 'exact' && this.model === null) {
      throw new NotEnumerableError(`${entry.name}: evaluation method "exact" needs a finite model; use auto or sampled`)
    }
    const exact = this.model !== null && options.discount < 1
    this.#exact = exact ? new PolicyEvaluator(this.model!, options.discount) : null
  }

  /** Whether scores are exact. */
  get isExact(): boolean {
    return this.#exact !== null
  }

  evaluate(policy: Policy): Evaluated {
    if (this.#exact !== null) {
      return { score: this.#exact.evaluate(policy, { epsilon: EPSILON }).start, method: 'exact', episodes: null }
    }
    const { score } = this.sample(policy)
    return {
      score: score.reduce((sum, value) => sum + value, 0) / score.length,
      method: 'sampled',
      episodes: score.length,
    }
  }

  /** Episodes of a policy on the evaluation seeds. */
  sample(policy: Policy): EpisodeSamples {
    const { discount, episodes } = this.#options
    return sampleEpisodes(() => this.#entry.create(this.#config), policy, { episodes, discount, seed: EVALUATION_SEED })
  }
}
