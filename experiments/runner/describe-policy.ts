import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import { describeAgents, describeSizedAgents } from '#algorithms/bundle/load-policy.js'
import { isShippedKind } from '#algorithms/bundle/policy-kinds.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
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
  // On an outcome table with nothing held out, scores are of the rows that were learned from.
  const shipped = isShippedKind(stored.kind)
  const inSample = trial.environment.data !== null && trial.fold === null
  return {
    environment: { id: spec.id, version: spec.version, config: settingsOf(environment) },
    observes: policy.observes,
    agents: shipped ? describeAgents(spec) : describeSizedAgents(spec),
    encoder: null,
    algorithm: { name: algorithm.name, version: algorithm.version, config: settingsOf(algorithm) },
    training: { run: null, trial: id, steps, seed },
    evaluation: inSample ? { trainingScore: evaluation.score, trainingBest: evaluation.best } : evaluation,
    ...(shipped ? {} : { loader: loaderOf(algorithm) }),
  }
}

/** Where the learner is to be found that reads what it exported. */
function loaderOf({ use, sha256 }: PlannedEntry): NonNullable<BundleManifest['loader']> {
  return sha256 === null ? { name: use } : { file: use, sha256 }
}

function settingsOf({ config }: PlannedEntry): BundleManifest['environment']['config'] {
  return config as BundleManifest['environment']['config']
}
