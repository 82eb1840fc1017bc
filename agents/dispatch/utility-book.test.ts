import { describe, expect, it } from 'vitest'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { ANSWERED, COST, QUEUED, VALUE, WAITED } from '#env/routing-dispatch/quantities.js'
import { dispatchRules } from '#env/routing-dispatch/rules.js'
import { UtilityBook } from './utility-book.js'

const config = routingDispatchConfig.parse({
  types: [{ name: 'easy', value: 10, arrival: 0.4, loss: 1 }],
  agents: [{ name: 'a', capacity: 2, skill: [0.75], price: 1, service: 0.5, fail: 0, repair: 1 }],
})
const newBook = (reward = config.reward) =>
  new UtilityBook(dispatchRules({ ...config, reward }), Float64Array.of(0.75), 0.5)

/** Of a step in which an agent claims a request for its price: worth 10 by .75. */
function claim(): Float64Array {
  const quantities = new Float64Array(8)
  quantities[VALUE] = 7.5
  quantities[COST] = 1
  quantities[ANSWERED] = 1
  return quantities
}

const seen = (book: UtilityBook) => [book.utility.total, book.utility.unjudged, book.utility.ticks]

it('books the word on an answer in the tick of its claim, also where it comes before that tick is over', () => {
  const book = newBook()
  book.claimed({ request: 'late', agent: 0, type: 0 })
  book.stepped(claim(), 1, 0)
  expect(seen(book)).toEqual([6.5, 1, 1])
  book.claimed({ request: 'early', agent: 0, type: 0 })
  book.judged('early', 1)
  expect(seen(book)).toEqual([6.5, 1, 1])
  book.stepped(claim(), 1, 0)
  expect(seen(book)).toEqual([15.5, 1, 2])
  book.judged('late', 0)
  expect(seen(book)).toEqual([8, 0, 2])
  book.judged('early', 0)
  book.judged('early', 0.5)
  expect(seen(book)).toEqual([3, 0, 2])
  book.judged('nobody', 1)
  expect(seen(book)).toEqual([3, 0, 2])
})

it('discounts by when decisions were made, also what is said of them later', () => {
  const book = newBook()
  book.claimed({ request: 'one', agent: 0, type: 0 })
  book.stepped(claim(), 0, 1.5)
  expect(book.utility.discounted).toBe(0)
  book.stepped(new Float64Array(8), 3, 1.5)
  expect([book.utility.discounted, book.utility.ticks]).toEqual([0.5 ** 1.5 * 6.5, 3])
  book.judged('one', 1)
  expect(book.utility.discounted).toBeCloseTo(0.5 ** 1.5 * 9, 12)
  book.claimed({ request: 'two', agent: 0, type: 0 })
  book.stepped(claim(), 1, 4)
  expect(book.utility.discounted).toBeCloseTo(0.5 ** 1.5 * 9 + 0.5 ** 4 * 6.5, 12)
  expect([book.utility.total, book.utility.ticks]).toEqual([15.5, 4])
})

/** Of a step in which an agent goes down, and gives a request back. */
function giveBack(): Float64Array {
  const quantities = new Float64Array(8)
  quantities[VALUE] = -7.5
  return quantities
}

describe('a claim that is given back', () => {
  it('counts at its skill until its agent goes down, whatever was said of it before or after', () => {
    const book = newBook()
    book.claimed({ request: 'one', agent: 0, type: 0 })
    book.stepped(claim(), 1, 0)
    book.judged('one', 1)
    expect(book.utility.discounted).toBe(9)
    book.takenBack('one')
    expect(book.utility).toMatchObject({ total: 6.5, discounted: 6.5, unjudged: 0 })
    book.stepped(giveBack(), 1, 1)
    // Its price stays paid.
    expect(book.utility).toMatchObject({ total: -1, discounted: 6.5 - 0.5 * 7.5, unjudged: 0 })
    book.judged('one', 0)
    book.takenBack('one')
    expect(book.utility).toMatchObject({ total: -1, discounted: 6.5 - 0.5 * 7.5, unjudged: 0 })
  })

  it('is not waited for, also where it is given back in the step of its claim', () => {
    const book = newBook()
    book.claimed({ request: 'one', agent: 0, type: 0 })
    expect(book.utility.unjudged).toBe(1)
    book.takenBack('one')
    const both = claim()
    both[VALUE] = 0
    book.stepped(both, 1, 0)
    expect(seen(book)).toEqual([-1, 0, 1])
  })

  it('and claimed again has what was said of it last', () => {
    const book = newBook()
    book.judged('one', 0.25)
    book.claimed({ request: 'one', agent: 0, type: 0 })
    book.stepped(claim(), 1, 0)
    expect(seen(book)).toEqual([1.5, 0, 1])
    book.takenBack('one')
    book.stepped(giveBack(), 1, 1)
    expect(seen(book)).toEqual([-1, 0, 2])
    book.claimed({ request: 'one', agent: 0, type: 0 })
    book.stepped(claim(), 1, 2)
    expect(seen(book)).toEqual([0.5, 0, 3])
  })
})

it('counts nothing of a tick before it is over, also what is said of its first decisions', () => {
  const book = newBook()
  book.claimed({ request: 'one', agent: 0, type: 0 })
  book.stepped(claim(), 0, 0)
  book.judged('one', 1)
  expect(seen(book)).toEqual([0, 0, 0])
  book.stepped(new Float64Array(8), 1, 0)
  expect(seen(book)).toEqual([9, 0, 1])
})

it('books several decisions of a tick together, and rewards that are not linear by their own rule', () => {
  const book = newBook('max(value - 4, 0) - cost')
  for (const [request, ticks] of [
    ['one', 0],
    ['two', 1],
  ] as const) {
    book.claimed({ request, agent: 0, type: 0 })
    book.stepped(claim(), ticks, 0)
  }
  // .75 of 10 counts 3.5 each, less the prices.
  expect(seen(book)).toEqual([5, 2, 1])
  book.judged('one', 1)
  expect(seen(book)).toEqual([7.5, 1, 1])
})

const rules = dispatchRules({ ...config, wait: 0.25, hold: 0.5 })

describe('discounting over time', () => {
  const time = (waited: number, queued: number) => {
    const quantities = new Float64Array(8)
    quantities[WAITED] = waited
    quantities[QUEUED] = queued
    return quantities
  }

  it('counts what is held at each moment of its time, however the time is cut', () => {
    const whole = new UtilityBook(rules, Float64Array.of(0.75), 0.97)
    whole.stepped(time(0, 100), 100, 0, 100)
    const cut = new UtilityBook(rules, Float64Array.of(0.75), 0.97)
    for (const [from, to] of [
      [0, 0.25],
      [0.25, 7],
      [7, 99.5],
      [99.5, 100],
    ] as const) {
      cut.stepped(time(0, to - from), Math.floor(to) - Math.floor(from), from, to)
    }
    // -hold * the integral of .97^t over 0..100.
    const hold = -rules.reward(time(0, 1))
    const expected = (-hold * (1 - 0.97 ** 100)) / Math.log(1 / 0.97)
    expect(whole.utility.discounted).toBeCloseTo(expected, 9)
    expect(cut.utility.discounted).toBeCloseTo(expected, 9)
    expect([whole.utility.ticks, cut.utility.ticks]).toEqual([100, 100])
  })

  it('ends in the middle of a tick, but not twice at its end', () => {
    const book = new UtilityBook(rules, Float64Array.of(0.75), 0.97)
    book.stepped(time(1, 0), 1, 0, 1)
    book.stop()
    expect(book.utility.ticks).toBe(1)
    book.stepped(time(0.5, 0), 0, 1, 1.5)
    book.stop()
    expect(book.utility.ticks).toBe(2)
    const wait = -rules.reward(time(1, 0))
    expect(book.utility.total).toBeCloseTo(-1.5 * wait, 12)
  })
})
