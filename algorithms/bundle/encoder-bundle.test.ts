import { describe, expect, it } from 'vitest'
import type { FittedEncoder } from '#env/data-contract.js'
import { encodeRows } from '#env/encoding/encoder.js'
import { createEncoder, type EncoderConfig, encoderConfig } from '#env/encoding/encoders.js'
import type { Policy, PolicyBatch, PolicyExport } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { LinearPolicy } from '../linear/linear-policy.js'
import { standardNormal } from '../standard-normal.js'
import type { BundleManifest } from './bundle-schema.js'
import { liveSpec } from './live-spec.js'
import { loadEncoder } from './load-encoder.js'
import { describeAgents, loadPolicy } from './load-policy.js'
import { decodeBundle, encodeBundle } from './policy-bundle.js'

const texts = ['two plus two', 'who wrote Faust?', 'plus ça change', 'a proof of Fermat, please']
const rows = texts.map((text) => ({ text }))

function fittedOn(settings: object): FittedEncoder {
  const config = encoderConfig.parse(settings)
  const encoder = createEncoder(config)
  encoder.fit(rows)
  return { config, encoder, fields: ['text'] }
}

const fitted = fittedOn({ id: 'concatenate', parts: [{ id: 'tfidf' }, { id: 'standardise', of: { id: 'surface' } }] })

function specFor(numFeatures: number): EnvSpec {
  const action = discrete(3, ['weak', 'strong', 'stop'])
  return {
    id: 'desk',
    version: '1',
    agents: [{ name: 'router', observation: box(2), action, numObservations: 0, numFeatures }],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
}

const spec = specFor(fitted.encoder.size)
const rng = new Rng('weights')
const policy = new LinearPolicy(spec, [
  Float64Array.from({ length: 3 * (fitted.encoder.size + 3) }, () => standardNormal(rng)),
])
const manifest: BundleManifest = {
  environment: { id: 'desk', version: '1', config: {} },
  observes: 'local',
  agents: describeAgents(spec),
  encoder: null,
  algorithm: { name: 'linear-q', version: '1', config: {} },
  training: { run: null, trial: null, steps: 10, seed: 0 },
  evaluation: {},
}
const files = encodeBundle(manifest, policy.export(), fitted)

/** Scores of all texts, each with an observation and the last action illegal. */
function scoresOf(scored: Policy, encoder = fitted.encoder): number[] {
  const layout = layoutOf(spec)
  const batch: PolicyBatch = {
    layout,
    size: texts.length,
    observation: Float32Array.from({ length: 2 * texts.length }, (_, k) => k / 3),
    mask: Uint8Array.from({ length: 3 * texts.length }, (_, k) => (k % 3 === 2 ? 0 : 1)),
    observationId: new Int32Array(texts.length).fill(-1),
    stateId: new Int32Array(texts.length).fill(-1),
    state: new Float32Array(0),
    features: encodeRows(encoder, rows),
    featureRow: Int32Array.from(texts.keys()),
  }
  const out = new Float64Array(3 * texts.length)
  scored.scores!(batch, out)
  return [...out]
}

describe('a bundle with an encoder', () => {
  it('gives back policy and encoder, and the scores bit for bit, from its bytes alone', () => {
    const bundle = decodeBundle(files)
    expect(bundle.description.encoder).toEqual({
      id: 'concatenate',
      version: '2',
      config: JSON.parse(JSON.stringify(fitted.config)),
      fields: ['text'],
    })
    expect(bundle.policy).toEqual(policy.export())
    const encoder = loadEncoder(bundle)!
    expect(encodeRows(encoder, rows)).toEqual(encodeRows(fitted.encoder, rows))
    const live = liveSpec(bundle.description, encoder)
    expect(live.agents).toEqual(spec.agents)
    expect(scoresOf(loadPolicy(bundle, live), encoder)).toEqual(scoresOf(policy))
  })

  it('writes the same bytes again', () => {
    const { description, policy: stored } = decodeBundle(files)
    const { format: _f, kind: _k, details: _d, tensors: _t, sha256: _s, ...again } = description
    expect(encodeBundle(again, stored, fitted)).toEqual(files)
    expect(() => encodeBundle(again, stored)).toThrow(/names the encoder concatenate, none was given/)
  })

  it('keeps the arrays apart, under encoder/', () => {
    const { description, encoderTensors } = decodeBundle(files)
    const expected = Object.keys(fitted.encoder.export())
    expect(Object.keys(encoderTensors).sort()).toEqual(expected.sort())
    expect(Object.keys(description.tensors)).toEqual(
      expect.arrayContaining(['weights.0', ...expected.map((name) => `encoder/${name}`)]),
    )
    const named: PolicyExport = {
      ...policy.export(),
      tensors: { 'encoder/x': { shape: [1], data: new Uint8Array(1) } },
    }
    expect(() => encodeBundle(manifest, named)).toThrow(/"encoder\/x" can't name a tensor of a policy/)
  })

  it('refuses any byte of the encoder changed', () => {
    const { tensors } = decodeBundle(files).description
    expect(tensors['encoder/0/terms']!.dtype).toBe('U8')
    const altered = files['weights.safetensors'].slice()
    // The terms, being bytes, come last.
    altered[altered.length - 1]! ^= 1
    expect(() => decodeBundle({ ...files, 'weights.safetensors': altered })).toThrow(/sha256 does not match/)
  })
})

describe('an encoder that does not fit is refused', () => {
  const stored = (change: Partial<FittedEncoder> & { version?: string; arrays?: object }) => {
    const { version, arrays, ...rest } = change
    const { encoder } = fitted
    const like = {
      id: encoder.id,
      version: version ?? encoder.version,
      export: () => ({ ...encoder.export(), ...arrays }),
    } as unknown as FittedEncoder['encoder']
    return decodeBundle(encodeBundle(manifest, policy.export(), { ...fitted, encoder: like, ...rest }))
  }
  const tfidf: EncoderConfig = encoderConfig.parse({ id: 'tfidf' })

  it.each([
    ['another version', { version: '0' }, /version 0 of the encoder concatenate, here it is version 2/],
    ['another config', { config: tfidf }, /version 2 of the encoder concatenate, here it is version 2 of tfidf/],
    [
      'arrays of other lengths',
      { arrays: { '0/termStart': { shape: [1], data: new Int32Array(1) } } },
      /its encoder doesn't fit: encoder tfidf: array "termStart"/,
    ],
    [
      'an array too many',
      { arrays: { '7/mean': { shape: [1], data: new Float64Array(1) } } },
      /concatenate has no array "7\/mean"/,
    ],
    ['an unknown id', { config: { id: 'embedding' } as unknown as EncoderConfig }, /encoder\.config\.id/],
  ])('%s', (_, change, message) => {
    expect(() => loadEncoder(stored(change))).toThrow(
      expect.objectContaining({ code: 'ERR_BUNDLE', message: expect.stringMatching(message) }),
    )
  })

  it('another number of columns than the policy or the environment has', () => {
    const smaller = fittedOn({ id: 'tfidf', maxFeatures: 5 })
    const bundle = decodeBundle(encodeBundle(manifest, policy.export(), smaller))
    expect(() => loadPolicy(bundle, spec)).toThrow(/its encoder gives 5 columns, agent "router" of desk sees \d+/)
    expect(() => loadPolicy(bundle, liveSpec(bundle.description, loadEncoder(bundle)))).toThrow(
      /made for an agent that reads \d+ features and 2 observed numbers, "router" of desk has 5 and 2/,
    )
    expect(() => loadPolicy(decodeBundle(files), specFor(5))).toThrow(
      /gives \d+ columns, agent "router" of desk sees 5/,
    )
  })
})

describe('a linear policy without an encoder', () => {
  const bare = decodeBundle(encodeBundle(manifest, policy.export()))

  it('is loaded for its environment, and has no encoder', () => {
    expect(loadEncoder(bare)).toBeNull()
    expect(scoresOf(loadPolicy(bare, spec))).toEqual(scoresOf(policy))
    expect(() => loadPolicy(bare, liveSpec(bare.description, null))).toThrow(/has 0 and 2/)
  })

  it('is refused where weights are missing or of another shape', () => {
    const change = (tensors: PolicyExport['tensors']) =>
      decodeBundle(encodeBundle(manifest, { ...policy.export(), tensors }))
    expect(() => loadPolicy(change({}), spec)).toThrow(/tensor "weights.0" is missing/)
    const flat = { 'weights.0': { shape: [3], data: new Float64Array(3) } }
    expect(() => loadPolicy(change(flat), spec)).toThrow(/"weights.0" is \[3\], expected f64 \[3, \d+\] for desk/)
  })

  it('only linear policies are served from a bundle alone', () => {
    const tabular = { ...bare.description, kind: 'tabular', details: { tables: 'joint' } }
    expect(() => liveSpec(tabular, null)).toThrow(/expected a linear policy, .* got tabular/)
    const details = { agents: [{ numFeatures: 1 }] }
    expect(() => liveSpec({ ...bare.description, details }, null)).toThrow(/observed numbers of each agent/)
  })
})
