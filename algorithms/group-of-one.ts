import type { Learner, LearnerGroup } from './learner.js'

/** A learner by itself, as a group. */
export function groupOfOne(learner: Learner): LearnerGroup {
  return {
    members: [learner],
    act: (batches, actions) => learner.act(batches[0]!, actions[0]!),
    update: (batches, actions) => learner.update(batches[0]!, actions[0]!),
    settle: () => undefined,
    leave: () => undefined,
    dispose: () => undefined,
  }
}
