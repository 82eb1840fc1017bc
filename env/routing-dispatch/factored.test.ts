import { describe, expect, it } from 'vitest'
import { type FactoredMdp, SHOWN_AT_ONCE, toFactoredMdp } from '../mdp/factored-mdp.js'
import { instances, type RoutingDispatchConfig, routingDispatchConfig } from './config.js'
import { RoutingDispatch } from './routing-dispatch.js'

const make = (settings: object = {}) => new RoutingDispatch(routingDispatchConfig.parse(settings))
const factored = (settings: object = {}) => toFactoredMdp(make(settings))

/** The outcomes of a joint action as [afterstate, probability], and its reward. */
function rowOf(mdp: FactoredMdp, state: number, joint: number) {
  for (let row = mdp.stateStart[state]!; row < mdp.stateStart[state + 1]!; row++) {
    if (mdp.action[row] !== joint) continue
    const entries = []
    for (let k = mdp.rowStart[row]!; k < mdp.rowStart[row + 1]!; k++)
      entries.push([mdp.successor[k], mdp.probability[k]])
    return { entries, reward: mdp.reward[row]! }
  }
  return undefined
}

describe('routing-dispatch in factors', () => {
  const mdp = factored()

  it('has the inbox and each agent as factors, and the legal pairs of all states', () => {
    expect([...mdp.sizes]).toEqual([7, 8, 6, 6])
    expect([mdp.numStates, mdp.numActions, mdp.action.length]).toEqual([2016, 8, 4512])
    expect(mdp.start[0]).toBe(1)
  })

  it('moves each factor by its own matrix', () => {
    // No query: A arrives with .4, B with .3, each with three decisions left. An occupied inbox stays.
    expect([...mdp.moves[0]!.subarray(0, 7)].map((p) => +p.toFixed(12))).toEqual([0.3, 0, 0, 0.4, 0, 0, 0.3])
    expect([...mdp.moves[0]!.subarray(2 * 7, 3 * 7)]).toEqual([0, 0, 1, 0, 0, 0, 0])
    // Agent 0 with one query: served .4, then down .05. Down with one: repaired .15, the queue stays.
    const one = [...mdp.moves[1]!.subarray(8, 16)].map((p) => +p.toFixed(12))
    expect(one).toEqual([0.38, 0.57, 0, 0, 0.02, 0.03, 0, 0])
    expect([...mdp.moves[1]!.subarray(5 * 8, 6 * 8)]).toEqual([0, 0.15, 0, 0, 0, 0.85, 0, 0])
  })

  it('leads a claim to its winner, and two to either, with a conflict; the last agent is the fastest', () => {
    // State 6: B with three decisions left, nobody busy. Agent 1: 12 x .9 - 1 - .4 held.
    expect(rowOf(mdp, 6, 2)).toEqual({ entries: [[56, 1]], reward: expect.closeTo(9.4, 12) })
    // Agents 0 and 2 at once: (12 x .3 - .5 + 12 x .8 - 2.5) / 2 - 1 - .4.
    const both = rowOf(mdp, 6, 5)!
    expect(both.entries).toEqual([
      [7, 0.5],
      [7 * 48, 0.5],
    ])
    expect(both.reward).toBeCloseTo((3.1 + 7.1) / 2 - 1.4, 12)
  })

  it('counts what the arrival loses: it is part of the step', () => {
    // Waiting turns arrivals away: -.1 - .4 x 1 - .3 x 2; one decision less.
    expect(rowOf(mdp, 6, 0)).toEqual({ entries: [[5, 1]], reward: expect.closeTo(-1.1, 12) })
    // At its last decision it is lost instead, and the inbox takes what arrives.
    expect(rowOf(mdp, 4, 0)).toEqual({ entries: [[0, 1]], reward: expect.closeTo(-2, 12) })
  })

  it('works rewards out one by one where they are too many to keep', () => {
    const { agents } = instances['three-agents']
    // 1,161 contents of the inbox, times the lengths of a queue, twice: 2.4 GB.
    const long = make({ inbox: 3, patience: 10, agents: [{ ...agents[0]!, capacity: 255 }] })
    const short = make({ inbox: 3, patience: 10, agents: [{ ...agents[0]!, capacity: 3 }] })
    const rewardsOf = (env: RoutingDispatch, state: number) => {
      const { outcomes } = env.factoredModel()!
      return [0, 1].map((claims) => {
        const found: number[] = []
        outcomes(state, Int32Array.of(claims), {
          add: (_, probability, reward) => void found.push(probability * reward),
        })
        return found
      })
    }
    for (const state of [0, 1, 60, 200]) expect(rewardsOf(long, state)).toEqual(rewardsOf(short, state))
  })

  it('is none where the inbox has too many contents for a matrix of its own', () => {
    expect(make({ inbox: 3, patience: 30 }).factoredModel()).toBeUndefined()
  })

  it('takes the expectation of rewards that are no sum of parts', () => {
    const mixed = factored({ reward: '(value - loss) ^ 2 + latency' })
    // Claimed by agent 1: nothing is lost; .9 x 144, and 1 / .25 ticks.
    expect(rowOf(mixed, 6, 2)!.reward).toBeCloseTo(0.9 * 144 + 4, 12)
    // At its last decision B is lost (2), and the inbox is empty. With one more it waits: arrivals are lost.
    expect(rowOf(mixed, 4, 0)!.reward).toBeCloseTo(4, 12)
    expect(rowOf(mixed, 5, 0)!.reward).toBeCloseTo(0.4 * 1 + 0.3 * 4, 12)
  })

  it('shows what the agents see, some thousand states at once', () => {
    const six = factored({ instance: 'six-agents', control: 'centralised' })
    const batch = six.show(500_000, 500_000 + SHOWN_AT_ONCE)
    expect([batch.size, batch.stateId[0], batch.stateId[SHOWN_AT_ONCE - 1]]).toEqual([4096, 500_000, 504_095])
    expect(six.show(7, 9).size).toBe(2)
  })

  it('is refused where it takes too much, and where there is none', () => {
    expect(() => toFactoredMdp(make(), { maxOutcomes: 1000 })).toThrowError(
      /its joint actions have more than 1000 outcomes, even before its factors move; make the environment smaller/,
    )
    expect(() => toFactoredMdp(make(), { maxBytes: 1e4 })).toThrowError(/its outcomes take 129 kB and more, and 10/)
    const none = Object.assign(make(), { factoredModel: () => undefined })
    expect(() => toFactoredMdp(none)).toThrowError(/no factored model .*; use toJointMdp/)
  })

  it('is held to be a model', () => {
    const broken = (change: object) => {
      const env = make()
      const model = env.factoredModel()
      return () => toFactoredMdp(Object.assign(env, { factoredModel: () => ({ ...model, ...change }) }))
    }
    expect(broken({ sizes: Int32Array.of(7, 8, 6) })).toThrowError(/have 336 states together, expected .* = 2016/)
    expect(broken({ moves: [] })).toThrowError(/factor 0: expected 7 x 7 moves, got none/)
    expect(broken({ moves: [new Float64Array(49)] })).toThrowError(/factor 0: the moves from digit 0 are \[0, 0/)
    const add = (afterstate: number, probability: number, reward = 0) =>
      broken({
        outcomes: (_: number, __: Int32Array, sink: { add: (...outcome: number[]) => void }) =>
          sink.add(afterstate, probability, reward),
      })
    expect(add(2016, 1)).toThrowError(/an outcome leads to afterstate 2016 with probability 1/)
    expect(add(0, 0.5)).toThrowError(/state 0 joint action 0: outcomes of probability 0\.5/)
    expect(add(0, 1, Number.NaN)).toThrowError(/reward NaN, expected 1 and a finite number/)
  })
})

describe('a state read from its vector', () => {
  it('has the same parts as the one read from its number', async () => {
    const { readStateVector } = await import('./state-vector.js')
    const { decodeState, stateIndex } = await import('./state-index.js')
    const capacities: [number, number] = [255, 3]
    const agents = capacities.map((capacity) => ({
      capacity,
      skill: [0.5, 0.5],
      price: 0,
      service: 1,
      fail: 0,
      repair: 1,
    }))
    const config: RoutingDispatchConfig = routingDispatchConfig.parse({ agents, patience: 7 })
    const index = stateIndex(config)
    const mdp = factored({ agents, patience: 7 })
    const [queue, down] = [new Int32Array(2), new Uint8Array(2)]
    const [known, knownDown] = [new Int32Array(2), new Uint8Array(2)]
    for (let from = 0; from < mdp.numStates; from += SHOWN_AT_ONCE) {
      const batch = mdp.show(from, Math.min(mdp.numStates, from + SHOWN_AT_ONCE))
      for (let row = 0; row < batch.size; row++) {
        const head = readStateVector(index, batch.state, row * batch.layout.stateSize, queue, down)
        const inbox = decodeState(index, from + row, known, knownDown)
        const expected = inbox === 0 ? -1 : index.inbox!.headType(inbox)
        if (head === expected && queue.join() === known.join() && down.join() === knownDown.join()) continue
        expect([head, ...queue, ...down]).toEqual([expected, ...known, ...knownDown])
      }
    }
  })
})
