import { backwardInductionPlanner } from './backward-induction.js'
import { defaultPlanner } from './default-planner.js'
import { modifiedPolicyIterationPlanner } from './modified-policy-iteration.js'
import type { Planner } from './planner.js'
import { policyIterationPlanner } from './policy-iteration.js'
import { stochasticShortestPathPlanner } from './stochastic-shortest-path.js'
import { valueIterationPlanner } from './value-iteration.js'

/** The planners that ship, by their names; `auto` chooses among the others. */
export const planners: readonly Planner[] = [
  defaultPlanner,
  valueIterationPlanner,
  policyIterationPlanner,
  modifiedPolicyIterationPlanner,
  backwardInductionPlanner,
  stochasticShortestPathPlanner,
]
