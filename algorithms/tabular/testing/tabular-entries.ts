import type { LearnerEntry } from '../../learner.js'
import { decomposedQ } from '../decomposed-q.js'
import { distributedQ } from '../distributed-q.js'
import { doubleQ } from '../double-q.js'
import { expectedSarsa } from '../expected-sarsa.js'
import { hystereticQ } from '../hysteretic-q.js'
import { independentQ } from '../independent-q.js'
import { jointActionQ } from '../joint-action-q.js'
import { lenientQ } from '../lenient-q.js'
import { nStepQ } from '../n-step-q.js'
import { qLambda } from '../q-lambda.js'
import { sarsa } from '../sarsa.js'

/** Learners on a table an agent, for teams, by name. */
export const perAgent: readonly (readonly [name: string, entry: LearnerEntry])[] = [
  independentQ,
  hystereticQ,
  doubleQ,
  sarsa,
  expectedSarsa,
  nStepQ,
  qLambda,
  distributedQ,
  lenientQ,
  decomposedQ,
].map((entry) => [entry.name, entry] as const)

/** The same, and the learner on joint actions. */
export const forTeams: typeof perAgent = [...perAgent, [jointActionQ.name, jointActionQ]]
