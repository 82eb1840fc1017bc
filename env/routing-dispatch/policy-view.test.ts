import { describe, expect, it } from 'vitest'
import { allocateSlots } from '../slot.js'
import { instances, routingDispatchConfig } from './config.js'
import { routingDispatch } from './entry.js'

const { types } = instances['three-agents']

describe('the view of a dispatch policy', () => {
  it.each([
    ['one place', {}],
    ['two places', { inbox: 2 }],
    ['three places, B first', { inbox: 3, types: types.map((type, t) => ({ ...type, priority: t })) }],
  ])('shows the states that it names: %s', (_, settings) => {
    const config = routingDispatchConfig.parse(settings)
    const { panels } = routingDispatch.policyView!(config)
    const env = routingDispatch.create(config)
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    expect(panels).toHaveLength(2)
    panels.forEach(({ states, x, y }, t) => {
      // Row 2, column 1,2: as the labels say.
      const column = x.indexOf('1,2')
      env.showState!(states[2]![column]!)
      expect(y[2]).toBe('2')
      expect(env.saveState()).toMatchObject({
        inbox: [{ type: t, left: 3 }],
        queue: [2, 1, 2],
        down: [0, 0, 0],
      })
    })
  })

  it('has empty cells where states are too many to number', () => {
    const config = routingDispatchConfig.parse({ inbox: 64, patience: 30 })
    for (const { states } of routingDispatch.policyView!(config).panels) {
      expect(states.flat().every((state) => state === -1)).toBe(true)
    }
  })
})
