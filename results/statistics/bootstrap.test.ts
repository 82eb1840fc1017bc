import fc from 'fast-check'
import seedrandom from 'seedrandom'
import { describe, expect, it } from 'vitest'
import { stratifiedBootstrap } from './bootstrap.js'
import { sortedInterquartileMean } from './interquartile-mean.js'
import { mean } from './mean.js'

const uniform = (seed: string): (() => number) => seedrandom.alea(seed)

describe('stratifiedBootstrap', () => {
  it('agrees with rliable on one task', () => {
    // rliable 1.2.0, get_interval_estimates with aggregate_iqm, 200000 repetitions: [71.13333, 71.86667].
    const scores = [[71.9, 72.0, 71.2, 71.5, 70.9, 71.8, 71.4, 72.1, 70.2, 71.7]]
    const interval = stratifiedBootstrap(scores, sortedInterquartileMean, {
      uniform: uniform('one task'),
      repetitions: 20_000,
    })
    expect(interval.low).toBeCloseTo(71.1333, 1)
    expect(interval.high).toBeCloseTo(71.8667, 1)
  })

  it('agrees with rliable on two tasks, resampling runs within each', () => {
    // rliable 1.2.0 as above: [9, 91]. Resampling over both tasks together would give a lower end below 5.
    const scores = [
      [1, 2, 3, 4, 5, 6, 7],
      [10, 20, 40, 80, 160, 320, 640],
    ]
    const interval = stratifiedBootstrap(scores, sortedInterquartileMean, {
      uniform: uniform('two tasks'),
      repetitions: 20_000,
    })
    expect(interval.low).toBeGreaterThan(8.4)
    expect(interval.low).toBeLessThan(9.6)
    expect(interval.high).toBeGreaterThan(87)
    expect(interval.high).toBeLessThan(95)
  })

  it('draws every run of a task with its own numbers', () => {
    // uniforms 0, .5, 0, .5: task one gives its runs 1 and 2, task two its runs 10 and 20; the mean is 8.25 each time.
    let draw = 0
    const interval = stratifiedBootstrap(
      [
        [1, 2],
        [10, 20],
      ],
      mean,
      { uniform: () => (draw++ % 2 === 0 ? 0 : 0.5), repetitions: 3 },
    )
    expect(interval).toEqual({ low: 8.25, high: 8.25 })
  })

  it('shrinks to the value when all runs agree, and repeats itself for equal streams', () => {
    expect(stratifiedBootstrap([[4, 4, 4]], mean, { uniform: uniform('a') })).toEqual({ low: 4, high: 4 })
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (runs) => {
          const options = () => ({ uniform: uniform('same'), repetitions: 50 })
          const interval = stratifiedBootstrap([runs], mean, options())
          expect(stratifiedBootstrap([runs], mean, options())).toEqual(interval)
          expect(interval.low).toBeGreaterThanOrEqual(Math.min(...runs) - 1e-9)
          expect(interval.high).toBeLessThanOrEqual(Math.max(...runs) + 1e-9)
          expect(interval.low).toBeLessThanOrEqual(interval.high)
        },
      ),
    )
  })

  it.each([
    { scores: [], level: 0.95, problem: 'no task' },
    { scores: [[1], []], level: 0.95, problem: 'a task without runs' },
    { scores: [[1]], level: 1, problem: 'a level of 1' },
  ])('refuses $problem', ({ scores, level }) => {
    expect(() => stratifiedBootstrap(scores, mean, { uniform: uniform('x'), level })).toThrowError(
      expect.objectContaining({ code: 'ERR_SHAPE' }),
    )
  })
})
