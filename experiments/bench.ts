import { loadEncoder } from '#algorithms/bundle/load-encoder.js'
import { checkBundleFits } from '#algorithms/bundle/load-policy.js'
import type { PolicyBundle } from '#algorithms/bundle/policy-bundle.js'
import type { PreparedData } from '#env/data-contract.js'
import { CadreError } from '#env/errors.js'
import type { Observes, Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { type EnvSpec, mostMessages } from '#env/spec.js'
import { stratifiedBootstrap } from '#results/statistics/bootstrap.js'
import { mean } from '#results/statistics/mean.js'
import { quantile } from '#results/statistics/quantile.js'
import { BOUNDS_APART, regret, type ScoreScale } from '#results/statistics/score-scale.js'
import { FEWEST_SEEDS, NO_INTERVAL } from '#results/statistics/summarise.js'
import {
  type BenchAggregate,
  type BenchDifference,
  benchAggregate,
  benchDifferences,
  type PlayedPolicy,
} from './bench-comparison.js'
import { loadBundlePolicy } from './bundles/load-bundle-policy.js'
import { naming, readBundle } from './bundles/read-bundle.js'
import type { BenchPolicy, BenchSuite } from './config/bench-suite.js'
import { Evaluator } from './evaluation/evaluator.js'
import { ModelCache } from './evaluation/model-cache.js'
import { type EpisodeSamples, sampleEpisodes } from './evaluation/sampled-evaluation.js'
import type { Registry } from './modules/registry.js'
import type { Entries } from './runner/entries.js'
import { moduleEntries } from './runner/module-entries.js'
import { optimumOf, scoreRandom } from './runner/references.js'

/** One policy in one environment. */
export interface BenchRow {
  readonly policy: string
  readonly environment: string
  /** What an agent's part of the policy depends on. */
  readonly observes: Observes
  /**
   * Numbers that an agent hears from others at a step: the most of any agent, where the policy reads messages, and one bid from each
   * other agent, where it reads bids; else 0.
   */
  readonly messages: number
  readonly episodes: number
  /** Mean discounted score of an episode, with its 95% bootstrap interval over episodes; null of fewer than three. */
  readonly score: number
  readonly low: number | null
  readonly high: number | null
  /**
   * (V* - V) / (V* - Vrandom), exact values of episodes as they are played, the environment's step limit included; null where the
   * environment has no model, there are no such values, or acting at random is as good as the best.
   */
  readonly regret: number | null
  /** Mean cost of an episode; null where the environment names no cost. */
  readonly cost: number | null
  /** 95th percentile over answers; null where the environment names no latency. */
  readonly latencyP95: number | null
  /** Agent-decisions a second, the environment's steps included. */
  readonly decisionsPerSecond: number
  /** Whether the policy was fitted here, on the very rows that it plays: what it scores is no promise for others. */
  readonly inSample: boolean
}

export interface BenchResult {
  readonly rows: readonly BenchRow[]
  /** Policies against the best one of their environment, on the same episodes. */
  readonly differences: readonly BenchDifference[]
  /** Over several environments; null where fewer than two have a known scale, or fewer than two policies play in all of them. */
  readonly aggregate: BenchAggregate | null
}

export interface BenchOptions {
  readonly onProgress?: (event: { readonly message: string }) => void
  /** Where names lead. Default: what ships with Cadre, and users' files. */
  readonly entries?: Entries
  /** Knows the learners that read policy kinds of their own, where they were given in code. Default: what ships with Cadre. */
  readonly registry?: Registry
}

interface Contestant {
  readonly planned: BenchPolicy
  readonly entry: EnvEntry
  readonly policy: Policy
  readonly inSample: boolean
}

/**
 * Plays every policy of a suite on the same seeds and episodes. All policies are made before the first plays.
 * @throws BundleError, ConfigError or UserModuleError before any work when a policy can't be made
 */
export async function bench(suite: BenchSuite, options: BenchOptions = {}): Promise<BenchResult> {
  const entries = options.entries ?? moduleEntries
  const contestants: Contestant[] = []
  for (const planned of suite.policies)
    contestants.push(await makeContestant(suite, planned, entries, options.registry))
  const models = new ModelCache()
  // By entry: a bundle with an encoder sees the environment through it.
  const judges = new Map<EnvEntry, Judge | null>()
  const rows: BenchRow[] = []
  const played: PlayedPolicy[] = []
  const stream = `bench/${suite.seed}`
  for (const { planned, entry, policy, inSample } of contestants) {
    options.onProgress?.({ message: `${planned.label} in ${planned.environment}: ${suite.episodes} episodes` })
    const { config } = suite.environments[planned.environment]!
    const { discount, episodes, rows: side } = suite
    const began = performance.now()
    const samples = sampleEpisodes(() => entry.create(config), policy, { episodes, discount, seed: stream, rows: side })
    const seconds = (performance.now() - began) / 1000
    let judge = judges.get(entry)
    if (judge === undefined) {
      judge = await makeJudge(suite, planned.environment, entry, entries, models)
      judges.set(entry, judge)
    }
    const { observes } = policy
    const messages = messagesOf(observes, entry.create(config).spec)
    const row = describeRow(planned, samples, seconds, exactRegret(judge, policy), stream)
    rows.push({ ...row, observes, messages, inSample })
    const { label, environment } = planned
    played.push({ policy: label, environment, scores: samples.score, scale: judge?.scale ?? null })
  }
  return { rows, differences: benchDifferences(played, stream), aggregate: benchAggregate(played, stream) }
}

function messagesOf(observes: Observes, spec: EnvSpec): number {
  if (observes === 'messages') return mostMessages(spec)
  return observes === 'bids' ? mostMessages(spec) + spec.agents.length - 1 : 0
}

async function makeContestant(
  suite: BenchSuite,
  planned: BenchPolicy,
  entries: Entries,
  registry: Registry | undefined,
): Promise<Contestant> {
  const environment = suite.environments[planned.environment]!
  if (planned.kind === 'bundle') {
    // A policy sees texts through the encoder that it was trained with, whatever rows are played here.
    const bundle = readBundle(planned.use)
    const encoder = naming(planned.use, () => loadEncoder(bundle)) ?? undefined
    const { test: entry } = await entries.world(environment, null, encoder)
    const policy = await policyOf(planned.use, bundle, entry.create(environment.config).spec, registry)
    return { planned, entry, policy, inSample: false }
  }
  const { test: entry, data } = await entries.world(environment, null)
  const { spec } = entry.create(environment.config)
  const policy = await entries.policy(planned, entry)
  let inSample = false
  const watched = (known: PreparedData): PreparedData => ({
    ...known,
    get examples() {
      inSample = true
      return known.examples
    },
  })
  const context = { spec, envConfig: environment.config, ...(data === null ? {} : { data: watched(data) }) }
  const made = policy.create(context, policy.schema.parse(planned.config))
  return { planned, entry, policy: made, inSample }
}

/** A bundle's policy. @throws BundleError, naming the folder, when it can't be used here */
async function policyOf(folder: string, bundle: PolicyBundle, spec: EnvSpec, registry?: Registry): Promise<Policy> {
  // Another price or load is a fair test of a policy; another environment, or version of it, is not.
  const { config } = bundle.description.environment
  naming(folder, () => checkBundleFits(bundle, { id: spec.id, version: spec.version, config }))
  return loadBundlePolicy(folder, bundle, spec, registry)
}

/** What says how far from the optimum a policy is in one environment; null where there are no exact values. */
interface Judge {
  readonly evaluator: Evaluator
  readonly scale: ScoreScale
}

async function makeJudge(
  suite: BenchSuite,
  label: string,
  entry: EnvEntry,
  entries: Entries,
  models: ModelCache,
): Promise<Judge | null> {
  const environment = suite.environments[label]!
  const { discount, episodes } = suite
  // The episodes that are played end at the environment's limit: so do those that the optimum is of.
  const options = { discount, method: 'auto', episodes, limited: true } as const
  try {
    const evaluator = new Evaluator(entry, environment.config, options, models)
    if (!evaluator.isExact) return null
    const best = optimumOf(evaluator, discount)
    const random = await scoreRandom(environment, entry, evaluator, entries)
    if (best === null || random.method !== 'exact') return null
    const resolution = BOUNDS_APART * (best.error + random.error)
    return { evaluator, scale: { optimum: best.start, random: random.score, resolution } }
  } catch (error) {
    // What planners can't solve leaves the scores, and the other environments, as they are.
    if (error instanceof CadreError) return null
    throw error
  }
}

/** Regret of the policy's exact value, or null where there is none or no optimum to compare it with. */
function exactRegret(judge: Judge | null, policy: Policy): number | null {
  if (judge === null) return null
  try {
    const { score, method } = judge.evaluator.evaluate(policy)
    return method === 'exact' ? regret(score, judge.scale) : null
  } catch (error) {
    // A user's policy may draw without saying its probabilities: it has no exact value.
    if (error instanceof CadreError && ['ERR_MODEL', 'ERR_ITERATION_LIMIT'].includes(error.code)) return null
    throw error
  }
}

function describeRow(
  { label, environment }: BenchPolicy,
  samples: EpisodeSamples,
  seconds: number,
  regret: number | null,
  seed: string,
): Omit<BenchRow, 'inSample' | 'observes' | 'messages'> {
  const scores = [...samples.score]
  const rng = new Rng(`${seed}/bootstrap`)
  const interval =
    scores.length < FEWEST_SEEDS
      ? NO_INTERVAL
      : stratifiedBootstrap([scores], mean, { uniform: () => rng.uniform(), repetitions: 1000 })
  const latencies = samples.latency === null ? [] : Float64Array.from(samples.latency).sort()
  return {
    policy: label,
    environment,
    episodes: scores.length,
    score: mean(scores),
    ...interval,
    regret,
    cost: samples.cost === null ? null : mean([...samples.cost]),
    latencyP95: latencies.length === 0 ? null : quantile(latencies, 0.95),
    decisionsPerSecond: samples.decisions / seconds,
  }
}
