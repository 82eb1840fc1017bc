import { describe, expect, it } from 'vitest'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { ReplayMemory } from './replay-memory.js'
import { gatherRows, replayTargets } from './replay-rows.js'
import { type StepByHand, stepByHand } from './testing/step-by-hand.js'

const spec: EnvSpec = {
  id: 'one',
  version: '1',
  agents: [{ name: 'one', observation: box(2), action: discrete(2), numObservations: 0, numFeatures: 3 }],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}
const features = sparseFrom([
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 1],
  [0, 0, 3],
])
const input = { numFeatures: 3, observationSize: 2, columns: 5 }

function memoryOf(full: boolean, steps: readonly [StepByHand, number][]): ReplayMemory {
  const memory = new ReplayMemory(input, 2, full, steps.length + 3)
  for (const [given, discount] of steps) memory.add(stepByHand(spec, 1, given, features), 0, discount)
  return memory
}

describe('gatherRows', () => {
  it('makes one row of steps on which the same was seen, by feature rows and then observations', () => {
    const seen: [number, number, number][] = [
      [3, 0, 1],
      [2, 5, 0],
      [3, 0, 1],
      [3, 0, 2],
      [-1, 0, 2],
      [-1, 0, 1],
      [-1, -1, 5],
    ]
    const memory = memoryOf(
      false,
      seen.map(([row, ...observation]) => [{ before: { featureRow: [row], observation } }, 0]),
    )
    const { x, rowOf, keys } = gatherRows(memory, features, input)
    expect([...rowOf]).toEqual([4, 3, 4, 5, 2, 1, 0])
    expect(x).toEqual({
      rows: 6,
      columns: 5,
      rowStart: Int32Array.of(0, 2, 3, 4, 6, 8, 10),
      index: Int32Array.of(3, 4, 4, 4, 2, 3, 2, 4, 2, 4),
      value: Float32Array.of(-1, 5, 1, 2, 1, 5, 3, 1, 3, 2),
    })
    // Those without features have numbers of their own.
    expect([...keys]).toEqual([0, 1, 2, 2, 3, 3])
  })

  it('gives rows of the same features one key, the first of the features too', () => {
    const seen = [1, 0, 0]
    const memory = memoryOf(
      false,
      seen.map((row, n) => [{ before: { featureRow: [row], observation: [n, 0] } }, 0]),
    )
    const { keys, rowOf } = gatherRows(memory, features, input)
    expect([...rowOf]).toEqual([2, 0, 1])
    expect([...keys]).toEqual([0, 0, 1])
  })

  it('makes nothing of nothing', () => {
    const { x, rowOf, keys } = gatherRows(memoryOf(false, []), features, input)
    expect([x.rows, x.index.length, rowOf.length, keys.length]).toEqual([0, 0, 0, 0])
  })
})

describe('replayTargets', () => {
  /** Q(x, 0) = 1 + 10 times the first observed number, Q(x, 1) = 2 + 100 times the third feature. */
  const weights = Float64Array.of(0, 0, 0, 10, 0, 1, 0, 0, 100, 0, 0, 2)
  const often = { featureRow: [2], observation: [0, 1] }
  const once = { featureRow: [-1], observation: [2, 0] }
  const next = { featureRow: [3], observation: [0.5, 0] }
  const unknown = Number.NaN
  const steps: [StepByHand, number][] = [
    // Nothing follows: what would be seen there doesn't count.
    [
      {
        before: often,
        actions: [0],
        reward: [1],
        after: { featureRow: [-1], observation: [Number.POSITIVE_INFINITY, 0] },
        actionReward: [99, 5],
      },
      0,
    ],
    // The better of 6 and 302.
    [{ before: often, actions: [0], reward: [4], after: next, actionReward: [unknown, unknown] }, 0.5],
    // Only 6 is legal.
    [{ before: often, actions: [1], reward: [7], after: { ...next, mask: [1, 0] }, actionReward: [unknown, 88] }, 0.5],
    // Nothing is.
    [
      {
        before: once,
        actions: [1],
        reward: [3],
        after: { observation: [1, 0], mask: [0, 0] },
        actionReward: [6, unknown],
      },
      0.5,
    ],
  ]
  const targetsOf = (full: boolean, repeats: 'average' | 'count') => {
    const memory = memoryOf(full, steps)
    const rows = gatherRows(memory, features, input)
    expect([...rows.rowOf]).toEqual([1, 1, 1, 0])
    return replayTargets(memory, features, rows, input, weights, repeats).map(({ target, weight }) => [
      [...target],
      [...weight],
    ])
  }
  /** Of what was seen often, action 0 brought 1 and 4 + 0.5 * 302, action 1 brought 7 + 0.5 * 6. */
  const mean = (1 + 155) / 2

  it('are means of what an action brought, each row counting once', () => {
    expect(targetsOf(false, 'average')).toEqual([
      [
        [0, mean],
        [0, 1],
      ],
      [
        [3, 10],
        [1, 1],
      ],
    ])
  })

  it('are means of what an action brought, each row counting as often as it was seen', () => {
    expect(targetsOf(false, 'count')).toEqual([
      [
        [0, mean],
        [0, 2],
      ],
      [
        [3, 10],
        [1, 1],
      ],
    ])
  })

  it('are of what the other actions would have earned, too, where that is known', () => {
    expect(targetsOf(true, 'count')).toEqual([
      [
        [6, mean],
        [1, 2],
      ],
      [
        [3, (10 + 5) / 2],
        [1, 2],
      ],
    ])
  })
})
