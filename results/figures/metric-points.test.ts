import { expect, it } from 'vitest'
import type { Metric } from '../store/trial-records.js'
import { metricPoints } from './metric-points.js'

const trial = (status: 'done' | 'failed', metrics: Metric[]) =>
  ({ metrics, result: { status } }) as unknown as Parameters<typeof metricPoints>[0]['trials'][number]

it('gives medians and quartiles over seeds by metric and step, without failed trials', () => {
  const at = (step: number, error: number) => ({ step, name: 'td-error', value: error })
  const trials = [
    trial('done', [at(0, 8), at(10, 1), { step: 10, name: 'epsilon', value: 0.5 }]),
    trial('done', [at(10, 2)]),
    trial('done', [at(10, 3)]),
    trial('done', [at(10, 10)]),
    trial('done', [at(10, 4)]),
    trial('failed', [at(10, 1000)]),
  ]
  const points = metricPoints({ algorithm: 'a', environment: 'e', trials })
  expect([...points.keys()]).toEqual(['td-error', 'epsilon'])
  expect(points.get('td-error')).toEqual([
    { step: 0, median: 8, low: 8, high: 8, seeds: 1 },
    // 1, 2, 3, 4, 10: the quartiles are the second and the fourth.
    { step: 10, median: 3, low: 2, high: 4, seeds: 5 },
  ])
  expect(points.get('epsilon')).toEqual([{ step: 10, median: 0.5, low: 0.5, high: 0.5, seeds: 1 }])
})
