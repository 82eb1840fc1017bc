import type { LearnerEntry } from './learner.js'
import { leastSquaresQ } from './linear/learners/least-squares-q.js'
import { linUcb } from './linear/learners/lin-ucb.js'
import { linearQ } from './linear/learners/linear-q.js'
import { replayLeastSquares } from './linear/learners/replay-least-squares.js'
import { thompson } from './linear/learners/thompson.js'
import { hystereticQ } from './tabular/hysteretic-q.js'
import { independentQ } from './tabular/independent-q.js'
import { jointActionQ } from './tabular/joint-action-q.js'
import { qLearning } from './tabular/q-learning.js'

/** The learners that ship with Cadre, in the order lists show them. */
export const learners: readonly LearnerEntry[] = [
  qLearning,
  independentQ,
  hystereticQ,
  jointActionQ,
  linearQ,
  leastSquaresQ,
  replayLeastSquares,
  linUcb,
  thompson,
]
