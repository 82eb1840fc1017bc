/** The public surface of env: worlds and their contract. */

export { CarRental } from './car-rental/car-rental.js'
export { type CarRentalConfig, carRentalConfig } from './car-rental/config.js'
export { CartPole } from './cart-pole/cart-pole.js'
export { type CartPoleConfig, cartPoleConfig } from './cart-pole/config.js'
export { cartPoleTrace } from './cart-pole/trace.js'
export { CliffWalking } from './cliff-walking/cliff-walking.js'
export { type CliffWalkingConfig, cliffWalkingConfig } from './cliff-walking/config.js'
export type { CheckResult } from './conformance/check.js'
export { type CheckOptions, type CheckReport, checkEnv, envCheckNames } from './conformance/check-env.js'
export type {
  DataContract,
  DataSplit,
  FittedEncoder,
  HeldOut,
  LabelledExamples,
  PreparedData,
} from './data-contract.js'
export { type Encoder, type EncoderRow, encodeRows } from './encoding/encoder.js'
export { createEncoder, type EncoderConfig, encoderConfig } from './encoding/encoders.js'
export { surfaceFeatures } from './encoding/surface.js'
export { Env, type EnvState } from './env.js'
export { environments } from './environments.js'
export {
  BackendError,
  BundleError,
  CadreError,
  ConfigError,
  type ConfigProblem,
  type ErrorCode,
  ExpressionError,
  errorCodes,
  formatProblem,
  IllegalActionError,
  IterationLimitError,
  LifecycleError,
  ModelError,
  NonFiniteError,
  NotEnumerableError,
  RecordError,
  RunStateError,
  ShapeError,
  SpaceError,
  StateError,
  StorageError,
  UnknownAgentError,
  UnknownNameError,
  UsageError,
  UserModuleError,
} from './errors.js'
export { type CompiledExpression, compileExpression } from './expression/reward-expression.js'
export { type ForestConfig, forestConfig } from './forest/config.js'
export { Forest } from './forest/forest.js'
export { type FrozenLakeConfig, frozenLakeConfig } from './frozen-lake/config.js'
export { FrozenLake } from './frozen-lake/frozen-lake.js'
export { type GamblerConfig, gamblerConfig } from './gambler/config.js'
export { Gambler } from './gambler/gambler.js'
export { type GarnetConfig, garnetConfig } from './garnet/config.js'
export { Garnet } from './garnet/garnet.js'
export { globalStateSize, writeGlobalState } from './global-state.js'
export { type GridworldConfig, gridworldConfig } from './gridworld/config.js'
export { Gridworld } from './gridworld/gridworld.js'
export { type Autoreset, AutoresetEnv, type AutoresetOptions } from './gym/autoreset.js'
export { GymEnv, type GymStep, gym } from './gym/gym.js'
export { type AgentName, ParallelEnv, type ParallelStep, type PerAgent, parallel } from './gym/parallel.js'
export type { ActionInput, AgentInfo, Seed } from './gym/session.js'
export type { Json } from './json.js'
export { type LbfConfig, lbfConfig } from './lbf/config.js'
export { Lbf } from './lbf/lbf.js'
export { lbfTrace } from './lbf/trace.js'
export { type MatrixGameConfig, matrixGameConfig } from './matrix-game/config.js'
export { MatrixGame } from './matrix-game/matrix-game.js'
export type { PayoffTensor } from './matrix-game/payoff-tensor.js'
export { type EnumerateOptions, isEnumerable, toJointMdp, toMdp } from './mdp/enumerate.js'
export { type FactoredMdp, type FactoredOptions, factoredModelOf, toFactoredMdp } from './mdp/factored-mdp.js'
export type { AfterstateSink, FactoredModel } from './mdp/factored-model.js'
export { type OutcomeTable, TableEnv, type TableEnvOptions } from './mdp/table-env.js'
export { checkMdp, type JointMdp, type TabularMdp } from './mdp/tabular-mdp.js'
export type { StartSink, TransitionSink } from './mdp/transition-sink.js'
export { CsvOutcomeReader } from './outcomes/csv-outcomes.js'
export { JsonlOutcomeReader } from './outcomes/jsonl-outcomes.js'
export { ModelOutcomes, type OutcomeColumns, type OutcomeData } from './outcomes/model-outcomes.js'
export type { OutcomeReader, OutcomeReaderOptions } from './outcomes/outcome-reader.js'
export { type OutcomeSummary, summariseOutcomes } from './outcomes/outcome-summary.js'
export { csvLines, jsonLines } from './outcomes/write-outcomes.js'
export type { Observes, Policy, PolicyBatch, PolicyExport, PolicyMemory, Tensor } from './policy.js'
export { memoryOf, PolicyMemoryRows, withMemory } from './policy-memory.js'
export type { PolicyView, PolicyViewPanel } from './policy-view.js'
export { power } from './power.js'
export type { RecordingContract, RecordingSource } from './recording-contract.js'
export { defineEnv, definePolicy, type Entry, type EnvEntry, type PolicyContext, type PolicyEntry } from './registry.js'
export { Rng, type RngState } from './rng.js'
export { type CascadeWorld, profileWorld } from './routing-cascade/cascade-world.js'
export { type RoutingCascadeConfig, routingCascadeConfig } from './routing-cascade/config.js'
export { prepareCascade } from './routing-cascade/prepare.js'
export { RoutingCascade } from './routing-cascade/routing-cascade.js'
export { type RoutingDispatchConfig, routingDispatchConfig } from './routing-dispatch/config.js'
export { RoutingDispatch } from './routing-dispatch/routing-dispatch.js'
export { allocateSlots, type Slot, type SlotBuffers, type SlotNeeds } from './slot.js'
export {
  type ActionSpace,
  type Box,
  box,
  contains,
  type Discrete,
  discrete,
  headSizes,
  isActing,
  type MultiDiscrete,
  multiDiscrete,
  type Space,
  sampleMasked,
} from './space.js'
export { SingleRow, type SparseMatrix, SparseMatrixBuilder, SparseVector } from './sparse-matrix.js'
export {
  type AgentSpec,
  type ColumnSpec,
  type EnvSpec,
  type Layout,
  layoutOf,
  mostMessages,
  type ObservedDigits,
  ownView,
  type QuantitySpec,
  type ScoreSpec,
} from './spec.js'
export { type TaxiConfig, taxiConfig } from './taxi/config.js'
export { Taxi } from './taxi/taxi.js'
export { type Divergence, replayTrace } from './trace/replay.js'
export { readInjected, type TraceContract } from './trace/trace-contract.js'
export { type Trace, traceSchema } from './trace/trace-schema.js'
export { type AgentViews, discounts, type TransitionBatch, teamDiscounts } from './transition-batch.js'
export { TwoStep } from './two-step/two-step.js'
export { VectorEnv, type VectorEnvState } from './vector-env.js'
