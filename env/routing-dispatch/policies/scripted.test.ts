import { describe, expect, it } from 'vitest'
import type { Policy, PolicyBatch } from '../../policy.js'
import { Rng } from '../../rng.js'
import { allocateSlots } from '../../slot.js'
import { instances, routingDispatchConfig } from '../config.js'
import { SampledDispatch } from '../sampled-dispatch.js'
import { dispatchPolicies } from './scripted.js'

const { agents } = instances['three-agents']
/** Agent 1, who is best at B, takes A alone. */
const some = agents.map((agent, i) => (i === 1 ? { ...agent, types: ['A'] } : agent))
const A = 0
const B = 1

/** What a rule does with a query, by the state's number where it has one, and by its vector alone. */
function chosen(rule: string, settings: object, type: number, down = [0, 0, 0], queue = [0, 0, 0]): number[][] {
  const config = routingDispatchConfig.parse(settings)
  const env = new SampledDispatch(config)
  const slots = allocateSlots(env.spec, 1)
  env.bind(slots.rows[0]!)
  env.injectInitial({ inbox: [{ type, left: 3 }], queue, down })
  const entry = dispatchPolicies.find(({ name }) => name === rule)!
  const policy = entry.create({ envConfig: config } as never, {} as never) as Policy
  const seen = { ...slots, size: 1 } as unknown as PolicyBatch
  return [seen, { ...seen, stateId: Int32Array.of(-1) }].map((batch) => {
    const out = new Int32Array(slots.layout.agents)
    policy.act(batch, new Rng('unused'), out)
    return [...out]
  })
}

const both = (...actions: number[]) => [actions, actions]

describe('a rule', () => {
  it('chooses among those that take the type', () => {
    expect(chosen('most-skilled', {}, B)).toEqual(both(0, 1, 0))
    expect(chosen('most-skilled', { agents: some }, B)).toEqual(both(0, 0, 1))
    expect(chosen('shortest-queue', { agents: some }, B, [0, 0, 0], [1, 0, 1])).toEqual(both(1, 0, 0))
    expect(chosen('shortest-queue', { agents: some }, A, [0, 0, 0], [1, 0, 1])).toEqual(both(0, 1, 0))
    expect(chosen('most-skilled', { agents: some, control: 'centralised' }, B)).toEqual(both(3))
  })

  it('chooses among those that are up with room, by the number of the state and by its vector', () => {
    expect(chosen('most-skilled', { onDown: 'keep' }, B, [0, 1, 0])).toEqual(both(0, 0, 1))
    expect(chosen('cheapest', {}, B, [0, 0, 0], [3, 1, 1])).toEqual(both(0, 1, 0))
    expect(chosen('most-skilled-if-free', {}, B, [0, 0, 0], [1, 1, 1])).toEqual(both(0, 0, 0))
    expect(chosen('most-skilled-idle', {}, B, [0, 0, 0], [1, 1, 1])).toEqual(both(0, 1, 0))
    expect(chosen('cheapest', {}, B, [1, 1, 1])).toEqual(both(0, 0, 0))
  })
})
