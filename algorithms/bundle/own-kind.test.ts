import { describe, expect, it } from 'vitest'
import { createEncoder, encoderConfig } from '#env/encoding/encoders.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { liveSpec } from './live-spec.js'
import { loadEncoder } from './load-encoder.js'
import { describeAgents, describeSizedAgents, loadPolicy } from './load-policy.js'
import { decodeBundle, encodeBundle } from './policy-bundle.js'

const config = encoderConfig.parse({ id: 'tfidf' })
const encoder = createEncoder(config)
encoder.fit([{ text: 'one two' }, { text: 'two three' }])

const spec: EnvSpec = {
  id: 'desk',
  version: '1',
  agents: [
    {
      name: 'router',
      observation: box(5),
      action: discrete(2, ['a', 'b']),
      numObservations: 0,
      numFeatures: encoder.size,
    },
  ],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'shared', over: 'episode' },
  limitSteps: null,
}

/** A policy of a kind of its own: always the same action. */
const fixed = (action: number): Policy => ({
  observes: 'local',
  act: (_batch, _rng, out) => void out.fill(action),
  export: () => ({ kind: 'fixed', details: { action }, tensors: {} }),
})
const load = ({ details }: PolicyExport) => fixed(details.action as number)

const bundle = (agents = describeSizedAgents(spec)) =>
  decodeBundle(
    encodeBundle(
      {
        environment: { id: 'desk', version: '1', config: {} },
        observes: 'local',
        agents,
        encoder: null,
        algorithm: { name: 'fix', version: '1', config: {} },
        training: { run: null, trial: null, steps: 0, seed: 0 },
        evaluation: {},
        loader: { file: '/home/me/fix.mjs', sha256: '0'.repeat(64) },
      },
      fixed(1).export!(),
      { config, encoder, fields: ['text'] },
    ),
  )

describe('a policy of a kind of its own', () => {
  it('is read by the loader that is given, and refused without it, naming who reads it', () => {
    const out = new Int32Array(1)
    loadPolicy(bundle(), spec, { fixed: load }).act({} as never, {} as never, out)
    expect(out[0]).toBe(1)
    expect(() => loadPolicy(bundle(), spec)).toThrowError(
      /unknown policy kind "fixed" .*; the learner \/home\/me\/fix\.mjs reads it/,
    )
  })

  it('can be served from its bundle alone, for it says how many numbers each agent observes', () => {
    const served = bundle()
    const live = liveSpec(served.description, loadEncoder(served))
    expect(live.agents[0]).toMatchObject({ observation: { size: 5 }, numFeatures: encoder.size })
    expect(loadPolicy(served, live, { fixed: load }).observes).toBe('local')
    expect(() => liveSpec(bundle(describeAgents(spec)).description, encoder)).toThrowError(/got fixed/)
  })

  it('fits no agents that observe other numbers', () => {
    const wider = { ...spec, agents: [{ ...spec.agents[0]!, observation: box(6) }] }
    expect(() => loadPolicy(bundle(), wider, { fixed: load })).toThrowError(
      /"observationSize":5.* has .*"observationSize":6/,
    )
  })
})
