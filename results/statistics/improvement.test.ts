import { describe, expect, it } from 'vitest'
import { byTask, jointBootstrap, stratifiedBootstrap } from './bootstrap.js'
import { improvement, standingOf } from './improvement.js'
import { mean } from './mean.js'
import { pairedAggregate } from './paired-aggregate.js'

const stream = 'test'

describe('improvement', () => {
  it('is 1 with the interval [1, 1] where every run is ahead, and turns round', () => {
    const found = improvement([[4, 5, 6]], [[1, 2, 3]], { stream })
    expect(found).toEqual({ probability: 1, low: 1, high: 1 })
    expect(standingOf(found)).toBe('ahead')
    expect(standingOf(improvement([[1, 2, 3]], [[4, 5, 6]], { stream }))).toBe('behind')
  })

  it('has an interval that holds a half where runs are mixed', () => {
    const found = improvement([[1, 5, 9]], [[2, 4, 6]], { stream })
    expect(found.probability).toBeCloseTo(5 / 9, 12)
    expect(found.low!).toBeLessThan(0.5)
    expect(found.high!).toBeGreaterThan(0.5)
    expect(standingOf(found)).toBe('level')
  })

  it('holds the bootstrap of both sides: of one exact value only the runs are drawn', () => {
    // Runs above 5 are 1 of 3: a draw of three has 0 to 3 of them, 0 with (2/3)^3 = .296, 3 with .037.
    const found = improvement([[2, 4, 6]], [[5]], { stream, exact: true })
    expect(found).toEqual({ probability: 1 / 3, low: 0, high: 1 })
  })

  it('draws the runs of both sides', () => {
    // A draw of three of 0, 0, 1 is 1, 1, 1 with 1/27 and 0, 0, 0 with 8/27: both more than 1/40.
    const expected = (probability: number) => ({ probability: expect.closeTo(probability, 12), low: 0, high: 1 })
    expect(improvement([[0.5, 0.5, 0.5]], [[0, 0, 1]], { stream })).toEqual(expected(2 / 3))
    expect(improvement([[0, 0, 1]], [[0.5, 0.5, 0.5]], { stream })).toEqual(expected(1 / 3))
  })

  it('averages tasks, and counts what is within the resolution as tied', () => {
    const found = improvement(
      [
        [1, 1, 1],
        [9, 9, 9],
      ],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      { stream },
    )
    expect(found).toEqual({ probability: 0.75, low: 0.75, high: 0.75 })
    expect(improvement([[1 + 1e-9]], [[1]], { stream, resolution: 1e-8 }).probability).toBe(0.5)
    expect(improvement([[1 - 1e-9]], [[1]], { stream, resolution: 1e-10 }).probability).toBe(0)
  })

  it('gives no interval of fewer than three runs on either side', () => {
    for (const [x, y] of [
      [
        [1, 2],
        [3, 4, 5],
      ],
      [
        [1, 2, 3],
        [4, 5],
      ],
    ] as const) {
      const found = improvement([x], [y], { stream })
      expect([found.low, found.high, standingOf(found)]).toEqual([null, null, 'unknown'])
    }
  })
})

describe('jointBootstrap', () => {
  it('draws as stratifiedBootstrap does, for several statistics at once', () => {
    const scores = [
      [1, 2, 4, 8],
      [10, 20, 30],
    ]
    const sizes = scores.map(({ length }) => length)
    const uniform = () => {
      let state = 7
      return () => {
        state = (state * 16807) % 2147483647
        return state / 2147483647
      }
    }
    const sums = (draws: readonly Int32Array[], out: Float64Array) => {
      const drawn = draws.flatMap((task, t) => [...task].map((i) => scores[t]![i]!))
      out[0] = mean(drawn)
      out[1] = 2 * mean(drawn)
    }
    const [one, two] = jointBootstrap(sizes, sums, 2, { uniform: uniform(), repetitions: 200 })
    const known = stratifiedBootstrap(scores, mean, { uniform: uniform(), repetitions: 200 })
    expect(one!.low).toBeCloseTo(known.low, 12)
    expect(one!.high).toBeCloseTo(known.high, 12)
    expect(two!.low).toBeCloseTo(2 * known.low, 12)
    expect(byTask(Float64Array.of(1, 2, 3, 4, 5), [2, 3])).toEqual([Float64Array.of(1, 2), Float64Array.of(3, 4, 5)])
  })

  it('refuses no task and an empty one', () => {
    const none = () => undefined
    const uniform = () => 0
    for (const sizes of [[], [2, 0]]) {
      expect(() => jointBootstrap(sizes, none, 1, { uniform })).toThrowError(
        expect.objectContaining({ code: 'ERR_SHAPE' }),
      )
    }
  })
})

describe('pairedAggregate', () => {
  it('is no surer of two variants of one environment, in which seeds are alike, than of one', () => {
    const task = {
      scores: [
        [3, 1, 4, 1, 5, 9],
        [2, 7, 1, 8, 2, 8],
      ],
    }
    const one = pairedAggregate([task], 'variants')
    expect(pairedAggregate([task, task], 'variants').policies).toEqual(one.policies)
    expect(one.policies[0]!.iqm.high! - one.policies[0]!.iqm.low!).toBeGreaterThan(1)
  })

  it('takes the mean of an environment, however its episodes are spread, and their interquartile mean', () => {
    // Means 2, 1 and 4, 5: fewer than four environments are averaged whole.
    const tasks = [
      {
        scores: [
          [0, 0, 6],
          [1, 1, 1],
        ],
      },
      {
        scores: [
          [4, 4, 4],
          [5, 5, 5],
        ],
      },
    ]
    const { best, policies } = pairedAggregate(tasks, stream)
    expect(best).toBe(0)
    expect(policies.map(({ iqm }) => iqm.value)).toEqual([3, 3])
    expect(policies[1]!.difference!.value).toBe(0)
    // 1 beats 0 twice and loses to 6; 5 beats 4 always.
    expect(policies[1]!.improvement!.value).toBeCloseTo((2 / 3 + 1) / 2, 12)
    expect(policies[0]).toMatchObject({ difference: null, improvement: null })
  })

  it('pairs episodes: what makes a seed easy cancels out of the interval of a difference', () => {
    const easy = Array.from({ length: 40 }, (_, k) => 100 * Math.sin(k))
    const { best, policies } = pairedAggregate([{ scores: [easy, easy.map((score) => score + 1)] }], stream)
    expect(best).toBe(1)
    const { difference, improvement: ahead, iqm } = policies[0]!
    expect([difference!.value, difference!.low, difference!.high]).toEqual(
      [-1, -1, -1].map((one) => expect.closeTo(one, 9)),
    )
    expect(ahead).toEqual({ value: 0, low: 0, high: 0 })
    expect(iqm.high! - iqm.low!).toBeGreaterThan(20)
  })

  it('counts episodes with equal scores half, and a score at a threshold as not above it', () => {
    const [ahead, other] = pairedAggregate(
      [
        {
          scores: [
            [0.75, 0.75, 1.5],
            [0.75, 0.75, 0.75],
          ],
        },
      ],
      stream,
    ).policies
    expect(other!.improvement!.value).toBeCloseTo(1 / 3, 12)
    expect([ahead!.profile, other!.profile]).toEqual([
      [1, 1, 1, 1, 1, 1],
      [1, 1, 0, 0, 0, 0],
    ])
  })

  it('gives the share of environments above each threshold, and no interval of two episodes', () => {
    const tasks = [{ scores: [[0.8, 0.8]] }, { scores: [[0.97, 0.97]] }]
    const [only] = pairedAggregate(tasks, stream).policies
    expect(only!.profile).toEqual([1, 1, 1, 0.5, 0.5, 0])
    expect(only!.iqm).toEqual({ value: expect.closeTo(0.885, 12), low: null, high: null })
  })

  it.each([[[]], [[{ scores: [] }]], [[{ scores: [[1], [1, 2]] }]], [[{ scores: [[1]] }, { scores: [[1], [2]] }]]])(
    'refuses what is not of the same policies and episodes: %j',
    (tasks) => {
      expect(() => pairedAggregate(tasks, stream)).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
    },
  )
})
