import { describe, expect, it } from 'vitest'
import { checkEnv } from '../conformance/check-env.js'
import { envConformance } from '../testing/env-conformance.js'
import { instances, routingDispatchConfig } from './config.js'
import { routingDispatch } from './entry.js'
import { RoutingDispatch } from './routing-dispatch.js'

const make = (settings: object = {}) => new RoutingDispatch(routingDispatchConfig.parse(settings))

for (const observation of ['full', 'local', 'local-with-message', 'own', 'own-with-counts'] as const) {
  describe(`routing-dispatch, ${observation}`, () => envConformance(() => make({ observation })))
  describe(`routing-dispatch, ${observation}, one-hot`, () =>
    envConformance(() => make({ observation, encoding: 'one-hot' })))
}
describe('routing-dispatch, centralised', () => envConformance(() => make({ control: 'centralised' })))

describe('settings of routing-dispatch', () => {
  const problems = (settings: object) =>
    routingDispatchConfig.safeParse(settings).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)

  it('refuses arrival probabilities above 1 in sum', () => {
    const types = [
      { name: 'A', value: 1, arrival: 0.7, loss: 0 },
      { name: 'B', value: 1, arrival: 0.5, loss: 0 },
    ]
    expect(problems({ types })?.[0]).toMatch(/^types: arrival probabilities sum to 1.2, expected at most 1/)
  })

  it('refuses a skill list that does not match the query types', () => {
    const agents = [{ capacity: 1, skill: [0.5], price: 0, service: 0.5, fail: 0, repair: 1 }]
    expect(problems({ agents })).toEqual(['agents.0.skill: expected 2 skills, one a query type, got 1'])
  })

  it('refuses local observations for a central dispatcher', () => {
    expect(problems({ control: 'centralised', observation: 'local' })?.[0]).toMatch(/sees the full state, got "local"/)
  })

  it.each([
    ['valeu - cost', /"valeu" is not a quantity; did you mean "value"\?/],
    ['value +', /expression "value \+": /],
    ['import("fs")', /can't be called/],
    ['value.constructor', /reaches outside arithmetic/],
    ['[value][1]', /reaches outside arithmetic/],
    ['value; cost', /reaches outside arithmetic/],
    ['value / 0', /a weight isn't a finite number/],
  ])('refuses the reward %s', (reward, message) => {
    expect(problems({ reward })?.[0]).toMatch(message)
  })

  it('takes any reward over its quantities, in the simulator and in the model', () => {
    const reward = 'max(value - cost, 0) - (queued > 2 ? queued ^ 2 : 0)'
    const { ok, checks } = checkEnv(() => make({ reward }))
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
  })

  it('numbers six agents without enumerating them', () => {
    const env = make({ instance: 'six-agents', observation: 'local-with-message' })
    expect(env.spec.numStates).toBe(580_608)
    expect(env.spec.agents.map((agent) => agent.numObservations)).toEqual([
      13_608, 10_206, 10_206, 13_608, 10_206, 10_206,
    ])
  })
})

describe('the view of a dispatch policy', () => {
  it('shows each query type at each load, all agents up', () => {
    const view = routingDispatch.policyView!(routingDispatchConfig.parse({}))
    expect(view.panels.map((panel) => [panel.x.length, panel.y.length])).toEqual([
      [9, 4],
      [9, 4],
    ])
    // Type A with three decisions left is inbox 3; row 1, column 0 adds one query at agent 0: 7 * 1.
    expect(view.panels[0]!.states[1]![0]).toBe(3 + 7)
    expect(view.describe(Int32Array.of(0, 1, 0))).toBe('agent-1')
    expect(view.describe(Int32Array.of(1, 1, 0))).toBe('conflict')
  })
})

const { types, agents } = instances['three-agents']
const general: { readonly [name: string]: object } = {
  'two places in the inbox': { inbox: 2 },
  priorities: { inbox: 2, types: types.map((type, t) => ({ ...type, priority: t })), observation: 'own' },
  'several offers a tick': { inbox: 3, offersPerTick: 2, arrivals: { kind: 'poisson' } },
  'queues given back': { onDown: 'giveBack', inbox: 2 },
  'poisson arrivals': { arrivals: { kind: 'poisson' }, inbox: 2 },
  'latency quantiles': {
    agents: agents.map((agent) => ({
      ...agent,
      service: {
        quantiles: [
          [0.5, 2000],
          [0.95, 9000],
        ],
      },
    })),
  },
  'agents that take one type': {
    agents: agents.map((agent, i) => ({ ...agent, types: i === 0 ? ['A'] : ['A', 'B'] })),
  },
}
for (const [name, settings] of Object.entries(general)) {
  describe(`routing-dispatch, ${name}`, () =>
    envConformance(() => routingDispatch.create(routingDispatchConfig.parse(settings))))
}

for (const observation of ['full', 'own-with-counts'] as const) {
  describe(`routing-dispatch, two places, ${observation}, one-hot`, () =>
    envConformance(() => make({ observation, encoding: 'one-hot', inbox: 2 })))
}
