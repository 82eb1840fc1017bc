import type { LearnerEntry } from '#algorithms/learner.js'
import type { Encoder } from '#env/encoding/encoder.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import type { FoldPlan, ModuleRef, PlannedAlgorithm, PlannedEnv } from '../plan/trial-plan.js'
import type { OpenWorld } from '../worlds/world-cache.js'

/** Where a run's environments, learners and policies come from: registered names, users' files, or values in hand. */
export interface Entries {
  /** An environment, with the data it stands on read and split. */
  world(
    planned: Omit<PlannedEnv, 'label' | 'name' | 'version'>,
    fold: FoldPlan | null,
    encoder?: Encoder,
  ): Promise<OpenWorld>
  learner(planned: ModuleRef & Pick<PlannedAlgorithm, 'team'>): Promise<LearnerEntry>
  /** A policy that isn't learned: the environment's own come before the generic ones. */
  policy(ref: ModuleRef, env: EnvEntry): Promise<PolicyEntry>
}
