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
    { x: 0, y: 8, low: null, high: null, of: 1 },
    // 1, 2, 3, 4, 10: the quartiles are the second and the fourth.
    { x: 10, y: 3, low: 2, high: 4, of: 5 },
  ])
  expect(points.get('epsilon')).toEqual([{ x: 10, y: 0.5, low: null, high: null, of: 1 }])
})

it('joins measurements by place where trials measured at different steps', () => {
  const run = (last: number, value: number) =>
    trial('done', [
      { step: 0, name: 'weight-max', value: 0 },
      { step: last, name: 'weight-max', value },
    ])
  const points = metricPoints({ algorithm: 'a', environment: 'e', trials: [run(190, 1), run(200, 3), run(208, 2)] })
  expect(points.get('weight-max')).toEqual([
    { x: 0, y: 0, low: 0, high: 0, of: 3 },
    { x: 200, y: 2, low: 1.5, high: 2.5, of: 3 },
  ])
})
