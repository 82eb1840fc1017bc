import { describe, expect, it } from 'vitest'
import { encodeRows } from '#env/encoding/encoder.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { STOP } from '#env/routing-cascade/config.js'
import { layoutOf } from '#env/spec.js'
import { routingSpec, sentences, textPolicy } from '../testing/text-policy.js'
import { Controller } from './controller.js'
import { PolicyRanker } from './policy-ranker.js'

const models = ['small', 'medium', 'large']
const { encoder, spec, policy } = textPolicy(models)
const heldOut = sentences(200, 'held-out')

/** What the policy says of many texts at once, as an evaluation runs it. */
function offline(texts: readonly string[]) {
  const layout = layoutOf(spec)
  const size = texts.length
  const batch: PolicyBatch = {
    layout,
    size,
    observation: new Float32Array(size * layout.observationSize),
    mask: new Uint8Array(size * models.length).fill(1),
    observationId: new Int32Array(size).fill(-1),
    stateId: new Int32Array(size).fill(-1),
    state: new Float32Array(0),
    features: encodeRows(
      encoder,
      texts.map((text) => ({ text })),
    ),
    featureRow: Int32Array.from({ length: size }, (_, i) => i),
  }
  const actions = new Int32Array(size)
  const scores = new Float64Array(size * models.length)
  policy.act(batch, new Rng('offline'), actions)
  policy.scores(batch, scores)
  return { actions, scores }
}

const ranker = (...made: ConstructorParameters<typeof Controller>) => new PolicyRanker(new Controller(...made))

describe('PolicyRanker', () => {
  it('chooses and scores 200 texts live as offline, bit for bit', () => {
    const router = ranker(policy, spec, encoder)
    const { actions, scores } = offline(heldOut)
    heldOut.forEach((text, i) => {
      const ranking = router.rank(text)
      expect(ranking.order[0]).toBe(actions[i])
      expect([...ranking.scores!]).toEqual([...scores.subarray(i * models.length, (i + 1) * models.length)])
      const ranked = [...ranking.order].map((model) => ranking.scores![model]!)
      expect(ranked).toEqual([...ranked].sort((a, b) => b - a))
    })
    expect(new Set(actions).size).toBe(models.length)
  })

  it('shows what it read', () => {
    const router = ranker(policy, spec, encoder)
    router.rank(heldOut[0]!)
    const x = encodeRows(encoder, [{ text: heldOut[0]! }])
    expect(router.features).toEqual({ index: x.index, value: x.value })
  })

  it('never stops before anything was called', () => {
    const cascade = textPolicy(['small', 'large', STOP])
    const router = ranker(cascade.policy, cascade.spec, cascade.encoder)
    expect(router.models).toEqual(['small', 'large'])
    for (const text of heldOut) expect([...router.rank(text).order].sort()).toEqual([0, 1])
  })

  it('draws where the policy draws', () => {
    const drawing: Policy = {
      observes: 'local',
      act: (batch, rng, out) => void out.fill(rng.integer(batch.layout.numActions)),
      scores: policy.scores.bind(policy),
      probabilities: (_, out) => out.set([0.2, 0.5, 0.3]),
    }
    const ranking = ranker(drawing, spec, encoder).rank('text')
    expect([...ranking.probabilities!]).toEqual([0.2, 0.5, 0.3])
  })

  it('refuses what it cannot serve', () => {
    const refused = (message: RegExp) =>
      expect.objectContaining({ code: 'ERR_BUNDLE', message: expect.stringMatching(message) })
    const silent: Policy = { observes: 'local', act: () => undefined }
    expect(() => ranker(silent, spec, encoder)).toThrowError(refused(/has no scores/))
    expect(() => ranker(policy, routingSpec(models, 3), encoder)).toThrowError(
      refused(/the encoder gives \d+ columns, the policy reads 3/),
    )
    const two = { ...spec, agents: [spec.agents[0]!, { ...spec.agents[0]!, name: 'other' }] }
    expect(() => ranker(policy, two, encoder)).toThrowError(refused(/expected one agent/))
  })
})
