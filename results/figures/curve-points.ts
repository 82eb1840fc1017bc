import { interquartileMean } from '../statistics/interquartile-mean.js'
import { iqmInterval, type TrialGroup } from '../statistics/summarise.js'

/** The scores of one algorithm's seeds at one evaluation. */
export interface CurvePoint {
  /** Environment steps trained. */
  readonly step: number
  readonly iqm: number
  /** Bootstrap 95% interval of the interquartile mean. */
  readonly low: number
  readonly high: number
  readonly seeds: number
}

/** The reward curve of a group of trials; failed trials are left out, unfinished ones count as far as they got. */
export function curvePoints(group: TrialGroup): CurvePoint[] {
  const scoresAt = new Map<number, number[]>()
  for (const { evaluations, result } of group.trials) {
    if (result?.status === 'failed') continue
    for (const { step, score } of evaluations) {
      const scores = scoresAt.get(step)
      if (scores === undefined) scoresAt.set(step, [score])
      else scores.push(score)
    }
  }
  return [...scoresAt]
    .sort(([a], [b]) => a - b)
    .map(([step, scores]) => ({
      step,
      iqm: interquartileMean(scores),
      ...iqmInterval(scores, `${group.algorithm}/${group.environment}`),
      seeds: scores.length,
    }))
}
