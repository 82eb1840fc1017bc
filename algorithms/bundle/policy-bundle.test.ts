import { describe, expect, it } from 'vitest'
import type { Policy, PolicyExport } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { IndependentTabularPolicy } from '../tabular/tabular-policy.js'
import type { BundleManifest } from './bundle-schema.js'
import { checkBundleFits, describeAgents, loadPolicy } from './load-policy.js'
import { type BundleFiles, decodeBundle, encodeBundle } from './policy-bundle.js'

const spec: EnvSpec = {
  id: 'desk',
  version: '2',
  agents: [
    { name: 'a', observation: box(1), action: discrete(2, ['pass', 'claim']), numObservations: 2 },
    { name: 'b', observation: box(1), action: discrete(4), numObservations: 1 },
  ],
  numStates: 2,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'shared', over: 'episode' },
  limitSteps: null,
}
const values = Float64Array.of(0, 1, 0, 0, 1, 0, 0, 0, 3, 2, 4, Number.NEGATIVE_INFINITY)
const policy = new IndependentTabularPolicy(spec, values)

const manifest: BundleManifest = {
  environment: { id: 'desk', version: '2', config: { size: 3, names: ['ä'] } },
  observes: 'local',
  agents: describeAgents(spec),
  encoder: null,
  algorithm: { name: 'independent-q', version: '1', config: { learningRate: 0.1 } },
  training: { run: null, trial: 'abc', steps: 1000, seed: 3 },
  evaluation: { score: 1.5, best: null },
}
const files = encodeBundle(manifest, policy.export())

/** What the policy does in both observations of agent a. */
function actionsOf(loaded: Policy): number[] {
  const layout = {
    agents: 2,
    heads: 1,
    observationSize: 1,
    numActions: 4,
    stateSize: 0,
    numQuantities: 0,
    actionsOf: Int32Array.of(2, 4),
  }
  const out = new Int32Array(4)
  const mask = Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1)
  const observationId = Int32Array.of(0, 0, 1, 0)
  const none = new Float32Array(0)
  const batch = { layout, size: 2, observation: none, mask, observationId, stateId: Int32Array.of(0, 1), state: none }
  loaded.act(batch, new Rng('x'), out)
  return [...out]
}

/** The files with the JSON of policy.json changed, spelled as Cadre does, hash untouched. */
function edited(change: (json: Record<string, unknown>) => void): BundleFiles {
  const json = JSON.parse(new TextDecoder().decode(files['policy.json'])) as Record<string, unknown>
  change(json)
  return { ...files, 'policy.json': new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`) }
}

describe('policy bundle', () => {
  it('gives back the policy that was stored', () => {
    const bundle = decodeBundle(files)
    expect(bundle.description).toMatchObject(manifest)
    expect(bundle.policy.tensors['q.0']).toEqual(policy.export().tensors['q.0'])
    const loaded = loadPolicy(bundle, spec)
    expect(actionsOf(loaded)).toEqual([1, 2, 0, 2])
    expect(loaded.export!()).toEqual(policy.export())
  })

  it('writes the same bytes again, and whatever the order of keys', () => {
    const { description, policy: stored } = decodeBundle(files)
    const { format: _f, kind: _k, details: _d, tensors: _t, sha256: _s, ...again } = description
    expect(encodeBundle(again, stored)).toEqual(files)
    const shuffled = Object.fromEntries(Object.entries(manifest).reverse()) as BundleManifest
    expect(encodeBundle(shuffled, policy.export())).toEqual(files)
  })

  it('names actions by label, or by number', () => {
    expect(describeAgents(spec)).toEqual([
      { name: 'a', actionNames: ['pass', 'claim'] },
      { name: 'b', actionNames: ['0', '1', '2', '3'] },
    ])
  })

  it.each(['policy.json', 'weights.safetensors'] as const)('refuses %s with any one bit changed', (name) => {
    const altered = files[name].slice()
    for (let k = 0; k < altered.length; k++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        altered[k]! ^= bit
        // One assertion a refusal is slow: only what gets through is reported.
        let got = 'accepted'
        try {
          decodeBundle({ ...files, [name]: altered })
        } catch (error) {
          got = (error as { code: string }).code
        }
        if (got !== 'ERR_BUNDLE') expect.fail(`byte ${k} xor ${bit}: ${got}`)
        altered[k]! ^= bit
      }
    }
  })

  it.each(['policy.json', 'weights.safetensors'] as const)('refuses %s cut short or with more at the end', (name) => {
    for (let length = 0; length < files[name].length; length++) {
      expect(() => decodeBundle({ ...files, [name]: files[name].subarray(0, length) })).toThrow(/policy bundle/)
    }
    const longer = Uint8Array.from([...files[name], 0x20])
    expect(() => decodeBundle({ ...files, [name]: longer })).toThrow(/altered|isn't JSON/)
  })

  it('says why it refuses', () => {
    expect(() => decodeBundle({ 'policy.json': files['policy.json'] })).toThrow(/weights.safetensors is missing/)
    expect(() => decodeBundle({ ...files, 'policy.json': new Uint8Array(3) })).toThrow(/policy.json isn't JSON/)
    const null_ = { ...files, 'policy.json': new TextEncoder().encode('null') }
    expect(() => decodeBundle(null_)).toThrow(/expected format cadre-policy\/1, got none/)
    const newer = edited((json) => {
      json.format = 'cadre-policy/2'
    })
    expect(() => decodeBundle(newer)).toThrow(/expected format cadre-policy\/1, got "cadre-policy\/2"/)
    const extra = edited((json) => {
      json.author = 'me'
    })
    expect(() => decodeBundle(extra)).toThrow(/policy.json: .*author/)
    const seed = edited((json) => {
      json.training = { ...manifest.training, seed: 4 }
    })
    expect(() => decodeBundle(seed)).toThrow(/altered/)
  })

  it('refuses NaN, and numbers that JSON cannot hold', () => {
    const broken: PolicyExport = {
      kind: 'tabular',
      details: {},
      tensors: { q: { shape: [1], data: Float64Array.of(Number.NaN) } },
    }
    expect(() => encodeBundle(manifest, broken)).toThrow(/tensor "q" is NaN at entry 0/)
    const infinite = { ...manifest, training: { ...manifest.training, steps: Number.POSITIVE_INFINITY } }
    expect(() => encodeBundle(infinite, policy.export())).toThrow(/training.steps/)
  })
})

describe('loadPolicy', () => {
  const stored = (change: Partial<PolicyExport>) =>
    decodeBundle(encodeBundle(manifest, { ...policy.export(), ...change }))

  it('refuses an unknown kind, suggesting a known one', () => {
    expect(() => loadPolicy(stored({ kind: 'tabulr' }), spec)).toThrow(
      /unknown policy kind "tabulr"; did you mean "tabular"/,
    )
    expect(() => loadPolicy(stored({ kind: 'constructor' }), spec)).toThrow(/unknown policy kind/)
  })

  it('refuses tables of another shape, other agents and another point of view', () => {
    const wider = { ...spec, agents: spec.agents.map((agent) => ({ ...agent, numObservations: 9 })) }
    expect(() => loadPolicy(decodeBundle(files), wider)).toThrow(/"q.0" is \[2, 4\], expected f64 \[9, 4\]/)
    const renamed = { ...spec, agents: spec.agents.map((agent) => ({ ...agent, name: `${agent.name}2` })) }
    expect(() => loadPolicy(decodeBundle(files), renamed)).toThrow(/made for the agents .* desk has/)
    const global = decodeBundle(encodeBundle({ ...manifest, observes: 'global' }, policy.export()))
    expect(() => loadPolicy(global, spec)).toThrow(/observes global, its contents observe local/)
  })
})

describe('checkBundleFits', () => {
  const here = { id: 'desk', version: '2', config: { names: ['ä'], size: 3 } }

  it('accepts its own environment, keys in any order', () => {
    expect(() => checkBundleFits(decodeBundle(files), here)).not.toThrow()
  })

  it.each([
    [{ ...here, id: 'office' }, /another environment: "desk", here it is "office"/],
    [{ ...here, version: '3' }, /another version of desk: "2", here it is "3"/],
    [{ ...here, config: { names: ['ä'], size: 4 } }, /another configuration of desk/],
  ])('refuses %o', (environment, message) => {
    expect(() => checkBundleFits(decodeBundle(files), environment)).toThrow(message)
  })
})
