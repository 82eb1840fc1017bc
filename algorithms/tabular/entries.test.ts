import { describe, expect, it } from 'vitest'
import { hystereticQ } from './hysteretic-q.js'
import { lenientQ } from './lenient-q.js'
import { nStepQ } from './n-step-q.js'
import { qLambda } from './q-lambda.js'
import { qLearning } from './q-learning.js'
import { forTeams } from './testing/tabular-entries.js'

const learning = {
  learningRate: { kind: 'geometric', from: 0.3, to: 0.003, until: 1 },
  exploration: { kind: 'linear', from: 1, to: 0.05, until: 0.8 },
  initialValue: 0,
}
const all = [[qLearning.name, qLearning] as const, ...forTeams]

describe('a tabular learner', () => {
  it.each([
    ['q-learning', '2', ['q'], {}],
    ['independent-q', '2', ['iql-tabular'], {}],
    ['hysteretic-q', '2', [], { negativeFactor: { kind: 'linear', from: 0.5, to: 1, until: 1 } }],
    ['double-q', '1', [], {}],
    ['sarsa', '1', [], {}],
    ['expected-sarsa', '1', [], {}],
    ['n-step-q', '2', ['tree-backup'], { n: 3, exploring: 'cut' }],
    ['q-lambda', '1', ['watkins-q-lambda'], { lambda: 0.8, traces: 'replacing', longest: 256 }],
    ['distributed-q', '1', [], { learningRate: 1 }],
    ['lenient-q', '2', [], { leniency: 1, maxTemperature: 50, decay: 0.995, diffusion: 0.1 }],
    ['decomposed-q', '1', ['vdn-tabular'], { execute: 'greedy' }],
    ['joint-action-q', '2', ['joint-q'], {}],
  ])('%s has its name, version, aliases and defaults, and reads numbers only', (name, version, aliases, own) => {
    const entry = all.find(([listed]) => listed === name)![1]
    expect(entry).toMatchObject({ name, version, aliases })
    expect(entry.summary.length).toBeGreaterThan(10)
    expect(entry.schema.parse({})).toEqual({ ...learning, ...own })
    expect(entry.needs!(entry.schema.parse({}))).toEqual({ observation: false, state: false })
    expect(Object.keys(entry.forms).includes('tensors')).toBe(
      ['q-learning', 'independent-q', 'hysteretic-q', 'joint-action-q'].includes(name),
    )
  })

  it.each(all)('%s takes fractions as step size and exploration, and no setting that it doesn’t know', (_, entry) => {
    const takes = (settings: object) => entry.schema.safeParse(settings).success
    for (const key of ['learningRate', 'exploration']) {
      expect([-0.01, 0, 1, 1.01].map((value) => takes({ [key]: value }))).toEqual([false, true, true, false])
    }
    expect(takes({ initialValue: -5 })).toBe(true)
    expect(takes({ initialValue: Number.NaN })).toBe(false)
    expect(takes({ initial: 1 })).toBe(false)
  })
})

describe('a setting is refused beyond its bounds', () => {
  it.each([
    ['negativeFactor', hystereticQ, [0, 1], [-0.01, 1.01]],
    ['n', nStepQ, [1, 1000], [0, 1001, 1.5]],
    ['exploring', nStepQ, ['cut', 'follow'], ['', 'stop']],
    ['lambda', qLambda, [0, 1], [-0.01, 1.01]],
    ['traces', qLambda, ['replacing', 'accumulating'], ['', 'dutch']],
    ['longest', qLambda, [1, 10_000], [0, 10_001, 1.5]],
    ['leniency', lenientQ, [0.001, 9], [0, -1]],
    ['maxTemperature', lenientQ, [0, 1000], [-0.01]],
    ['decay', lenientQ, [0, 1], [-0.01, 1.01]],
    ['diffusion', lenientQ, [0, 1], [-0.01, 1.01]],
  ] as const)('%s', (key, entry, good, bad) => {
    const takes = (value: unknown) => entry.schema.safeParse({ [key]: value }).success
    expect(good.map(takes)).toEqual(good.map(() => true))
    expect(bad.map(takes)).toEqual(bad.map(() => false))
  })
})
