import type { Learner, LearnerGroup } from './learner.js'

/** A learner by itself, as a group. */
export function groupOfOne(learner: Learner): LearnerGroup {
  return {
    members: [learner],
    act: ([batch], [actions]) => learner.act(batch!, actions!),
    update: ([batch], [actions]) => learner.update(batch!, actions!),
    settle: () => undefined,
    leave: () => undefined,
    dispose: () => undefined,
  }
}
