import { describe, expect, it } from 'vitest'
import { allocateSlots } from '../slot.js'
import { routingDispatchConfig } from './config.js'
import { routingDispatch } from './entry.js'

const open = (settings: object = {}) => {
  const env = routingDispatch.create(routingDispatchConfig.parse({ inbox: 2, ...settings }))
  const slot = allocateSlots(env.spec, 1).rows[0]!
  env.bind(slot)
  return { env, slot }
}
const start = (changes: object = {}) => ({ inbox: [], queue: [0, 1, 0], down: [0, 0, 1], ...changes })

describe('a start that is given', () => {
  it.each([
    ['fewer agents', { queue: [0, 0] }, /expected queue and down of 3 agents, got 2 and 3/],
    ['more down than there are', { down: [0, 0, 0, 1] }, /expected queue and down of 3 agents, got 3 and 4/],
    ['too many queries', { inbox: Array(3).fill({ type: 0, left: 1 }) }, /at most 2 queries in the inbox, got 3/],
    ['too long a queue', { queue: [0, 3, 0] }, /queue.1: expected at most 2, got 3/],
    ['an unknown type', { inbox: [{ type: 2, left: 1 }] }, /types below 2 with 1 to 3 decisions left, got 2, 1/],
    ['too much patience', { inbox: [{ type: 1, left: 4 }] }, /types below 2 with 1 to 3 decisions left, got 1, 4/],
    ['a query without patience', { inbox: [{ type: 1, left: 0 }] }, /left/],
    ['half down', { down: [0, 0.5, 0] }, /down/],
  ])('is refused with %s', (_, changes, message) => {
    expect(() => open().env.injectInitial!(start(changes))).toThrowError(message)
  })

  it('is refused with queues of unknown content, where they are given back', () => {
    const { env } = open({ onDown: 'giveBack' })
    expect(() => env.injectInitial!(start())).toThrowError(/expected empty queues: what is queued must be known/)
    env.injectInitial!(start({ queue: [0, 0, 0] }))
  })
})

describe('events that are given', () => {
  const step = (events: object, actions = [1, 1, 0], settings: object = {}) => {
    const { env, slot } = open(settings)
    env.injectInitial!(start({ inbox: [{ type: 1, left: 3 }] }))
    env.applyEvents!(events as never)
    env.step(Int32Array.from(actions))
    return { state: env.saveState(), reward: slot.reward[0] }
  }

  it('happen in place of what would be drawn', () => {
    const { state, reward } = step({ winner: 1, good: true, served: [1], failed: [0], repaired: [2], arrivals: [0, 1] })
    expect(state).toMatchObject({
      queue: [0, 1, 0],
      down: [1, 0, 0],
      inbox: [
        { type: 0, left: 3 },
        { type: 1, left: 3 },
      ],
    })
    // Value 12, price 1, a conflict of 1, two queued at .4.
    expect(reward).toBeCloseTo(12 - 1 - 1 - 0.8, 12)
  })

  it('are withdrawn one after the other, and arrivals beyond the places lost', () => {
    const { state, reward } = step({ withdrawn: [0], arrivals: [0, 0, 1] }, [0, 0, 0])
    expect(state).toMatchObject({
      inbox: [
        { type: 0, left: 3 },
        { type: 0, left: 3 },
      ],
    })
    expect(reward).toBeCloseTo(-0.1 - 0.4 - 2, 12)
  })

  it.each([
    ['a winner who does not claim', { winner: 2 }, /one of those that claim \(0, 1\), got 2/],
    ['no winner of two', {}, /one of those that claim \(0, 1\), got undefined/],
    ['service of an empty queue', { winner: 1, served: [0] }, /served: agent 0, place 0 can't happen/],
    ['service at a place behind the queue', { winner: 1, served: [{ agent: 1, place: 2 }] }, /agent 1, place 2 can't/],
    ['service of nobody', { winner: 1, served: [3] }, /served: agent 3, place 0 can't happen/],
    ['failure of one that is down', { winner: 1, failed: [2] }, /failed: agent 2 can't happen/],
    ['failure of nobody', { winner: 1, failed: [3] }, /failed: agent 3 can't happen/],
    ['what has begun behind the queue', { winner: 1, failed: [{ agent: 1, begun: [2] }] }, /failed: agent 1 can't/],
    ['the same begun twice', { winner: 1, failed: [{ agent: 1, begun: [0, 0] }] }, /failed: agent 1 can't happen/],
    ['what has begun out of order', { winner: 1, failed: [{ agent: 1, begun: [1, 0] }] }, /failed: agent 1 can't/],
    ['repair of one that is up', { winner: 1, repaired: [0] }, /repaired: agent 0 can't happen/],
    ['repair of nobody', { winner: 1, repaired: [3] }, /repaired: agent 3 can't happen/],
    ['withdrawal from an empty inbox', { winner: 1, withdrawn: [0] }, /withdrawn: place 0 can't happen/],
    ['an unknown type', { winner: 1, arrivals: [2] }, /arrivals: type 2 can't happen/],
    ['a quality above 1', { winner: 1, good: 2 }, /good/],
    ['an unknown key', { winner: 1, arrival: [0] }, /arrival/],
  ])('are refused: %s', (_, events, message) => {
    expect(() => step(events)).toThrowError(message)
  })

  it('hold for one step only', () => {
    const { env } = open()
    env.injectInitial!(start({ queue: [0, 0, 0] }))
    env.applyEvents!({ arrivals: [1] })
    env.step(Int32Array.of(0, 0, 0))
    env.applyEvents!({})
    env.step(Int32Array.of(0, 0, 0))
    expect(env.saveState()).toMatchObject({ inbox: [{ type: 1, left: 2 }] })
  })
})
