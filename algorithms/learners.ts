import type { LearnerEntry } from './learner.js'
import { leastSquaresQ } from './linear/least-squares-q.js'
import { linUcb } from './linear/lin-ucb.js'
import { linearQ } from './linear/linear-q.js'
import { replayLeastSquares } from './linear/replay-least-squares.js'
import { thompson } from './linear/thompson.js'
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
