import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import type { ModuleRef } from '../plan/trial-plan.js'

/** Where a run's environments, learners and policies come from: registered names, users' files, or values in hand. */
export interface Entries {
  env(ref: ModuleRef): Promise<EnvEntry>
  learner(ref: ModuleRef): Promise<LearnerEntry>
  /** A policy that isn't learned: the environment's own come before the generic ones. */
  policy(ref: ModuleRef, env: EnvEntry): Promise<PolicyEntry>
}
