import { describe, expect, it } from 'vitest'
import { allocateSlots } from '../slot.js'
import { routingDispatchConfig } from './config.js'
import { RoutingDispatch } from './routing-dispatch.js'
import { SampledDispatch } from './sampled-dispatch.js'

/** State: B with two decisions left (inbox 5); agent 0 up with one query, 1 down with two, 2 idle. */
const state = 5 + 7 * (1 + 8 * (5 + 6 * 0))

function shown(settings: object, from = state) {
  const env = new RoutingDispatch(routingDispatchConfig.parse(settings))
  const slots = allocateSlots(env.spec, 1)
  env.bind(slots.rows[0]!)
  env.showState(from)
  const width = slots.layout.observationSize
  return {
    spec: env.spec,
    ids: [...slots.observationId],
    observations: env.spec.agents.map(({ observation }, i) => [
      ...slots.observation.subarray(i * width, i * width + observation.size),
    ]),
  }
}

const inbox5 = [0, 0, 0, 0, 0, 1, 0]

describe('what an agent of routing-dispatch sees, one-hot', () => {
  it('own: a place for each value of the inbox and of its own queue, up or down', () => {
    const { observations, spec } = shown({ observation: 'own', encoding: 'one-hot' })
    expect(observations).toEqual([
      [...inbox5, 0, 1, 0, 0, 0, 0, 0, 0],
      [...inbox5, 0, 0, 0, 0, 0, 1],
      [...inbox5, 1, 0, 0, 0, 0, 0],
    ])
    expect(spec.agents.map(({ messages }) => messages)).toEqual([undefined, undefined, undefined])
  })

  it("full: every agent's, to all or to the dispatcher alone", () => {
    const all = [...inbox5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    expect(shown({ encoding: 'one-hot' }).observations).toEqual([all, all, all])
    expect(shown({ encoding: 'one-hot', control: 'centralised' }).observations).toEqual([all])
    const six = shown({ instance: 'six-agents', encoding: 'one-hot', control: 'centralised' }, 0)
    expect(six.spec.agents[0]!.observation.size).toBe(47)
  })

  it('local-with-message and local: the symbol of each other, in their order', () => {
    const messages = shown({ observation: 'local-with-message', encoding: 'one-hot' })
    // Busy, down-or-full, idle.
    expect(messages.observations[0]!.slice(15)).toEqual([0, 0, 1, 1, 0, 0])
    expect(messages.observations[2]!.slice(13)).toEqual([0, 1, 0, 0, 0, 1])
    expect(messages.spec.agents[0]!.messages).toBe(6)
    const local = shown({ observation: 'local', encoding: 'one-hot' })
    expect(local.observations[2]!.slice(13)).toEqual([1, 0, 0, 1])
    expect(local.spec.agents[0]!.messages).toBeUndefined()
  })
})

describe('own-with-counts: how many idle agents are good at each type', () => {
  // Good at A from .7 on: agents 0 and 2; at B: 1 and 2. Idle here: agent 2 alone.
  it('counts those that are up with an empty queue, as numbers and one-hot, and as messages', () => {
    const numbers = shown({ observation: 'own-with-counts' })
    expect(numbers.observations[0]!.slice(-2)).toEqual([0.5, 0.5])
    expect(numbers.spec.agents.map(({ messages }) => messages)).toEqual([2, 2, 2])
    const oneHot = shown({ observation: 'own-with-counts', encoding: 'one-hot' })
    expect(oneHot.observations[1]!.slice(-6)).toEqual([0, 1, 0, 0, 1, 0])
    expect(oneHot.spec.agents[1]!.messages).toBe(6)
    // Agent 2 down with an empty queue: nobody is idle but agents 0, good at A, and 1, good at B.
    const down = 7 * 48 * 3
    expect(shown({ observation: 'own-with-counts' }, down).observations[0]!.slice(-2)).toEqual([0.5, 0.5])
    // Nobody busy: 2 and 2.
    expect(shown({ observation: 'own-with-counts' }, 0).observations[0]!.slice(-2)).toEqual([1, 1])
  })

  it('numbers them: inbox, own digit, then the counts, the first type fastest', () => {
    const { ids, spec } = shown({ observation: 'own-with-counts' })
    expect(ids).toEqual([5 + 7 * (1 + 8 * 4), 5 + 7 * (5 + 6 * 4), 5 + 7 * (0 + 6 * 4)])
    expect(spec.agents.map(({ numObservations }) => numObservations)).toEqual([7 * 8 * 9, 7 * 6 * 9, 7 * 6 * 9])
  })

  it('takes the skill that counts as good from its settings', () => {
    // From .85 on: agent 2 at A, agent 1 at B, which is down.
    const { ids, observations } = shown({ observation: 'own-with-counts', goodSkill: 0.85 })
    expect(observations[0]!.slice(-2)).toEqual([1, 0])
    expect(ids[2]).toBe(5 + 7 * (0 + 6 * 1))
    // Nobody is good at A: there is nothing to tell.
    const none = shown({ observation: 'own-with-counts', goodSkill: 0.95 })
    expect([none.observations[0]!.slice(-2), none.spec.agents[0]!.numObservations]).toEqual([[0, 0], 56])
  })

  it('has 16 pairs of counts with six agents', () => {
    const { spec } = shown({ instance: 'six-agents', observation: 'own-with-counts' }, 0)
    expect(spec.agents[1]!.numObservations).toBe(7 * 6 * 16)
  })
})

describe('what is numbered of an inbox of several places', () => {
  it('is its head and how many wait behind it', () => {
    const env = new SampledDispatch(routingDispatchConfig.parse({ inbox: 3, observation: 'own', onDown: 'giveBack' }))
    const slots = allocateSlots(env.spec, 1)
    env.bind(slots.rows[0]!)
    const idsOf = (left: readonly number[]) => {
      const inbox = left.map((one, k) => ({ type: k === 0 ? 1 : 0, left: one }))
      env.injectInitial({ inbox, queue: [0, 0, 0], down: [0, 1, 0] })
      return [...slots.observationId]
    }
    // B with 2 left is 5 of 7; three counts of those behind; agent 1 is down: digit 3.
    for (const [behind, left] of [[2], [2, 2], [2, 1, 1]].entries()) {
      const inbox = 5 + 7 * behind
      expect(idsOf(left)).toEqual([inbox, inbox + 7 * 3 * 3, inbox])
    }
    expect(idsOf([])).toEqual([0, 7 * 3 * 3, 0])
  })
})
