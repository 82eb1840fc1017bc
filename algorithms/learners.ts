import type { LearnerEntry } from './learner.js'
import { hystereticQ } from './tabular/hysteretic-q.js'
import { independentQ } from './tabular/independent-q.js'
import { jointActionQ } from './tabular/joint-action-q.js'
import { qLearning } from './tabular/q-learning.js'

/** The learners that ship with Cadre, in the order lists show them. */
export const learners: readonly LearnerEntry[] = [qLearning, independentQ, hystereticQ, jointActionQ]
