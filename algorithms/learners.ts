import { afterstateTd } from './afterstate/afterstate-td.js'
import { dqn } from './deep/dqn.js'
import { iql } from './deep/iql.js'
import { qmix } from './deep/qmix.js'
import { vdn } from './deep/vdn.js'
import type { LearnerEntry } from './learner.js'
import { leastSquaresQ } from './linear/least-squares-q.js'
import { linUcb } from './linear/lin-ucb.js'
import { linearQ } from './linear/linear-q.js'
import { replayLeastSquares } from './linear/replay-least-squares.js'
import { thompson } from './linear/thompson.js'
import { decomposedQ } from './tabular/decomposed-q.js'
import { distributedQ } from './tabular/distributed-q.js'
import { doubleQ } from './tabular/double-q.js'
import { expectedSarsa } from './tabular/expected-sarsa.js'
import { hystereticQ } from './tabular/hysteretic-q.js'
import { independentQ } from './tabular/independent-q.js'
import { jointActionQ } from './tabular/joint-action-q.js'
import { lenientQ } from './tabular/lenient-q.js'
import { nStepQ } from './tabular/n-step-q.js'
import { qLambda } from './tabular/q-lambda.js'
import { qLearning } from './tabular/q-learning.js'
import { sarsa } from './tabular/sarsa.js'

/** The learners that ship with Cadre, in the order lists show them. */
export const learners: readonly LearnerEntry[] = [
  qLearning,
  independentQ,
  doubleQ,
  sarsa,
  expectedSarsa,
  nStepQ,
  qLambda,
  hystereticQ,
  distributedQ,
  lenientQ,
  decomposedQ,
  jointActionQ,
  afterstateTd,
  linearQ,
  leastSquaresQ,
  replayLeastSquares,
  linUcb,
  thompson,
  dqn,
  iql,
  vdn,
  qmix,
]
