import { describe, expect, it } from 'vitest'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import type { EnvSpec } from '#env/spec.js'
import { LinearPolicy } from '../linear/linear-policy.js'
import { AgentTables } from '../tabular/agent-tables.js'
import { IndependentTabularPolicy } from '../tabular/tabular-policy.js'
import { describeAgents, loadPolicy } from './load-policy.js'
import { decodeBundle, encodeBundle } from './policy-bundle.js'

const specOf = (observation: string): EnvSpec =>
  routingDispatch.create(routingDispatch.schema.parse({ observation })).spec

function tabular(spec: EnvSpec) {
  return new IndependentTabularPolicy(spec, new Float64Array(new AgentTables(spec).length))
}

function bundleFor(spec: EnvSpec) {
  const policy = tabular(spec)
  const manifest = {
    environment: { id: spec.id, version: spec.version, config: {} },
    observes: policy.observes,
    agents: describeAgents(spec),
    encoder: null,
    algorithm: { name: 'independent-q', version: '1', config: {} },
    training: { run: null, trial: null, steps: 0, seed: 0 },
    evaluation: {},
  }
  return decodeBundle(encodeBundle(manifest, policy.export()))
}

describe('policies of agents that hear others', () => {
  const hearing = specOf('local-with-message')

  it('say so, the bandwidth being what two others tell: three numbers each', () => {
    expect(hearing.agents.map(({ messages }) => messages)).toEqual([6, 6, 6])
    expect(tabular(hearing).observes).toBe('messages')
    const width = hearing.agents[0]!.observation.size + 1
    const weights = hearing.agents.map(() => new Float64Array(2 * width))
    expect(new LinearPolicy(hearing, weights).observes).toBe('messages')
    for (const view of ['full', 'local', 'own']) {
      const spec = specOf(view)
      expect(spec.agents.map(({ messages }) => messages)).toEqual([undefined, undefined, undefined])
      expect(tabular(spec).observes).toBe('local')
    }
  })

  it('keep it in their bundles, which fit no other bandwidth', () => {
    const bundle = bundleFor(hearing)
    expect(bundle.description.observes).toBe('messages')
    expect(bundle.description.agents[0]).toEqual({ name: 'agent-0', actionNames: ['pass', 'claim'], messages: 6 })
    expect(loadPolicy(bundle, hearing).observes).toBe('messages')
    const narrow = { ...hearing, agents: hearing.agents.map((agent) => ({ ...agent, messages: 4 })) }
    expect(() => loadPolicy(bundle, narrow)).toThrowError(/made for the agents .*"messages":6.* has .*"messages":4/)
    expect(bundleFor(specOf('local')).description.agents[0]).toEqual({
      name: 'agent-0',
      actionNames: ['pass', 'claim'],
    })
  })
})
