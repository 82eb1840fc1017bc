/** The public surface of algorithms: how to decide. */

export { AfterstatePolicy } from './afterstate/afterstate-policy.js'
export { DigitValues } from './afterstate/digit-values.js'
export { baselines } from './baselines/baselines.js'
export { liveSpec } from './bundle/live-spec.js'
export { loadEncoder } from './bundle/load-encoder.js'
export { checkBundleFits, loadPolicy } from './bundle/load-policy.js'
export { type BundleFiles, decodeBundle, encodeBundle, type PolicyBundle } from './bundle/policy-bundle.js'
export { decodeSafetensors, encodeSafetensors } from './bundle/safetensors.js'
export { dqnWith } from './deep/dqn.js'
export { GraphPolicy, loadGraphPolicy } from './deep/graph-policy.js'
export { type LayerOptions, layer, multilayer, type Network, type NetworkConfig } from './deep/network.js'
export type { Initial, Parameter } from './deep/parameters.js'
export { greedyAction, greedyValue, highestOf } from './greedy-action.js'
export {
  defineLearner,
  type GroupMember,
  type Learner,
  type LearnerContext,
  type LearnerEntry,
  type LearnerForms,
  type LearnerGroup,
  type LearnerMetrics,
  type LearnerState,
  type TensorForm,
} from './learner.js'
export { learners } from './learners.js'
export { checkLinearBatch, InputRow, type LinearInput, linearInputs } from './linear/linear-inputs.js'
export { type Exploration, LinearLearner } from './linear/linear-learner.js'
export { LinearPolicy, loadLinearPolicy } from './linear/linear-policy.js'
export { type LinearEstimator, OnlineLearner } from './linear/online-learner.js'
export { type AverageRewardOptions, type AverageRewardPlan, averageReward } from './planning/average-reward.js'
export { backwardInduction, backwardInductionPlanner, type InductionResult } from './planning/backward-induction.js'
export {
  type BestDecentralisedOptions,
  type BestDecentralisedResult,
  bestDecentralisedPolicy,
  type LocalTables,
} from './planning/decentralised/best-response.js'
export { choosePlanner, defaultPlanner } from './planning/default-planner.js'
export { FactoredEvaluator } from './planning/factored/factored-evaluation.js'
export {
  type FactoredPlan,
  type FactoredPlanOptions,
  planFactored,
  planFactoredSteps,
} from './planning/factored/factored-planning.js'
export { type FiniteHorizonOptions, type FiniteHorizonPlan, finiteHorizon } from './planning/finite-horizon.js'
export {
  type ModifiedPolicyIterationOptions,
  modifiedPolicyIteration,
  modifiedPolicyIterationPlanner,
  type SweepHands,
} from './planning/modified-policy-iteration.js'
export { plannedPolicy } from './planning/planned-policy.js'
export type { AsyncPlanner, Plan, Planner, PlanOptions } from './planning/planner.js'
export { planners } from './planning/planners.js'
export {
  evaluatePolicy,
  type PolicyEvaluationOptions,
  PolicyEvaluator,
  type PolicyValue,
} from './planning/policy-evaluation.js'
export { policyIteration, policyIterationPlanner } from './planning/policy-iteration.js'
export { greedy, qValues } from './planning/q-values.js'
export { stochasticShortestPath, stochasticShortestPathPlanner } from './planning/stochastic-shortest-path.js'
export {
  type ValueIterationOptions,
  type ValueIterationResult,
  valueIteration,
  valueIterationPlanner,
} from './planning/value-iteration.js'
export { type LambdaConfig, lambdaConfig } from './regression/choose-lambda.js'
export {
  type DiagonalState,
  diagonalMean,
  diagonalUpdate,
  diagonalVariance,
  initDiagonal,
} from './regression/diagonal-least-squares.js'
export {
  initLinearQ,
  type LinearQState,
  linearQUpdate,
  linearQValue,
  type StepSchedule,
} from './regression/gradient-descent.js'
export {
  type FactorConfig,
  type FactorState,
  factorScores,
  factorUpdate,
  initFactors,
} from './regression/latent-factors.js'
export { type LinearModel, predictLinear } from './regression/linear-model.js'
export {
  findNeighbours,
  indexNeighbours,
  type NeighbourIndex,
  type NeighbourSearch,
  neighbourMean,
  neighbourSearch,
} from './regression/neighbours.js'
export {
  initLeastSquares,
  type LeastSquaresState,
  leastSquaresMean,
  leastSquaresUpdate,
  leastSquaresVariance,
} from './regression/recursive-least-squares.js'
export { fitRidge, type RidgeModel, type RidgeOptions } from './regression/ridge.js'
export { checkSparseMatrix } from './regression/sparse-rows.js'
export { loadArrays, saveArrays } from './saved-arrays.js'
export { type ScheduleConfig, scheduleAt, scheduleConfig, scheduleWithin } from './schedule.js'
export { AgentTables } from './tabular/agent-tables.js'
export { AuctionPolicy } from './tabular/auction-policy.js'
export { IndependentLearner, type IndependentRates } from './tabular/independent-learner.js'
export { type JointActions, jointActions } from './tabular/joint-actions.js'
export { moveTowards, OneStepLearner } from './tabular/one-step-learner.js'
export { TabularLearner } from './tabular/tabular-learner.js'
export { IndependentTabularPolicy, JointTabularPolicy } from './tabular/tabular-policy.js'
export {
  type BackendOptions,
  type BackendProbe,
  type BackendReport,
  openBackend,
  probeBackends,
  type TensorBackend,
  type TensorBackendName,
  tensorBackendNames,
} from './tensor/backend.js'
export { type TensorPlannerOptions, tensorValueIteration } from './tensor/tensor-value-iteration.js'
