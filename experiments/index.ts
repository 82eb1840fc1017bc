/** The public surface of experiments: what we run. */

export type { BenchOptions, BenchResult, BenchRow } from './bench.js'
export type { BenchAggregate, BenchAggregateRow, BenchDifference } from './bench-comparison.js'
export {
  bench,
  type EntrySettings,
  type Experiment,
  type ExperimentOptions,
  type Given,
  type Suite,
  train,
} from './code-first.js'
export { loadExperiment } from './config/load-experiment.js'
export { Evaluator, type EvaluatorOptions } from './evaluation/evaluator.js'
export { ModelCache } from './evaluation/model-cache.js'
export { type Optimum, type PolicyRegret, RegretMeter } from './evaluation/policy-regret.js'
export { type EpisodeSamples, type SamplingOptions, sampleEpisodes } from './evaluation/sampled-evaluation.js'
export { listAlgorithms, listEnvironments } from './modules/list-entries.js'
export { planTrials } from './plan/plan-trials.js'
export type { RunPlan, TrialPlan } from './plan/trial-plan.js'
export type { ProgressEvent } from './runner/progress.js'
export { sharedMdp } from './sweep-crew/shared-mdp.js'
export { SweepCrew } from './sweep-crew/sweep-crew.js'
export type { TrainResult } from './train.js'
export { type LoadedTrace, loadTrace } from './verify/load-trace.js'
export { type VerifiedTrace, verifyTrace } from './verify/verify-trace.js'
