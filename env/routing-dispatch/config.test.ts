import { describe, expect, it } from 'vitest'
import { instances, routingDispatchConfig } from './config.js'

const { agents, types } = instances['three-agents']
const problems = (settings: object) =>
  routingDispatchConfig.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
const withAgent = (changes: object) => ({
  agents: agents.map((agent, i) => (i === 1 ? { ...agent, ...changes } : agent)),
})
const withType = (changes: object) => ({ types: types.map((type, t) => (t === 1 ? { ...type, ...changes } : type)) })
const quantiles = (...pairs: number[][]) => withAgent({ service: { quantiles: pairs } })

describe('settings of routing-dispatch that are refused, where they stand', () => {
  it.each([
    [
      'types for which the agents of the instance have no skills',
      { types: [types[0]] },
      /^types: the agents of instance "three-agents" have skills for 2 query types, got 1; give agents/,
    ],
    ['a negative rate', withType({ arrival: -0.1 }), /^types\.1\.arrival: .*>=0/],
    ['a negative price', withAgent({ price: -1 }), /^agents\.1\.price: /],
    ['a chance above 1', withAgent({ fail: 1.5 }), /^agents\.1\.fail: /],
    [
      'arrivals above 1 in sum',
      withType({ arrival: 0.7 }),
      /^types: arrival probabilities sum to 1\.1, expected at most 1 .*poisson/,
    ],
    [
      'quantiles whose shares fall',
      quantiles([0.5, 100], [0.4, 200]),
      /^agents\.1\.service\.quantiles\.1: expected shares and times that rise, got 0\.4, 200 after 0\.5, 100/,
    ],
    [
      'quantiles whose times stand',
      quantiles([0.5, 100], [0.6, 100]),
      /^agents\.1\.service\.quantiles\.1: .*rise, got 0\.6, 100 after 0\.5, 100/,
    ],
    [
      'answers in no time',
      quantiles([0.5, 0]),
      /^agents\.1\.service\.quantiles\.0: expected a time above 0 for a share of 0\.5, got 0/,
    ],
    [
      'a least time alone',
      quantiles([0, 100]),
      /^agents\.1\.service\.quantiles: expected a share above 0 in the last pair/,
    ],
    [
      'two agents of one name',
      withAgent({ name: 'agent-0' }),
      /^agents\.1\.name: "agent-0" names two agents; names must differ/,
    ],
    ['two types of one name', withType({ name: 'A' }), /^types\.1\.name: "A" names two query types; names must differ/],
    ['a type that there is none of', withAgent({ types: ['A', 'b'] }), /^agents\.1\.types\.1: unknown query type "b"/],
    [
      'a type that nobody takes',
      { agents: agents.map((agent) => ({ ...agent, types: ['A'] })) },
      /^types\.1: no agent takes queries of type "B"; add it to the types of one/,
    ],
    ['no place in the inbox', { inbox: 0 }, /^inbox: /],
    ['a tick of no time', { tickMs: 0 }, /^tickMs: /],
    ['a recording without a file', { arrivals: { kind: 'trace' } }, /^arrivals\.file: /],
    ['an unknown way to arrive', { arrivals: { kind: 'burst' } }, /^arrivals\.kind: /],
  ])('%s', (_, settings, message) => {
    expect(problems(settings)?.[0]).toMatch(message)
  })

  it('not what is meant so', () => {
    expect(problems({ ...withType({ arrival: 3 }), arrivals: { kind: 'poisson' } })).toBeUndefined()
    expect(problems(quantiles([0, 100], [0.5, 200]))).toBeUndefined()
    expect(problems(withType({ arrival: 0.6 }))).toBeUndefined()
  })
})
