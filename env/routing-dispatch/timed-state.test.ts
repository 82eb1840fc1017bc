import { describe, expect, it } from 'vitest'
import { instances, routingDispatchConfig } from './config.js'
import { DispatchState } from './dispatch-state.js'
import { LATENCY, LOSS, QUEUED, WAITED } from './quantities.js'
import { dispatchRules } from './rules.js'
import { wholeTicks } from './whole-ticks.js'

const A = 0
const B = 1
const { types } = instances['three-agents']

/** Ticks of 20 ms, patience for 3. */
function timed(settings: object = {}): DispatchState {
  const config = routingDispatchConfig.parse({ tickMs: 20, patience: 3, inbox: 3, ...settings })
  const state = new DispatchState(dispatchRules(config), true, true)
  state.beginStep()
  return state
}
const inboxOf = ({ waiting, type, left, ticket }: DispatchState) =>
  Array.from({ length: waiting }, (_, k) => [type[k], left[k], ticket[k]])

describe('a state whose time goes on in ms', () => {
  it('has what waits pay for its time, and lose it exactly when its patience is over', () => {
    const state = timed()
    state.passTo(7)
    state.arrive(A, 1)
    expect(state.passTo(57)).toBe(true)
    expect(inboxOf(state)).toEqual([[A, 1, 1]])
    expect(state.quantities[WAITED]).toBe(2.5)
    expect(state.passTo(66.999)).toBe(false)
    expect(state.waiting).toBe(1)
    expect(state.passTo(67)).toBe(true)
    expect([state.waiting, state.lostCount, state.lost[0]]).toEqual([0, 1, 1])
    expect(state.quantities[LOSS]).toBe(types[A]!.loss)
    expect(state.quantities[WAITED]).toBeCloseTo(3, 12)
  })

  it('has a query wait for its patience only, however late that is seen', () => {
    const state = timed()
    state.arrive(A, 1)
    state.passTo(30)
    state.arrive(B, 2)
    state.passTo(70)
    expect(inboxOf(state)).toEqual([[B, 1, 2]])
    expect(state.quantities[WAITED]).toBe(3 + 2)
  })

  it('has all queues cost for their time', () => {
    const state = timed()
    state.arrive(A, 1)
    state.award(0, 1, 0)
    state.passTo(50)
    expect(state.quantities[QUEUED]).toBe(2.5)
    state.complete(0)
    state.passTo(100)
    expect(state.quantities[QUEUED]).toBe(2.5)
  })

  it('counts whole ticks since the arrival, and the exact time as latency', () => {
    const state = timed()
    state.passTo(10)
    state.arrive(A, 1)
    const left = [10, 29, 30, 49, 50, 69].map((now) => {
      state.passTo(now)
      return state.left[0]
    })
    expect(left).toEqual([3, 3, 2, 2, 1, 1])
    state.passTo(69.5)
    state.award(0, 1, 0)
    expect(state.quantities[LATENCY]).toBeCloseTo(59.5 / 20 + 1 / 0.4, 12)
  })

  it('says when the head ages, or another is out of patience', () => {
    const state = timed({ types: types.map((type, t) => ({ ...type, priority: t })) })
    expect(state.due).toBe(Number.POSITIVE_INFINITY)
    state.arrive(A, 1)
    expect(state.due).toBe(20)
    state.passTo(45)
    expect(state.due).toBe(60)
    state.arrive(B, 2)
    expect(inboxOf(state)).toEqual([
      [B, 3, 2],
      [A, 1, 1],
    ])
    expect(state.due).toBe(60)
    state.passTo(60)
    expect(inboxOf(state)).toEqual([[B, 3, 2]])
    expect(state.due).toBe(65)
  })

  it('gives back with the patience that is left by time', () => {
    const state = timed({ onDown: 'giveBack' })
    state.arrive(A, 1)
    state.award(0, 1, 1)
    state.passTo(15)
    state.arrive(B, 2)
    state.award(0, 1, 1)
    state.passTo(60)
    state.goDown(0)
    expect(inboxOf(state)).toEqual([[B, 1, 2]])
    expect([...state.lost.subarray(0, state.lostCount)]).toEqual([1])
    expect(state.due).toBe(75)
  })

  it('never goes back', () => {
    const state = timed()
    state.passTo(10)
    expect(() => state.passTo(9)).toThrowError('expected a time that is not before 10 ms, got 9')
    expect(() => state.passTo(Number.NaN)).toThrowError(/got NaN/)
  })
})

it('whole ticks never disagree with the times that ticks end', () => {
  for (const tickMs of [0.1, 1.1, 20, 33.3, 1000 / 7]) {
    for (const since of [0, 0.3, 1234.567, 1e9 + 0.1]) {
      for (let k = 0; k < 300; k++) {
        const ends = since + k * tickMs
        expect(wholeTicks(since, ends, tickMs)).toBe(k)
      }
    }
  }
})
