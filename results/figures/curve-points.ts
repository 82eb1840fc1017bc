import { interquartileMean } from '../statistics/interquartile-mean.js'
import { quantile } from '../statistics/quantile.js'
import { iqmInterval, type TrialGroup } from '../statistics/summarise.js'

/** The scores of one algorithm's seeds at one evaluation. */
export interface CurvePoint {
  /** Environment steps trained. */
  readonly step: number
  readonly iqm: number
  /** Bootstrap 95% interval of the interquartile mean; null of too few seeds. */
  readonly low: number | null
  readonly high: number | null
  /** Seeds that got so far. */
  readonly seeds: number
}

/**
 * The reward curve of a group of trials; failed trials are left out, unfinished ones count as far as they got. Trials of
 * different lengths, as those of folds are, are joined evaluation by evaluation, at the median of their steps.
 */
export function curvePoints(group: TrialGroup): CurvePoint[] {
  const alike = new Set(group.trials.map(({ plan }) => plan.steps)).size === 1
  const at = new Map<number, { steps: number[]; scores: number[] }>()
  for (const { evaluations, result } of group.trials) {
    if (result?.status === 'failed') continue
    evaluations.forEach(({ step, score }, place) => {
      const key = alike ? step : place
      const point = at.get(key) ?? { steps: [], scores: [] }
      at.set(key, point)
      point.steps.push(step)
      point.scores.push(score)
    })
  }
  return [...at]
    .sort(([a], [b]) => a - b)
    .map(([, { steps, scores }]) => ({
      step: median(steps),
      iqm: interquartileMean(scores),
      ...iqmInterval(scores, `${group.algorithm}/${group.environment}`),
      seeds: scores.length,
    }))
}

function median(values: readonly number[]): number {
  return Math.round(quantile(Float64Array.from(values).sort(), 0.5))
}
