import { describe, expect, it } from 'vitest'
import type { EnvState } from '../env.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { TableEnv } from './table-env.js'

/** State 0 goes to 1 or 2, half each; both are the end, worth 1 and -1. */
const table = {
  numStates: 3,
  actionLabels: ['go'],
  rowStart: Int32Array.of(0, 2, 2, 2),
  successor: Int32Array.of(1, 2),
  probability: Float64Array.of(0.5, 0.5),
  reward: Float64Array.of(1, -1),
  terminal: Uint8Array.of(0, 1, 1),
  start: Float64Array.of(1, 0, 0),
}
const make = () => new TableEnv(table, { id: 'coin', version: '1', limitSteps: null, limitAs: 'truncated' })

describe('TableEnv', () => {
  it('draws outcomes as often as the table says, one draw a step', () => {
    const env = make()
    const slot = allocateSlots(env.spec, 1).rows[0]!
    const rng = new Rng('coin')
    const same = new Rng('coin')
    env.bind(slot)
    for (let t = 0; t < 100; t++) {
      env.reset(rng)
      env.step(Int32Array.of(0))
      const head = same.uniform() < 0.5
      expect([slot.stateId[0], slot.reward[0]]).toEqual(head ? [1, 1] : [2, -1])
    }
  })

  it('refuses calls out of order, actions outside the table, and states of another one', () => {
    const env = make()
    const lifecycle = (message: RegExp) =>
      expect.objectContaining({ code: 'ERR_LIFECYCLE', message: expect.stringMatching(message) })
    expect(() => env.reset(new Rng('a'))).toThrow(lifecycle(/coin\.reset: call bind first/))
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    expect(() => env.step(Int32Array.of(0))).toThrow(lifecycle(/coin\.step: call reset first/))
    expect(() => env.saveState()).toThrow(lifecycle(/^coin\.saveState: call reset first$/))
    env.reset(new Rng('a'))
    for (const action of [1, -1]) {
      const error = { code: 'ERR_SHAPE', message: `coin: action ${action}, expected 0..0` }
      expect(() => env.step(Int32Array.of(action))).toThrow(expect.objectContaining(error))
    }
    const rng = [0, 0, 0, 1]
    const strangers: EnvState[] = [
      {},
      { state: 3, stepsTaken: 0, rng },
      { state: -1, stepsTaken: 0, rng },
      { state: 0.5, stepsTaken: 0, rng },
      { state: '0', stepsTaken: 0, rng },
      { state: 0, stepsTaken: -1, rng },
      { state: 0, stepsTaken: 1.5, rng },
      { state: 0, stepsTaken: 0 },
    ]
    for (const state of strangers) {
      expect(() => env.loadState(state)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }))
    }
    expect(() => env.loadState({ state: 3, stepsTaken: 7, rng })).toThrow(
      'coin: expected a saved state 0..2 and its steps, got state 3, stepsTaken 7; it was saved from another configuration',
    )
  })

  it('masks actions without outcomes, and refuses them', () => {
    // State 0 can only stop, state 1 only go.
    const partial = {
      ...table,
      actionLabels: ['go', 'stop'],
      rowStart: Int32Array.of(0, 0, 1, 2, 2, 2, 2),
      successor: Int32Array.of(1, 2),
      probability: Float64Array.of(1, 1),
      terminal: Uint8Array.of(0, 0, 1),
    }
    const env = new TableEnv(partial, { id: 'gate', version: '1', limitSteps: null, limitAs: 'truncated' })
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('gate'))
    expect([...slot.mask]).toEqual([0, 1])
    expect(() => env.step(Int32Array.of(0))).toThrow(
      expect.objectContaining({
        code: 'ERR_ILLEGAL_ACTION',
        message: 'gate: "go" is illegal in state 0; choose by the mask',
      }),
    )
    env.step(Int32Array.of(1))
    expect([slot.stateId[0], ...slot.mask]).toEqual([1, 1, 0])
    const saved = env.saveState()
    env.step(Int32Array.of(0))
    expect([slot.stateId[0], slot.terminated[0]]).toEqual([2, 1])
    env.loadState(saved)
    expect([slot.stateId[0], ...slot.mask]).toEqual([1, 1, 0])
  })
})
