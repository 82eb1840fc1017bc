import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { readArrivalTrace } from './arrival-trace.js'
import { instances, routingDispatchConfig } from './config.js'
import { routingDispatch } from './entry.js'

const { agents, types } = instances['three-agents']
const slow = {
  quantiles: [
    [0, 500],
    [0.5, 3000],
    [0.95, 9000],
  ],
}
const recording = readArrivalTrace('time,type\n0,A\n0,B\n2000,B\n3000,A\n7000,A\n', ['A', 'B'], 1000)
const general: { readonly [name: string]: object } = {
  'several places and priorities': { inbox: 3, types: types.map((type, t) => ({ ...type, priority: t })) },
  'several offers a tick': { inbox: 3, offersPerTick: 3, arrivals: { kind: 'poisson' } },
  'queues given back': { onDown: 'giveBack', inbox: 3, patience: 9 },
  'latency quantiles': { agents: agents.map((agent) => ({ ...agent, service: slow })) },
  'recorded arrivals': { inbox: 2, arrivals: { kind: 'trace', file: 'week.csv' } },
  everything: {
    ...{ inbox: 3, patience: 9, offersPerTick: 2, onDown: 'giveBack', arrivals: { kind: 'trace', file: 'week.csv' } },
    agents: agents.map((agent) => ({ ...agent, fail: 0.3, service: slow })),
  },
}

describe.each(Object.entries(general))('a run with %s', (_, settings) => {
  const config = routingDispatchConfig.parse({ ...settings, limitSteps: null })
  const make = () => {
    const env = routingDispatch.create(config, recording)
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    return { env, slot }
  }

  it('that is resumed anywhere goes on as one that never stopped', () => {
    const whole = make()
    whole.env.reset(new Rng('whole'))
    const choices = new Rng('choices')
    const other = make()
    for (let k = 0; k < 300; k++) {
      // Saved and taken up again by another at every step: whatever isn't saved is another's.
      const resumed = make()
      resumed.env.reset(new Rng('other'))
      other.env.loadState(JSON.parse(JSON.stringify(whole.env.saveState())))
      resumed.env.loadState(JSON.parse(JSON.stringify(whole.env.saveState())))
      const actions = Int32Array.from(agents, () => choices.integer(2))
      for (const { env } of [whole, resumed, other]) env.step(actions)
      for (const { env, slot } of [resumed, other]) {
        expect(env.saveState()).toEqual(whole.env.saveState())
        expect(slot).toEqual(whole.slot)
      }
    }
  }, 20_000)

  it("that is another team's is refused", () => {
    const saved = make().env.saveState()
    const others = [{ agents: agents.slice(0, 2) }, { onDown: config.onDown === 'keep' ? 'giveBack' : 'keep' }]
    for (const change of others) {
      const other = routingDispatch.create(routingDispatchConfig.parse(change))
      other.bind(allocateSlots(other.spec, 1).rows[0]!)
      expect(() => other.loadState(saved)).toThrowError(/the saved state doesn't have \d agents|another team's/)
    }
  })
})
