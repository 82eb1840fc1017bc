import type { FactoredEvaluator } from '#algorithms/planning/factored/factored-evaluation.js'
import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { everyTotalIsFinite } from '#algorithms/planning/total-reward.js'
import { IterationLimitError, ModelError, NotEnumerableError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import type { EnvSpec } from '#env/spec.js'
import type { ModelCache } from './model-cache.js'
import { type EpisodeSamples, sampleEpisodes } from './sampled-evaluation.js'

/** A policy's score V under the start distribution, and how it was found. */
export interface Evaluated {
  readonly score: number
  readonly method: 'exact' | 'sampled'
  readonly episodes: number | null
  /** Bound on the error of an exact score, reward units; 0 for a sampled one, whose error is chance. */
  readonly error: number
}

export interface EvaluatorOptions {
  readonly discount: number
  readonly method: 'auto' | 'exact' | 'sampled'
  readonly episodes: number
  /** Whether exact scores are those of episodes that the environment's step limit cuts off, as sampled ones are. Default false. */
  readonly limited?: boolean
}

/** Error that exact scores aim at, as a share of the largest value. */
const RELATIVE_ERROR = 1e-9

/** Most products of an exact value over the steps of a limited episode: some seconds. */
const MOST_WORK = 4e9

/** Largest model that is made without being asked for (120 MB, a few seconds), and at all (1.2 GB). */
const MOST_TRANSITIONS = { auto: 10_000_000, exact: 100_000_000 }

/** Streams of evaluation episodes: apart from every training stream, and the same for every policy. */
const EVALUATION_SEED = 'evaluation'

/** Why discount 1 is refused for exact evaluation, where it is. */
export const whyNotExact =
  'exact evaluation at discount 1 needs every policy to come to an end, but here one can go on for ever among rewards; set a step limit, use a discount below 1, or sampled episodes'

/**
 * The steps that exact values may be over instead of all; null where episodes have no limit, or so many steps take too long.
 * @param productsAStep - that one step of all states takes: the entries of the model
 */
export function affordableLimit({ limitSteps }: EnvSpec, productsAStep: number): number | null {
  return limitSteps !== null && limitSteps * productsAStep <= MOST_WORK ? limitSteps : null
}

/**
 * Scores policies in one environment: exactly on the joint model where there is one of moderate size and every policy has a
 * finite value (below discount 1 each has; at 1, where some have none, the value over the steps that an episode may take), else
 * over sampled episodes on seeds of their own.
 */
export class Evaluator {
  /** The joint model; null where scores are sampled, or exact in factors. */
  readonly model: JointMdp | null
  /** What evaluates in factors, where the environment is large and offers them: exact, but without values by state or memories. */
  readonly factored: FactoredEvaluator | null
  /** Steps that exact values are over: an episode's most, where they are limited; null: until the end, limit or not. */
  readonly horizonSteps: number | null
  readonly #exact: PolicyEvaluator | FactoredEvaluator | null
  readonly #entry: EnvEntry
  readonly #config: unknown
  readonly #options: EvaluatorOptions
  /** Policies that remembered too much once: looking for their chain again at every evaluation would take long. */
  readonly #tooLarge = new WeakSet<Policy>()

  /**
   * @throws NotEnumerableError when exact evaluation is asked of an environment without a model
   * @throws ModelError when it is asked without discount and some policy never ends
   */
  constructor(entry: EnvEntry, config: unknown, options: EvaluatorOptions, models: ModelCache) {
    this.#entry = entry
    this.#config = config
    this.#options = options
    const { discount, method } = options
    const sampled = method === 'sampled'
    const factored = sampled ? null : models.factored(entry, config, discount, MOST_TRANSITIONS[method])
    const joint = sampled || factored !== null ? null : models.get(entry, config, MOST_TRANSITIONS[method])
    for (const found of [factored, joint]) if (found instanceof NotEnumerableError && method === 'exact') throw found
    this.model = joint instanceof NotEnumerableError ? null : joint
    this.factored = factored instanceof NotEnumerableError ? null : factored
    const products = this.model?.successor.length ?? this.factored?.productsASweep
    // In factors no step ends anything: without discount a policy may always go on.
    const finite = products !== undefined && (discount < 1 || (this.model !== null && everyTotalIsFinite(this.model)))
    const { spec } = entry.create(config)
    const limited = products !== undefined && (options.limited === true || !finite)
    this.horizonSteps = limited ? affordableLimit(spec, products) : null
    // Where episodes end by a limit only, values without one are another task's.
    const isOfTask = this.horizonSteps !== null || (finite && (options.limited !== true || spec.limitSteps === null))
    if (method === 'exact' && !isOfTask) throw new ModelError(`${entry.name}: ${whyNotExact}`)
    this.#exact = isOfTask ? (this.factored ?? new PolicyEvaluator(this.model!, discount)) : null
  }

  /** Whether scores are exact. */
  get isExact(): boolean {
    return this.#exact !== null
  }

  evaluate(policy: Policy): Evaluated {
    const exact = this.#exactScore(policy)
    if (exact !== null) return { score: exact.start, method: 'exact', episodes: null, error: exact.error }
    const { score } = this.sample(policy)
    return {
      score: score.reduce((sum, value) => sum + value, 0) / score.length,
      method: 'sampled',
      episodes: score.length,
      error: 0,
    }
  }

  /**
   * Null where scores are sampled: always, or where a policy takes too long to end for f64, or remembers too much, and episodes
   * were left as a way out.
   */
  #exactScore(policy: Policy): { readonly start: number; readonly error: number } | null {
    if (this.#exact === null || this.#tooLarge.has(policy)) return null
    try {
      if (this.horizonSteps !== null) return this.#exact.startOverSteps(policy, this.horizonSteps)
      return this.#exact.evaluate(policy, { relative: RELATIVE_ERROR, from: 'start' })
    } catch (error) {
      const { discount, method } = this.#options
      if (method === 'auto' && error instanceof NotEnumerableError) {
        this.#tooLarge.add(policy)
        return null
      }
      if (error instanceof IterationLimitError && method === 'auto' && this.#canSample(discount)) return null
      throw error
    }
  }

  /** Whether episodes end, so that a score can be sampled. */
  #canSample(discount: number): boolean {
    return discount < 1 || this.#entry.create(this.#config).spec.limitSteps !== null
  }

  /**
   * V of a policy in every state of the joint model, f64 [S]; null without one. At discount 1 as `evaluatePolicy` says: not finite
   * where the policy goes on for ever among rewards.
   * @throws ModelError when the policy draws without saying its probabilities
   * @throws NotEnumerableError when it remembers too much for exact values
   */
  values(policy: Policy): Float64Array | null {
    if (this.model === null) return null
    const exact = this.#exact ?? new PolicyEvaluator(this.model, this.#options.discount)
    return exact.evaluate(policy).value
  }

  /** Episodes of a policy on the evaluation seeds. */
  sample(policy: Policy): EpisodeSamples {
    const { discount, episodes } = this.#options
    return sampleEpisodes(() => this.#entry.create(this.#config), policy, { episodes, discount, seed: EVALUATION_SEED })
  }
}
