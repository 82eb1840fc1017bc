import { bestDecentralisedPolicy } from '#algorithms/decentralised/best-response.js'
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
  const { optimum: best, random, method } = await startReferences(environment, test, evaluator, discount, entries)
  const optimum = task.optimum ? best : null
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
  return { references: { optimum, random, method, bestLocal, policies }, routing }
}

/** What the scale of normalised scores hangs on: V* (null where there is no model) and the value of random play. */
export async function startReferences(
  environment: PlannedEnv,
  entry: EnvEntry,
  evaluator: Evaluator,
  discount: number,
  entries: Entries,
): Promise<{ optimum: number | null; random: number; method: 'exact' | 'sampled' }> {
  const policy = await entries.policy(RANDOM, entry)
  const { spec } = entry.create(environment.config)
  const made = policy.create({ spec, envConfig: environment.config }, policy.schema.parse({}))
  const { score, method } = evaluator.evaluate(made)
  return { optimum: evaluator.model === null ? null : optimalStart(evaluator.model, discount), random: score, method }
}

/** V* under the start distribution; null at discount 1 where no best total exists, or f64 can't tell it. */
function optimalStart(model: JointMdp, discount: number): number | null {
  const value = discount < 1 ? valueIteration(model, { discount, epsilon: EPSILON }).value : bestTotals(model)
  return value === null ? null : model.start.reduce((sum, probability, s) => sum + probability * value[s]!, 0)
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
