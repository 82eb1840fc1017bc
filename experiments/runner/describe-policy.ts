import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import { describeAgents } from '#algorithms/bundle/load-policy.js'
import type { Policy } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import type { PlannedEntry, TrialPlan } from '../plan/trial-plan.js'

/** What a bundle says of the policy that a trial trained. */
export function describePolicy(
  trial: TrialPlan,
  spec: EnvSpec,
  policy: Policy,
  evaluation: { score: number; best: number },
): BundleManifest {
  const { id, seed, steps, environment, algorithm } = trial
  // On an outcome table with nothing held out, scores are of the rows that were learned from.
  const inSample = trial.environment.data !== null && trial.fold === null
  return {
    environment: { id: spec.id, version: spec.version, config: settingsOf(environment) },
    observes: policy.observes,
    agents: describeAgents(spec),
    encoder: null,
    algorithm: { name: algorithm.name, version: algorithm.version, config: settingsOf(algorithm) },
    training: { run: null, trial: id, steps, seed },
    evaluation: inSample ? { trainingScore: evaluation.score, trainingBest: evaluation.best } : evaluation,
  }
}

function settingsOf({ config }: PlannedEntry): BundleManifest['environment']['config'] {
  return config as BundleManifest['environment']['config']
}
