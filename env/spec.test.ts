import { describe, expect, it } from 'vitest'
import { allocateSlots } from './slot.js'
import { box, discrete, multiDiscrete } from './space.js'
import { type EnvSpec, layoutOf, mostMessages, oneChoiceLayout, ownView, scoreWeights } from './spec.js'
import { TwoStep } from './two-step/two-step.js'

const agent = (name: string, size: number, action: EnvSpec['agents'][number]['action']) => ({
  name,
  observation: box(size),
  action,
  numObservations: 0,
})

const spec = (...agents: EnvSpec['agents']): EnvSpec => ({
  id: 'unlike',
  version: '1',
  agents,
  numStates: 0,
  stateSize: 3,
  quantities: [{ name: 'cost', unit: 'USD', description: 'what it cost' }],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
})

const unlike = spec(agent('scout', 2, discrete(5)), agent('porter', 7, multiDiscrete([2, 2])))

describe('layoutOf', () => {
  it('takes the widest observation and the most actions', () => {
    expect(layoutOf(unlike)).toEqual({
      agents: 2,
      heads: 2,
      observationSize: 7,
      numActions: 5,
      stateSize: 3,
      numQuantities: 1,
      actionsOf: Int32Array.of(5, 0, 2, 2),
    })
  })

  it.each([
    ['no agent', spec(), /at least one agent/],
    ['two agents of one name', spec(agent('a', 1, discrete(2)), agent('a', 1, discrete(2))), /names must differ/],
    [
      'a continuous action',
      spec(agent('a', 1, box(2) as unknown as ReturnType<typeof discrete>)),
      /unlike: agent "a": .*got a box/,
    ],
  ])('refuses %s', (_, wrong, message) => {
    const error = expect.objectContaining({ code: 'ERR_SPACE', message: expect.stringMatching(message) })
    expect(() => layoutOf(wrong)).toThrow(error)
  })

  it.each([3, -1, 0.5])('refuses %d messages among two observed numbers', (messages) => {
    const [first] = unlike.agents
    const hearing = { ...unlike, agents: [{ ...first!, observation: box(2), messages }] }
    expect(() => layoutOf(hearing)).toThrowError(/expected messages among its 2 observed numbers, got/)
  })
})

describe('ownView', () => {
  it('is that of messages where any agent hears some', () => {
    const [first] = unlike.agents
    const hearing = { ...unlike, agents: [first!, { ...first!, name: 'hearing', observation: box(4), messages: 3 }] }
    expect([ownView(unlike), ownView(hearing)]).toEqual(['local', 'messages'])
    expect([mostMessages(unlike), mostMessages(hearing)]).toEqual([0, 3])
  })
})

describe('oneChoiceLayout', () => {
  it('takes agents that make one choice at a time, and names one that makes several', () => {
    const alike = spec(agent('a', 1, discrete(2)))
    expect(oneChoiceLayout(alike, 'ridge')).toEqual(layoutOf(alike))
    expect(() => oneChoiceLayout(unlike, 'ridge')).toThrow(/ridge: agent "porter" of unlike makes several choices/)
  })
})

describe('allocateSlots', () => {
  it('gives every row its own part of each array', () => {
    const buffers = allocateSlots(unlike, 3)
    buffers.rows[1]!.observation.fill(1)
    buffers.rows[1]!.mask.fill(1)
    buffers.rows[1]!.state.fill(1)
    buffers.rows[1]!.quantities.fill(1)
    expect([...buffers.observation].map((value, i) => value * i).filter((i) => i > 0)).toEqual(
      Array.from({ length: 14 }, (_, i) => 14 + i),
    )
    expect([buffers.mask.length, buffers.mask.indexOf(1), buffers.mask.lastIndexOf(1)]).toEqual([60, 20, 39])
    expect([...buffers.state]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0])
    expect([...buffers.quantities]).toEqual([0, 1, 0])
    expect([...buffers.observationId]).toEqual([-1, -1, -1, -1, -1, -1])
  })

  it('leaves out what nobody reads', () => {
    const buffers = allocateSlots(unlike, 2, { observation: false, state: false })
    expect([buffers.observation.length, buffers.state.length, buffers.mask.length]).toEqual([0, 0, 40])
    expect(buffers.rows[1]!.observation.length).toBe(0)
  })
})

describe('scoreWeights', () => {
  it('counts a shared reward once, else sums or averages over agents', () => {
    const { spec } = new TwoStep()
    const weights = (aggregate: 'shared' | 'team-sum' | 'agent-mean') => [
      ...scoreWeights({ ...spec, score: { aggregate, over: 'episode' } }),
    ]
    expect(weights('shared')).toEqual([1, 0])
    expect(weights('team-sum')).toEqual([1, 1])
    expect(weights('agent-mean')).toEqual([0.5, 0.5])
  })
})
