/** The public surface of algorithms: how to decide. */

export { baselines } from './baselines/baselines.js'
export { checkBundleFits, loadPolicy } from './bundle/load-policy.js'
export { type BundleFiles, decodeBundle, encodeBundle, type PolicyBundle } from './bundle/policy-bundle.js'
export { decodeSafetensors, encodeSafetensors } from './bundle/safetensors.js'
export {
  type BestDecentralisedOptions,
  type BestDecentralisedResult,
  bestDecentralisedPolicy,
  type LocalTables,
} from './decentralised/best-response.js'
export { greedyAction, greedyValue } from './exploration.js'
export { defineLearner, type Learner, type LearnerContext, type LearnerEntry, type LearnerState } from './learner.js'
export { learners } from './learners.js'
export { backwardInduction, type InductionResult } from './planning/backward-induction.js'
export { plannedPolicy } from './planning/planned-policy.js'
export {
  evaluatePolicy,
  type PolicyEvaluationOptions,
  PolicyEvaluator,
  type PolicyValue,
} from './planning/policy-evaluation.js'
export { greedy, qValues } from './planning/q-values.js'
export { type ValueIterationOptions, type ValueIterationResult, valueIteration } from './planning/value-iteration.js'
export { type ScheduleConfig, scheduleAt, scheduleConfig, scheduleWithin } from './schedule.js'
export { IndependentLearner, type IndependentRates } from './tabular/independent-learner.js'
export { loadTable, saveTable } from './tabular/saved-table.js'
export {
  IndependentTabularPolicy,
  type JointActions,
  JointTabularPolicy,
  jointActions,
  tableOffsets,
} from './tabular/tabular-policy.js'
