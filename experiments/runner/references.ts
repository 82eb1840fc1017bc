import { bestDecentralisedPolicy } from '#algorithms/planning/decentralised/best-response.js'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { CadreError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { normalisedScore, regret } from '#results/statistics/regret.js'
import type { EnvironmentReferences } from '#results/store/references.js'
import type { RoutingScore } from '#results/store/routing-records.js'
import { Evaluator } from '../evaluation/evaluator.js'
import { scoreHeldOut } from '../evaluation/held-out-routing.js'
import type { ModelCache } from '../evaluation/model-cache.js'
import { optimalMaps } from '../evaluation/optimal-maps.js'
import type { BaselinePlan, EvaluationPlan, FoldPlan, ModuleRef, PlannedEnv } from '../plan/trial-plan.js'
import type { Entries } from './entries.js'
import { type FoldRouting, foldRouting } from './fold-references.js'

/** What to hold the learners of one environment against, on one fold where there are any. */
export interface ReferenceTask {
  readonly environment: PlannedEnv
  readonly fold: FoldPlan | null
  readonly discount: number
  readonly evaluation: EvaluationPlan
  readonly optimum: boolean
  /** Number of starts of the search for the best local policy; 0 = don't search. */
  readonly localStarts: number
  readonly baselines: readonly BaselinePlan[]
}

/** References of one environment, and how baselines route the rows held out; null without folds. */
export interface ReferenceResult {
  readonly references: EnvironmentReferences
  readonly routing: FoldRouting | null
}

const RANDOM: ModuleRef = { use: 'random', sha256: null }

/** Largest error of the optimum, reward units. */
const EPSILON = 1e-8

/** Computes the references of one environment: exactly where it has a model, else over sampled episodes. */
export async function computeReferences(
  task: ReferenceTask,
  entries: Entries,
  models: ModelCache,
): Promise<ReferenceResult> {
  const { environment, fold, discount, evaluation } = task
  const { test, data } = await entries.world(environment, fold)
  const evaluator = new Evaluator(test, environment.config, { discount, ...evaluation }, models)
  const { spec } = test.create(environment.config)
  const context = { spec, envConfig: environment.config, ...(data === null ? {} : { data }) }
  const start = await startReferences(environment, test, evaluator, discount, entries)
  const { random, method } = start
  const optimum = task.optimum ? start.optimum : null
  const maps =
    optimum === null ? undefined : optimalMaps(test, environment.config, evaluator.model!, start.values!, discount)
  const scale = { optimum, random }
  const policies = []
  const routed: [string, RoutingScore][] = []
  for (const baseline of task.baselines) {
    const entry = await entries.policy(baseline, test)
    const policy = entry.create(context, entry.schema.parse(baseline.config))
    const value = baseline.use === 'random' ? random : evaluator.evaluate(policy).score
    policies.push({
      name: baseline.label,
      value,
      normalised: normalisedScore(value, scale),
      regret: regret(value, scale),
    })
    if (fold !== null && data !== null)
      routed.push([baseline.label, scoreHeldOut(policy, spec, data.heldOut, fold.index)])
  }
  const bestLocal =
    task.localStarts > 0 && evaluator.model !== null
      ? searchLocal(evaluator.model, spec, discount, task.localStarts)
      : null
  const routing = fold === null || data === null ? null : foldRouting(fold, data, routed)
  const references = { optimum, random, method, bestLocal, policies, ...(maps === undefined ? {} : { maps }) }
  return { references, routing }
}

/** What the scale of normalised scores hangs on. */
export interface StartReferences {
  /** V* under the start distribution; null where it isn't known. */
  readonly optimum: number | null
  /** f64 [S], V* on the evaluator's model; null where it isn't known. */
  readonly values: Float64Array | null
  /** The value of acting at random. */
  readonly random: number
  readonly method: 'exact' | 'sampled'
}

export async function startReferences(
  environment: PlannedEnv,
  entry: EnvEntry,
  evaluator: Evaluator,
  discount: number,
  entries: Entries,
): Promise<StartReferences> {
  const policy = await entries.policy(RANDOM, entry)
  const { spec } = entry.create(environment.config)
  const made = policy.create({ spec, envConfig: environment.config }, policy.schema.parse({}))
  const { score, method } = evaluator.evaluate(made)
  const { model } = evaluator
  const values = model === null ? null : optimalValues(model, discount)
  const optimum = values === null ? null : model!.start.reduce((sum, p, s) => sum + p * values[s]!, 0)
  return { optimum, values, random: score, method }
}

/** V* of every state; null at discount 1 where no best total exists, or f64 can't tell it. */
function optimalValues(model: JointMdp, discount: number): Float64Array | null {
  return discount < 1 ? valueIteration(model, { discount, epsilon: EPSILON }).value : bestTotals(model)
}

function bestTotals(model: JointMdp): Float64Array | null {
  try {
    return defaultPlanner.plan(model, { discount: 1, epsilon: EPSILON }).value
  } catch (error) {
    if (error instanceof CadreError && ['ERR_MODEL', 'ERR_ITERATION_LIMIT'].includes(error.code)) return null
    throw error
  }
}

function searchLocal(
  model: JointMdp,
  spec: EnvSpec,
  discount: number,
  starts: number,
): { value: number; starts: number[] } {
  const best = bestDecentralisedPolicy(model, spec, { discount, starts, rng: new Rng('best-local') })
  return { value: best.value, starts: [...best.starts] }
}
