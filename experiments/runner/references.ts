import { bestDecentralisedPolicy } from '#algorithms/planning/decentralised/best-response.js'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { planFactored, planFactoredSteps } from '#algorithms/planning/factored/factored-planning.js'
import { finiteHorizonValue } from '#algorithms/planning/finite-horizon.js'
import type { Plan } from '#algorithms/planning/planner.js'
import { errorAtStart, planRelative } from '#algorithms/planning/relative-accuracy.js'
import { CadreError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { BOUNDS_APART, normalisedScore, regret } from '#results/statistics/score-scale.js'
import type { EnvironmentReferences, PolicyReference, ReferenceFailure } from '#results/store/references.js'
import type { RoutingScore } from '#results/store/routing-records.js'
import { type Evaluated, Evaluator } from '../evaluation/evaluator.js'
import { scoreHeldOut } from '../evaluation/held-out-routing.js'
import type { ModelCache } from '../evaluation/model-cache.js'
import { optimalMaps } from '../evaluation/optimal-maps.js'
import type { BaselinePlan, EvaluationPlan, FoldPlan, ModuleRef, PlannedEnv } from '../plan/trial-plan.js'
import { describeFailure } from './describe-failure.js'
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

/** Distance of the optimum's bounds that is aimed at, as a share of the largest value. */
const RELATIVE_ERROR = 1e-9

/**
 * Computes the references of one environment: exactly where it has a model, else over sampled episodes. What can't be computed
 * is left out alone, by name and with the reason.
 */
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
  const attempts = new Attempts()
  const start = await startReferences(task, test, evaluator, entries, attempts)
  const { optimum, random, resolution } = start
  const scale = { optimum, random: random?.score ?? null, resolution }
  const policies: PolicyReference[] = []
  const routed: [string, RoutingScore][] = []
  for (const baseline of task.baselines) {
    await attempts.make(baseline.label, async () => {
      const entry = await entries.policy(baseline, test)
      const policy = entry.create(context, entry.schema.parse(baseline.config))
      const { score, method } = baseline.use === 'random' && random !== null ? random : evaluator.evaluate(policy)
      // A score of limited episodes isn't held against an optimum without limit.
      const alike = method === random?.method
      policies.push({
        name: baseline.label,
        value: score,
        ...(alike ? {} : { method }),
        normalised: alike ? normalisedScore(score, scale) : null,
        regret: alike ? regret(score, scale) : null,
      })
      if (fold !== null && data !== null)
        routed.push([baseline.label, scoreHeldOut(policy, spec, data.heldOut, fold.index)])
    })
  }
  const maps = start.values === null ? undefined : mapsOf(task, test, evaluator, start.values)
  const bestLocal =
    task.localStarts > 0 && evaluator.model !== null && evaluator.horizonSteps === null
      ? await attempts.make('best local policy', () => searchLocal(evaluator.model!, spec, discount, task.localStarts))
      : null
  const routing = fold === null || data === null ? null : foldRouting(fold, data, routed)
  const method = random?.method ?? (evaluator.isExact ? 'exact' : 'sampled')
  const references: EnvironmentReferences = {
    ...scale,
    method,
    ...(method === 'exact' ? {} : { sampledBecause: whySampled(spec, evaluation) }),
    ...(evaluator.horizonSteps === null ? {} : { horizonSteps: evaluator.horizonSteps }),
    bestLocal,
    policies,
    ...(attempts.failures.length === 0 ? {} : { failures: attempts.failures }),
    ...(maps === undefined ? {} : { maps }),
  }
  return { references, routing }
}

/** Why scores in an environment are over sampled episodes. */
function whySampled({ noModel, numStates }: EnvSpec, { method }: EvaluationPlan): string {
  if (method === 'sampled') return 'evaluation.method asks for it'
  if (noModel !== undefined) return noModel
  return numStates === 0 ? 'the environment has no finite model' : 'exact values would take too much'
}

/** Tries one reference after the other: what fails is named, and costs no other. */
class Attempts {
  readonly failures: ReferenceFailure[] = []

  /** @returns null where the work failed */
  async make<T>(name: string, work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      this.failures.push({ name, ...describeFailure(error) })
      return null
    }
  }
}

/** What the scale of normalised scores hangs on. */
interface StartReferences {
  /** The best score from the start, of as many steps as scores are over; null where it isn't known or wanted. */
  readonly optimum: number | null
  /** f64 [S], V* on the evaluator's model, without any limit; null where it isn't known or wanted. */
  readonly values: Float64Array | null
  /** Acting at random; null where that failed. */
  readonly random: Evaluated | null
  /** Scores closer than this are the same as far as anyone can tell, reward units. */
  readonly resolution: number
}

async function startReferences(
  { environment, discount, optimum: wanted }: ReferenceTask,
  entry: EnvEntry,
  evaluator: Evaluator,
  entries: Entries,
  attempts: Attempts,
): Promise<StartReferences> {
  const random = await attempts.make('random', () => scoreRandom(environment, entry, evaluator, entries))
  const best = wanted && evaluator.isExact ? await attempts.make('optimum', () => optimumOf(evaluator, discount)) : null
  // Where a random walk takes too long for exact values, its sampled episodes have a limit that the optimum doesn't know of.
  const optimum = best === null || random?.method === 'sampled' ? null : best.start
  const resolution = optimum === null ? 0 : BOUNDS_APART * ((best?.error ?? 0) + (random?.error ?? 0))
  return { optimum, values: best?.values ?? null, random, resolution }
}

/** Acting at random in an environment. */
export async function scoreRandom(
  environment: PlannedEnv,
  entry: EnvEntry,
  evaluator: Evaluator,
  entries: Entries,
): Promise<Evaluated> {
  const policy = await entries.policy(RANDOM, entry)
  const { spec } = entry.create(environment.config)
  return evaluator.evaluate(policy.create({ spec, envConfig: environment.config }, policy.schema.parse({})))
}

/** The best score there is, over as many steps as the evaluator's exact scores. */
export interface OptimalScore {
  readonly start: number
  /** Bound on its error, reward units. */
  readonly error: number
  /** f64 [S], V* without any limit; null where no best total exists, or the model is in factors. */
  readonly values: Float64Array | null
}

/**
 * @param evaluator - one whose scores are exact
 * @throws IterationLimitError when f64 can't tell it
 * @returns null at discount 1 where no best total exists
 */
export function optimumOf({ model, factored, horizonSteps }: Evaluator, discount: number): OptimalScore | null {
  if (factored !== null) {
    const { mdp } = factored
    if (horizonSteps !== null) return { ...planFactoredSteps(mdp, discount, horizonSteps), values: null }
    const { start, error } = planFactored(mdp, { discount, relative: RELATIVE_ERROR })
    return { start, error, values: null }
  }
  if (model === null) return null
  const plan = planUnlessEndless(model, discount)
  if (horizonSteps !== null) {
    const { value, error } = finiteHorizonValue(model, { discount, horizonSteps })
    return { start: startValue(model, value), error, values: plan?.value ?? null }
  }
  if (plan === null) return null
  return { start: startValue(model, plan.value), error: errorAtStart(plan, model.start), values: plan.value }
}

function startValue({ start }: JointMdp, value: Float64Array): number {
  return start.reduce((sum, p, s) => sum + p * value[s]!, 0)
}

/** @returns null at discount 1 where no best total exists, or f64 can't tell it */
function planUnlessEndless(model: JointMdp, discount: number): Plan | null {
  try {
    return planRelative(defaultPlanner, model, { discount, relative: RELATIVE_ERROR })
  } catch (error) {
    const none =
      discount === 1 && error instanceof CadreError && ['ERR_MODEL', 'ERR_ITERATION_LIMIT'].includes(error.code)
    if (none) return null
    throw error
  }
}

/** V* on the maps that policies are drawn on. */
function mapsOf({ environment, discount }: ReferenceTask, entry: EnvEntry, { model }: Evaluator, values: Float64Array) {
  const within = RELATIVE_ERROR * values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  return optimalMaps(entry, environment.config, model!, values, discount, within)
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
