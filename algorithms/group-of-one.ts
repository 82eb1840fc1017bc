import type { Learner, LearnerGroup } from './learner.js'

/** A learner by itself, as a group. */
export function groupOfOne(learner: Learner): LearnerGroup {
  return {
    members: [learner],
    act: (batches, actions) => learner.act(batches[0]!, actions[0]!),
    update: (transitions) => learner.update(transitions[0]!),
    finish: () => learner.finish?.(),
    settle: () => undefined,
    leave: () => undefined,
    dispose: () => undefined,
  }
}
