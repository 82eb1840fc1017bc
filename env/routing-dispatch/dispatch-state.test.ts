import { describe, expect, it } from 'vitest'
import { instances, routingDispatchConfig } from './config.js'
import { DispatchState } from './dispatch-state.js'
import { COST, LOSS, QUEUED, VALUE, WAITED } from './quantities.js'
import { dispatchRules } from './rules.js'

const { types } = instances['three-agents']
const A = 0
const B = 1
const stateOf = (settings: object, tracks?: boolean) =>
  new DispatchState(dispatchRules(routingDispatchConfig.parse(settings)), tracks)
const inboxOf = ({ waiting, type, left, ticket }: DispatchState) =>
  Array.from({ length: waiting }, (_, k) => [type[k], left[k], ticket[k]])

/** A tick in which nobody claims and nothing happens. */
const idle = (state: DispatchState) => {
  state.beginStep()
  state.endOffers()
}

describe('what waits', () => {
  it('ages with every query, whoever is offered, and the last decision loses it', () => {
    const state = stateOf({ inbox: 3 })
    state.arrive(A, 10)
    idle(state)
    state.arrive(B, 11)
    state.beginStep()
    state.endOffers()
    expect(inboxOf(state)).toEqual([
      [A, 1, 10],
      [B, 2, 11],
    ])
    expect(state.quantities[WAITED]).toBe(2)
    state.beginStep()
    state.endOffers()
    expect(inboxOf(state)).toEqual([[B, 1, 11]])
    expect([...state.quantities.subarray(WAITED, LOSS + 1)]).toEqual([1, 1])
    expect([...state.lost.subarray(0, state.lostCount)]).toEqual([10])
    state.beginStep()
    state.endOffers()
    expect(state.quantities[LOSS]).toBe(2)
    expect(state.waiting).toBe(0)
  })

  it('is offered by priority, then by arrival; one too many is refused', () => {
    const state = stateOf({ inbox: 4, types: types.map((type, t) => ({ ...type, priority: t })) })
    state.beginStep()
    expect([A, B, A, B, B].map((type, k) => state.arrive(type, k))).toEqual([true, true, true, true, false])
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([1, 3, 0, 2])
    expect(state.quantities[LOSS]).toBe(2)
    state.withdraw(1)
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([1, 0, 2])
  })
})

describe('claims', () => {
  it('take the head for its price and value, and leave the rest to age once a tick', () => {
    const state = stateOf({ inbox: 3, offersPerTick: 2 })
    for (const type of [A, B, A]) state.arrive(type)
    state.beginStep()
    state.award(0, 2, 1)
    expect(state.offersMore).toBe(true)
    // Value 6 less price .5, one conflict; it waited 0 ticks, and its agent needs 1 / .4.
    expect([...state.quantities]).toEqual([6, 0.5, 1, 0, 0, 0, 1, 2.5])
    expect(inboxOf(state).map(([, left]) => left)).toEqual([3, 3])
    state.beginStep()
    state.award(1, 1, 0.5)
    expect(state.offersMore).toBe(false)
    state.endOffers()
    expect([...state.quantities]).toEqual([6, 1, 0, 2, 1, 0, 1, 4])
    expect(inboxOf(state).map(([, left]) => left)).toEqual([2])
    expect([...state.queue]).toEqual([1, 1, 0])
    expect(state.tick).toBe(1)
  })

  it('are for agents that are up, have room and take the type', () => {
    const { agents } = instances['three-agents']
    const state = stateOf({
      agents: agents.map((one, i) => ({ ...one, capacity: 1, types: i === 2 ? ['A'] : ['A', 'B'] })),
    })
    const may = () => {
      state.findEligible()
      return Array.from(state.eligible, (eligible) => eligible === 1)
    }
    expect(may()).toEqual([false, false, false])
    state.arrive(B)
    expect(may()).toEqual([true, true, false])
    state.award(0, 1, 0)
    state.arrive(A)
    state.goDown(1)
    expect(may()).toEqual([false, false, true])
    state.comeUp(1)
    state.complete(0)
    expect(may()).toEqual([true, true, true])
  })
})

describe('an agent that goes down', () => {
  it('keeps its queue, which goes on costing', () => {
    const state = stateOf({})
    state.arrive(A)
    state.award(0, 1, 1)
    idle(state)
    state.beginStep()
    state.goDown(0)
    expect(state.quantities[VALUE]).toBe(0)
    state.endOffers()
    expect(state.quantities[QUEUED]).toBe(1)
    expect([...state.queue]).toEqual([1, 0, 0])
  })

  /** Agent 0 holds queries 0 (A, claimed with 2 left in tick 1) and 1 (B, with 3 left in tick 2); it is tick 2's end. */
  const holding = (settings: object = {}) => {
    const state = stateOf({ inbox: 2, onDown: 'giveBack', ...settings })
    state.arrive(A, 0)
    idle(state)
    state.beginStep()
    state.award(0, 1, 1)
    state.endOffers()
    state.arrive(B, 1)
    state.beginStep()
    state.award(0, 1, 0.5)
    state.endOffers()
    return state
  }

  it('gives back with the patience at the claim less the ticks since, and takes the credit back; the price stays paid', () => {
    const state = holding()
    expect(state.quantities[VALUE]).toBe(6)
    expect(state.quantities[COST]).toBe(0.5)
    state.goDown(0)
    // A: 2 left, claimed in tick 1, now 3 ticks have begun: 2 - 2 = 0, so it is lost. B: 3 - 1 = 2.
    expect(inboxOf(state)).toEqual([[B, 2, 1]])
    expect(state.quantities[VALUE]).toBe(6 - 6 - 6)
    expect(state.quantities[COST]).toBe(0.5)
    expect(state.quantities[LOSS]).toBe(1)
    expect([...state.lost.subarray(0, state.lostCount)]).toEqual([0])
    expect([...state.queue]).toEqual([0, 0, 0])
  })

  it('gives back before what came later, oldest first, as far as there are places', () => {
    const state = holding({ patience: 9 })
    state.arrive(A, 2)
    state.goDown(0)
    // One place is free: the older one gets it, at the head, as it came before query 2.
    expect(inboxOf(state)).toEqual([
      [A, 6, 0],
      [A, 9, 2],
    ])
    expect(state.quantities[LOSS]).toBe(2)
    const roomy = holding({ patience: 9, inbox: 3 })
    roomy.arrive(A, 2)
    roomy.goDown(0)
    expect(inboxOf(roomy).map(([, left, ticket]) => [left, ticket])).toEqual([
      [6, 0],
      [8, 1],
      [9, 2],
    ])
    const ranked = holding({ patience: 9, inbox: 3, types: types.map((type, t) => ({ ...type, priority: t })) })
    ranked.arrive(A, 2)
    ranked.goDown(0)
    expect(inboxOf(ranked).map(([, , ticket]) => ticket)).toEqual([1, 0, 2])
  })

  it('keeps what has begun to reach its client', () => {
    const state = holding({ patience: 9 })
    state.goDown(0, [1])
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([0])
    expect(state.queue[0]).toBe(1)
    expect(state.queued!.at(0, 0).ticket).toBe(1)
    expect(state.quantities[VALUE]).toBe(6 - 6)
  })

  it('keeps that and nothing else, though older ones were claimed later', () => {
    const ranked = types.map((type, t) => ({ ...type, priority: t }))
    const state = stateOf({ inbox: 3, onDown: 'giveBack', patience: 9, types: ranked })
    for (const type of [A, B, B]) state.arrive(type, state.arrived)
    for (let k = 0; k < 3; k++) state.award(0, 1, 0)
    expect([0, 1, 2].map((place) => state.queued!.at(0, place).ticket)).toEqual([1, 2, 0])
    state.goDown(0, [0])
    expect(state.queued!.at(0, 0).ticket).toBe(1)
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([2, 0])
  })

  it('gives the places that are left to what came first, though it was claimed later', () => {
    const ranked = types.map((type, t) => ({ ...type, priority: t }))
    const state = stateOf({ inbox: 2, onDown: 'giveBack', patience: 9, types: ranked })
    for (const type of [A, B]) state.arrive(type, state.arrived)
    for (let k = 0; k < 2; k++) state.award(0, 1, 0)
    state.arrive(A, 2)
    state.goDown(0)
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([0, 2])
    expect([...state.lost.subarray(0, state.lostCount)]).toEqual([1])
  })

  it('gives back once more what another agent has claimed since', () => {
    const state = holding({ patience: 9 })
    state.goDown(0)
    state.beginStep()
    state.award(1, 1, 0)
    state.endOffers()
    state.goDown(1)
    expect(inboxOf(state)).toEqual([
      [A, 5, 0],
      [B, 7, 1],
    ])
    expect(state.quantities[VALUE]).toBe(0)
  })

  it('has finished the query at a place, not always the oldest', () => {
    const state = holding({ patience: 9 })
    state.complete(0, 0)
    expect(state.queued!.at(0, 0).ticket).toBe(1)
    // The next claim has a place of its own.
    state.arrive(A, 7)
    state.award(0, 1, 0)
    expect([0, 1].map((place) => state.queued!.at(0, place).ticket)).toEqual([1, 7])
    state.goDown(0)
    expect(inboxOf(state).map(([, , ticket]) => ticket)).toEqual([1, 7])
  })
})
