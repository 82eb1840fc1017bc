import { expect, it } from 'vitest'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { ANSWERED, COST } from '#env/routing-dispatch/quantities.js'
import { dispatchRules } from '#env/routing-dispatch/rules.js'
import { UtilityBook } from './utility-book.js'

const config = routingDispatchConfig.parse({
  types: [{ name: 'easy', value: 10, arrival: 0.4, loss: 1 }],
  agents: [{ name: 'a', capacity: 2, skill: [0.75], price: 1, service: 0.5, fail: 0, repair: 1 }],
})

/** A step in which agent a claims this request for its price. */
function claimed(book: UtilityBook, request: string): void {
  const quantities = new Float64Array(8)
  quantities[COST] = 1
  quantities[ANSWERED] = 1
  book.stepped(quantities, { request, agent: 0, type: 0 })
}

it('books the word on an answer in the tick of its claim, also where it comes before that tick is over', () => {
  const book = new UtilityBook(dispatchRules(config), Float64Array.of(0.75))
  const seen = () => [book.utility.total, book.utility.unjudged]
  claimed(book, 'late')
  expect(seen()).toEqual([6.5, 1])
  // Answered and judged within the tick of its claim.
  book.judged('early', 1)
  expect(seen()).toEqual([6.5, 1])
  claimed(book, 'early')
  expect(seen()).toEqual([15.5, 1])
  book.judged('late', 0)
  expect(seen()).toEqual([8, 0])
  book.judged('early', 0)
  expect(seen()).toEqual([-2, 0])
  expect(book.utility.ticks).toBe(2)
})
