import { expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import type { Agent } from './agent.js'
import { CheckedAgent } from './checked-agent.js'

const card = { name: 'a', summary: 'stands in', adds: [], needs: [], repeats: true, longestQuestion: 10 }
const handle: Agent['handle'] = () => Promise.reject(new Error('nobody asks it'))

it('an agent that is held to its contract is up when it says so, and always where it says nothing', () => {
  let up = true
  const checked = new CheckedAgent({ card, handle, isUp: () => up }, machineClock)
  expect(checked.isUp()).toBe(true)
  up = false
  expect(checked.isUp()).toBe(false)
  expect(new CheckedAgent({ card, handle }, machineClock).isUp()).toBe(true)
})
