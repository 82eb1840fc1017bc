import { describe, expect, it } from 'vitest'
import { checkMdp, modelBytes, type TabularMdp } from './tabular-mdp.js'

/** State 0 goes to 1 or stays, half each, under its only action; 1 is terminal. */
const coin: TabularMdp = {
  numStates: 2,
  numActions: 1,
  rowStart: Int32Array.of(0, 2, 2),
  successor: Int32Array.of(0, 1),
  probability: Float64Array.of(0.5, 0.5),
  reward: Float64Array.of(1, 0),
  terminal: Uint8Array.of(0, 1),
  start: Float64Array.of(1, 0),
  stateIds: Int32Array.of(10, 20),
}

describe('checkMdp', () => {
  it('takes a model that is one', () => {
    expect(() => checkMdp(coin)).not.toThrow()
  })

  it.each<[string, string, RegExp, Partial<TabularMdp>]>([
    ['a short table', 'ERR_SHAPE', /TabularMdp\.reward: expected 2, got 1/, { reward: Float64Array.of(1) }],
    ['another end of rows', 'ERR_SHAPE', /rowStart\[last\]: expected 2, got 3/, { rowStart: Int32Array.of(0, 2, 3) }],
    ['a row below 1', 'ERR_MODEL', /state 10 action 0 sum to 0\.9/, { probability: Float64Array.of(0.4, 0.5) }],
    ['a negative entry', 'ERR_MODEL', /entry 0 is -0\.5/, { probability: Float64Array.of(-0.5, 1.5) }],
    ['NaN', 'ERR_MODEL', /entry 1 is NaN/, { probability: Float64Array.of(0.5, Number.NaN) }],
    [
      'an infinite reward',
      'ERR_MODEL',
      /reward of state 10 action 0 is Infinity/,
      { reward: Float64Array.of(1 / 0, 0) },
    ],
    ['a successor outside', 'ERR_MODEL', /leads to state 2, outside/, { successor: Int32Array.of(0, 2) }],
    ['a terminal state that acts', 'ERR_MODEL', /terminal state 10 has 1 legal/, { terminal: Uint8Array.of(1, 1) }],
    ['a live state that cannot act', 'ERR_MODEL', /state 20 has no legal action/, { terminal: Uint8Array.of(0, 0) }],
    ['a short list of times', 'ERR_SHAPE', /elapsed: expected 2, got 1/, { elapsed: Float64Array.of(1) }],
    [
      'a time of 0',
      'ERR_MODEL',
      /state 10 action 0 to state 1: elapsed is 0, expected a positive/,
      { elapsed: Float64Array.of(1, 0) },
    ],
    ['an endless time', 'ERR_MODEL', /elapsed is Infinity/, { elapsed: Float64Array.of(1 / 0, 1) }],
    ['a short list of costs', 'ERR_SHAPE', /costs\.fuel: expected 2, got 1/, { costs: { fuel: Float64Array.of(1) } }],
    [
      'a cost that is NaN',
      'ERR_MODEL',
      /costs\.fuel of state 10 action 0 is NaN/,
      { costs: { fuel: Float64Array.of(Number.NaN, 0) } },
    ],
    ['starts below 1', 'ERR_MODEL', /start distribution sum to 0\.5/, { start: Float64Array.of(0.5, 0) }],
  ])('refuses %s', (_, code, message, change) => {
    const error = expect.objectContaining({ code, message: expect.stringMatching(message) })
    expect(() => checkMdp({ ...coin, ...change })).toThrow(error)
  })

  it("checks each agent's rewards of a joint model", () => {
    const joint = (...agentReward: Float64Array[]) => ({ ...coin, actionsOf: Int32Array.of(1, 1), agentReward })
    const own = Float64Array.of(0.25, 0)
    expect(() => checkMdp(joint(coin.reward, coin.reward))).not.toThrow()
    expect(() => checkMdp(joint(own, own))).not.toThrow()
    expect(() => checkMdp(joint(own))).toThrow(/agentReward: expected 2, got 1/)
    expect(() => checkMdp(joint(own, Float64Array.of(1)))).toThrow(/agentReward\[1\]: expected 2, got 1/)
    const infinite = Float64Array.of(1 / 0, 0)
    expect(() => checkMdp(joint(own, infinite))).toThrow(/agentReward\[1\] of state 10 action 0 is Infinity/)
  })
})

describe('modelBytes', () => {
  it('counts times, rewards of agents and costs where there are any', () => {
    // 10 states (13 bytes), 20 rows (12) and 100 transitions (12); then 8 bytes a row for each array more, and a transition.
    expect(modelBytes(10, 2, 100)).toBe(130 + 240 + 1200)
    expect(modelBytes(10, 2, 100, { perRow: 3, durations: true })).toBe(130 + 240 + 1200 + 3 * 160 + 800)
  })
})
