import { resolve } from 'node:path'
import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import { type BenchOptions, type BenchResult, bench as benchSuite } from './bench.js'
import { loadBenchSuite, loadBenchSuiteData } from './config/bench-suite.js'
import { loadExperiment, loadExperimentData } from './config/load-experiment.js'
import { ValuesInHand } from './modules/values-in-hand.js'
import { mapValues } from './plan/map-values.js'
import { planTrials } from './plan/plan-trials.js'
import { entriesFrom } from './runner/module-entries.js'
import { type TrainOptions, type TrainResult, train as trainPlan } from './train.js'

/** What an entry can't be without: what makes the thing. */
type Maker<E> = E extends { readonly forms: unknown } ? 'forms' : 'create'

/** An entry of one's own, given by value; `name`, `version` and `schema` may be left out. */
export type Given<E> = Partial<E> & Pick<E, Maker<E> & keyof E>

/** Settings of an entry, as in an experiment file; `use` may be a name, a path, or a value. */
export type EntrySettings<E> = {
  readonly use?: string | Given<E>
  readonly [key: string]: unknown
}

/** An experiment as in its file: every key of the YAML, with values allowed where it has names. */
export interface Experiment {
  readonly name: string
  readonly environments: { readonly [label: string]: EntrySettings<EnvEntry> }
  readonly algorithms?: { readonly [label: string]: EntrySettings<LearnerEntry> }
  /** Who plays which agent: a label of `algorithms`, a learner with settings, or a policy bundle. */
  readonly teams?: { readonly [label: string]: { readonly [agent: string]: unknown } }
  readonly baselines?: readonly (string | EntrySettings<PolicyEntry>)[]
  readonly [key: string]: unknown
}

/** A benchmark suite as in its file. */
export interface Suite {
  readonly name: string
  readonly environments: { readonly [label: string]: EntrySettings<EnvEntry> }
  readonly policies: { readonly [label: string]: EntrySettings<PolicyEntry> }
  readonly [key: string]: unknown
}

/** As for a plan; `outDir` is `results/runs` where absent. */
export type ExperimentOptions = Omit<TrainOptions, 'outDir' | 'entries'> & { readonly outDir?: string }

/**
 * Runs an experiment: a file's path, or the same as an object. Entries given by value keep the work in this thread.
 * @throws ConfigError with every problem, before any work
 */
export async function train(experiment: string | Experiment, options: ExperimentOptions = {}): Promise<TrainResult> {
  const { outDir = resolve('results/runs'), ...rest } = options
  if (typeof experiment === 'string')
    return trainPlan(planTrials(await loadExperiment(experiment)), { outDir, ...rest })
  const values = new ValuesInHand()
  const { environments, algorithms, teams, baselines } = experiment
  const named = {
    ...experiment,
    environments: values.name('environment', environments),
    ...(algorithms === undefined ? {} : { algorithms: values.name('algorithm', algorithms) }),
    ...(teams === undefined ? {} : { teams: mapValues(teams, (team) => values.name('algorithm', team)) }),
    ...(baselines === undefined ? {} : { baselines: values.name('policy', baselines) }),
  }
  const registry = values.registry()
  const plan = planTrials(await loadExperimentData(named, process.cwd(), { registry }))
  const here = values.any ? { workers: 0, entries: entriesFrom(registry) } : {}
  return trainPlan(plan, { outDir, ...rest, ...here })
}

export interface SuiteOptions extends Omit<BenchOptions, 'entries' | 'registry'> {
  /** Learners that were given in code, to read bundles with policies of their own kinds (`loadPolicy`). */
  readonly learners?: readonly Given<LearnerEntry>[]
}

/**
 * Plays a benchmark suite: a file's path, or the same as an object.
 * @throws ConfigError with every problem, before any work
 */
export async function bench(suite: string | Suite, options: SuiteOptions = {}): Promise<BenchResult> {
  const { learners = [], ...rest } = options
  const values = new ValuesInHand()
  values.name(
    'algorithm',
    learners.map((use) => ({ use })),
  )
  if (typeof suite === 'string')
    return benchSuite(await loadBenchSuite(suite), { ...rest, registry: values.registry() })
  const named = {
    ...suite,
    environments: values.name('environment', suite.environments),
    policies: values.name('policy', suite.policies),
  }
  const registry = values.registry()
  const loaded = await loadBenchSuiteData(named, process.cwd(), { registry })
  return benchSuite(loaded, { ...rest, registry, entries: entriesFrom(registry) })
}
