import { interquartileMean } from '../statistics/interquartile-mean.js'
import { regret, type ScoreScale } from '../statistics/score-scale.js'
import { iqmInterval, type TrialGroup } from '../statistics/summarise.js'
import type { CurvePoint } from './figure-model.js'
import { joined } from './joined.js'

/**
 * The reward curve of a group of trials: the interquartile mean of the scores at each evaluation; failed trials are left out,
 * unfinished ones count as far as they got.
 */
export function curvePoints(group: TrialGroup, scale: ScoreScale): CurvePoint[] {
  const trials = group.trials.filter(({ result }) => result?.status !== 'failed')
  const evaluations = trials.map((trial) => trial.evaluations.map(({ step, score }) => ({ step, value: score })))
  return joined(evaluations).map(({ step, values }) => {
    const iqm = interquartileMean(values)
    return {
      x: step,
      y: iqm,
      ...iqmInterval(values, `${group.algorithm}/${group.environment}`),
      of: values.length,
      regret: regret(iqm, scale),
    }
  })
}
