/** What came out: the run directory, statistics over seeds, reports and figures. */
export { type ExportOptions, findChromium } from './figures/export-figures.js'
export type { Curve, CurvesModel, Row, RowsModel } from './model/figure-model.js'
export { type ReportModel, reportModel, type WorldModel } from './model/report-model.js'
export { type PlotOptions, renderPlot } from './report/render-plot.js'
export { renderReport } from './report/render-report.js'
export { writePlot } from './report/write-plot.js'
export { writeReport } from './report/write-report.js'
export { type BootstrapOptions, type Interval, stratifiedBootstrap } from './statistics/bootstrap.js'
export { type Improvement, improvement, type Standing, standingOf } from './statistics/improvement.js'
export { interquartileMean } from './statistics/interquartile-mean.js'
export { mean } from './statistics/mean.js'
export { optimalityGap } from './statistics/optimality-gap.js'
export { type PairedDifference, pairedDifference } from './statistics/paired-difference.js'
export { performanceProfile } from './statistics/performance-profile.js'
export { probabilityOfImprovement } from './statistics/probability-of-improvement.js'
export { quantile } from './statistics/quantile.js'
export { averageImprovementInQuality, type CostRange } from './statistics/routing/average-quality.js'
export { callPerformanceThreshold } from './statistics/routing/call-performance-threshold.js'
export { correctedInterval } from './statistics/routing/corrected-interval.js'
export { type CurveBands, curveBands, qualityAtFraction } from './statistics/routing/curve-bands.js'
export type { MetricInterval } from './statistics/routing/metric-interval.js'
export {
  averagePerformanceGapRecovered,
  type PerformanceGap,
  performanceGapRecovered,
} from './statistics/routing/performance-gap.js'
export { type BudgetedRouting, qualityAtBudget } from './statistics/routing/quality-at-budget.js'
export { type CostQualityPoint, qualityHull } from './statistics/routing/quality-hull.js'
export type { RidgeDifference } from './statistics/routing/ridge-difference.js'
export {
  chooseAtPenalty,
  type ModelOutcomes,
  perQueryOracle,
  routedOutcome,
} from './statistics/routing/routed-outcomes.js'
export { type RoutingCurve, type RoutingPoint, routingCurve } from './statistics/routing/routing-curve.js'
export { aiqVariant, budgetShares, type RoutedRows, scoreRouting } from './statistics/routing/score-routing.js'
export {
  type BudgetSummary,
  type Metrics,
  type PolicySummary,
  type RoutingSummary,
  routingSummary,
} from './statistics/routing/summarise-routing.js'
export { normalisedScore, regret, type ScoreScale } from './statistics/score-scale.js'
export { iqmInterval, type SummaryRow, summarise } from './statistics/summarise.js'
export { tQuantile } from './statistics/t-quantile.js'
export { LogWriter } from './store/log-writer.js'
export type { AlgorithmRecord, EnvironmentRecord, Manifest, ScoreDefinition, TrialPlan } from './store/manifest.js'
export type { EnvironmentReferences, PolicyReference, References } from './store/references.js'
export type { EnvironmentRouting, FoldRecord, RoutingScore, RunRouting, TrialRouting } from './store/routing-records.js'
export { type RunData, readRun, type TrialData } from './store/run-data.js'
export { RunStore } from './store/run-store.js'
export type { Evaluation, Metric, PolicyViewRecord, Timing, TrialResult } from './store/trial-records.js'
export { type TrialLogs, TrialStore } from './store/trial-store.js'
