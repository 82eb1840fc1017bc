import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import { describeAgents, describeSizedAgents } from '#algorithms/bundle/load-policy.js'
import { isShippedKind } from '#algorithms/bundle/policy-kinds.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import { loaderOf } from '../bundles/loader-of.js'
import type { PlannedEntry, TrialPlan } from '../plan/trial-plan.js'

/** What a bundle says of the policy that a trial trained. @param stored - what the policy exported */
export function describePolicy(
  trial: TrialPlan,
  spec: EnvSpec,
  policy: Policy,
  stored: PolicyExport,
  evaluation: { score: number; best: number },
): BundleManifest {
  const { id, seed, steps, environment, algorithm } = trial
  const shipped = isShippedKind(stored.kind)
  return {
    environment: { id: spec.id, version: spec.version, config: settingsOf(environment) },
    observes: policy.observes,
    agents: shipped ? describeAgents(spec) : describeSizedAgents(spec),
    encoder: null,
    algorithm: { name: algorithm.name, version: algorithm.version, config: settingsOf(algorithm) },
    training: { run: null, trial: id, steps, seed },
    evaluation: describeScores(trial, policy, evaluation),
    ...(shipped ? {} : { loader: loaderOf(algorithm) }),
  }
}

/**
 * Scores by names that say what they are of. On an outcome table with nothing held out: of the rows that were learned from. Of a
 * policy that draws, but was judged by its most probable actions: not of what will be played.
 */
function describeScores(
  { environment, fold, evaluation: { act } }: TrialPlan,
  policy: Policy,
  { score, best }: { score: number; best: number },
): BundleManifest['evaluation'] {
  const inSample = environment.data !== null && fold === null
  const greedy = act === 'greedy' && policy.probabilities !== undefined
  if (inSample)
    return greedy
      ? { trainingGreedyScore: score, trainingGreedyBest: best }
      : { trainingScore: score, trainingBest: best }
  return greedy ? { greedyScore: score, greedyBest: best } : { score, best }
}

function settingsOf({ config }: PlannedEntry): BundleManifest['environment']['config'] {
  return config as BundleManifest['environment']['config']
}
