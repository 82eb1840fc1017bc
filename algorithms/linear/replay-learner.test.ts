import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import type { LearnerContext, LearnerState } from '../learner.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { ReplayLearner } from './replay-learner.js'
import { type StepByHand, stepByHand } from './testing/step-by-hand.js'

const spec: EnvSpec = {
  id: 'pair',
  version: '1',
  agents: [
    { name: 'reader', observation: box(0), action: discrete(2), numObservations: 0, numFeatures: 1 },
    { name: 'looker', observation: box(1), action: discrete(2), numObservations: 0 },
  ],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}
const features = sparseFrom([[0], [2]], 1)
const settings = {
  lambda: 2,
  repeats: 'average',
  firstFit: 4,
  growth: 2,
  sweeps: 10,
  tolerance: 1e-12,
  capacity: 3,
} as const
const make = (more: Partial<LearnerContext> = {}, changes: object = {}, full = false) => {
  const context = { spec, agents: [0, 1], discount: 0, totalSteps: 100, rows: 2, rng: new Rng('replay'), ...more }
  return new ReplayLearner(context, { rule: 'epsilon-greedy', amount: 0 }, full, { ...settings, ...changes })
}
/** Two rows: both agents see 0 in the first and 2 in the second, and earn 1 and 5 for action 1. */
const step = (alive = [1, 1, 1, 1], more: StepByHand = {}) =>
  stepByHand(
    spec,
    2,
    {
      before: { featureRow: [0, -1, 1, -1], observation: [0, 0, 0, 2], alive },
      actions: [1, 1, 1, 1],
      reward: [1, 1, 5, 5],
      ...more,
    },
    features,
  )
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 9))
const weights = (state: LearnerState, agent: number) => [...state.arrays[`${agent}/weights`]!]

describe('a learner that remembers', () => {
  it('fits each agent when it is due, and at the end', () => {
    const learner = make()
    learner.update(step())
    expect([0, 1].map((agent) => weights(learner.saveState(), agent))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
    learner.finish()
    // As in ridge regression of two points (0, 1) and (2, 5): slope 4 / (2 + 2).
    expect([0, 1].map((agent) => weights(learner.saveState(), agent))).toEqual([near([0, 0, 1, 2]), near([0, 0, 1, 2])])
    const another = make()
    another.update(step())
    another.update(step())
    expect(weights(another.saveState(), 0)).toEqual(near([0, 0, 1, 2]))
    expect([...another.saveState().arrays['1/progress']!]).toEqual([8, 2, 0])
  })

  it('remembers the steps of agents that were there, of its own agents only', () => {
    const learner = make({ agents: [1] }, { firstFit: 1 })
    learner.update(step([1, 0, 1, 1]))
    const { arrays, data, added } = learner.saveState()
    expect(data.counts).toEqual({ 1: 1 })
    expect(Object.keys(arrays)).toEqual(['1/weights', '1/progress', 'errors'])
    expect([...added!['1/reward']!]).toEqual([5])
    expect(added).not.toHaveProperty('0/reward')
    // A single reward: the intercept.
    expect(weights(learner.saveState(), 1)).toEqual(near([0, 0, 0, 5]))
  })

  it('counts what follows by the discount', () => {
    const learner = make({ discount: 0.5 }, { sweeps: 1 })
    learner.update(step([1, 1, 1, 1], { terminated: [0, 1] }))
    const { added } = learner.saveState()
    expect([...added!['0/discount']!]).toEqual([0.5, 0])
  })

  it('keeps what other actions would have earned in the full regime only', () => {
    const actionReward = [7, 1, 7, 1, 9, 5, 9, 5]
    for (const full of [false, true]) {
      const learner = make({}, {}, full)
      learner.update(step([1, 1, 1, 1], { actionReward }))
      expect([...learner.saveState().added!['1/actionReward']!]).toEqual(full ? [7, 1, 9, 5] : [])
      learner.finish()
      // Two points (0, 7) and (2, 9): slope 2 / (2 + 2).
      expect(weights(learner.saveState(), 1)).toEqual(near(full ? [0.5, 7.5, 1, 2] : [0, 0, 1, 2]))
    }
  })

  it('picks its lambda anew with four times the steps, and at the end', () => {
    const learner = make({}, { lambda: 'auto' })
    const pickedAt = () => learner.saveState().arrays['1/progress']![2]
    const at: unknown[] = []
    for (let k = 0; k < 5; k++) {
      learner.update(step())
      at.push(pickedAt())
    }
    learner.finish()
    // Fits at 4 and 8 steps: 8 are less than four times 4.
    expect([...at, pickedAt()]).toEqual([0, 4, 4, 4, 4, 10])
  })

  it('acts by what it has fitted', () => {
    const learner = make()
    learner.update(step())
    learner.finish()
    const batch = step().before
    const scores = new Float64Array(8)
    learner.policy().scores!(batch, scores)
    // Action 0 was never taken: 0. Action 1 is worth 2 and what is seen, at 0 and 2.
    expect([...scores]).toEqual(near([0, 2, 0, 2, 0, 4, 0, 4]))
    const actions = new Int32Array(4)
    learner.act(batch, actions)
    expect([...actions]).toEqual([1, 1, 1, 1])
    expect(learner.metrics()['weight-max']).toBeCloseTo(2, 9)
  })

  it('fits nothing where it has seen nothing', () => {
    const learner = make()
    learner.update(step([0, 0, 0, 0]))
    learner.finish()
    expect([...learner.saveState().arrays['0/progress']!]).toEqual([4, 0, 0])
  })
})

describe('the state of a learner that remembers', () => {
  const saved = () => {
    const learner = make()
    learner.update(step())
    return structuredClone(learner.saveState())
  }

  it('tells what was added since it was last asked, and is put together again', () => {
    const learner = make()
    learner.update(step())
    const first = learner.saveState()
    expect([first.data.counts, [...first.added!['0/featureRow']!]]).toEqual([{ 0: 2, 1: 2 }, [0, 1]])
    expect(learner.saveState().added!['0/featureRow']).toHaveLength(0)
    const other = make()
    other.loadState(structuredClone(first))
    expect(other.saveState().data).toEqual(first.data)
    for (const each of [learner, other]) each.update(step([1, 1, 0, 0], { reward: [3, 4, 0, 0] }))
    for (const each of [learner, other]) each.finish()
    const [expected, found] = [learner.saveState(), other.saveState()]
    expect(found).toEqual(expected)
    expect([...found.added!['1/reward']!]).toEqual([4])
  })

  it.each<[string, (state: LearnerState) => LearnerState]>([
    ['no counts', ({ data: { counts: _, ...data }, ...state }) => ({ ...state, data })],
    ['no count of an agent', (state) => ({ ...state, data: { ...state.data, counts: { 0: 2 } } })],
    ['no steps', ({ added: _, ...state }) => state],
    ['too few steps of one agent', (state) => ({ ...state, data: { ...state.data, counts: { 0: 2, 1: 3 } } })],
    [
      'steps of another shape',
      (state) => ({ ...state, added: { ...state.added, '1/observation': new Float32Array(3) } }),
    ],
  ])('is refused with %s, and nothing is changed', (_, change) => {
    const learner = make()
    learner.update(step())
    learner.update(step())
    const before = structuredClone(learner.saveState())
    expect(() => learner.loadState(change(saved()))).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE',
        message:
          'saved learner: its remembered steps are absent or of other shapes; it was saved by another learner or with other settings',
      }),
    )
    expect({ ...learner.saveState(), added: before.added }).toEqual(before)
  })

  it('is refused before any step is taken over where its arrays do not fit', () => {
    const learner = make()
    const state = saved()
    expect(() => learner.loadState({ ...state, arrays: {} })).toThrow(/expected 4 numbers in "0\/weights", got none/)
    expect(learner.saveState().data.counts).toEqual({ 0: 0, 1: 0 })
  })

  it('is read by the whole name of an agent', () => {
    // The steps of agent 10 are none of agent 1, or of 0.
    const learner = make()
    const state = saved()
    learner.loadState({
      ...state,
      added: { ...state.added, '10/action': Int32Array.of(1), '01/action': Int32Array.of(1) },
    })
    expect(learner.saveState().data.counts).toEqual({ 0: 2, 1: 2 })
  })
})
