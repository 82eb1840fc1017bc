import { describe, expect, it } from 'vitest'
import { cartPole } from '#env/cart-pole/entry.js'
import { BundleError } from '#env/errors.js'
import type { PolicyExport } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { describeAgents, loadPolicy } from '../bundle/load-policy.js'
import { decodeBundle, encodeBundle } from '../bundle/policy-bundle.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { dqnWith } from './dqn.js'
import { loadGraphPolicy } from './graph-policy.js'
import { iql } from './iql.js'
import { layer } from './network.js'
import { qmix } from './qmix.js'

const team = () => new LeavingTeam()
const { spec } = team()
const settings = { exploration: 0.5, network: { hidden: [8] }, replay: { batch: 4 } }

function trained(engine: 'simd' | 'reference' = 'simd', entry = qmix, more: object = {}) {
  const env = new VectorEnv(team, 4, 'policy/env')
  const learner = makeLearner(entry, contextFor(env), { ...settings, engine, ...more })
  env.reset()
  trainFor(env, learner, 40)
  return { env, learner, policy: learner.policy() }
}

const { env, policy } = trained()
const stored = policy.export!()

describe('a graph policy', () => policyConformance(spec, () => loadGraphPolicy(stored, spec)))
describe('a graph policy, networks apart', () => {
  const apart = trained('simd', iql, { sharing: 'none' }).policy.export!()
  policyConformance(spec, () => loadGraphPolicy(apart, spec))
})

describe('GraphPolicy', () => {
  it.each(['simd', 'reference'] as const)('comes back from a bundle to the bit: %s', (engine) => {
    const one = trained(engine)
    const bundle = decodeBundle(
      encodeBundle(
        {
          environment: { id: spec.id, version: spec.version, config: {} },
          observes: 'local',
          agents: describeAgents(spec),
          encoder: null,
          algorithm: { name: 'qmix', version: '1', config: {} },
          training: { run: null, trial: null, steps: 160, seed: 1 },
          evaluation: {},
        },
        one.policy.export!(),
      ),
    )
    const loaded = loadPolicy(bundle, spec)
    const [before, after] = [one.policy, loaded].map((which) => {
      const out = new Float64Array(4 * 2 * 2)
      which.scores!(one.env.current, out)
      return [...out]
    })
    expect(after).toEqual(before)
    expect(loaded.export!()).toEqual(one.policy.export!())
    // What a mixer learned is for training alone.
    expect(Object.keys(bundle.policy.tensors).every((name) => name.startsWith('group0/'))).toBe(true)
  })

  it('follows further learning, and scores what it does', () => {
    const one = trained()
    const scoresNow = () => {
      const out = new Float64Array(16)
      one.learner.policy().scores!(env.current, out)
      return out
    }
    const before = scoresNow()
    trainFor(one.env, one.learner, 20)
    expect(scoresNow()).not.toEqual(before)
    const actions = new Int32Array(8)
    one.learner.policy().act(env.current, new Rng(''), actions)
    const scores = scoresNow()
    for (let k = 0; k < 8; k++) {
      if (env.current.alive[k] === 0) continue
      expect(scores[2 * k + actions[k]!]).toBe(Math.max(scores[2 * k]!, scores[2 * k + 1]!))
    }
  })

  it('tells agents of a shared network apart by their ids', () => {
    const scores = new Float64Array(4)
    const views = new VectorEnv(team, 1, 'ids')
    views.reset()
    policy.scores!(views.current, scores)
    // Both observe the same at the start.
    expect(scores.subarray(0, 2)).not.toEqual(scores.subarray(2, 4))
    const same = trained('simd', qmix, { agentIds: false }).policy
    same.scores!(views.current, scores)
    expect(scores.subarray(0, 2)).toEqual(scores.subarray(2, 4))
  })

  it.each<[string, (stored: PolicyExport) => PolicyExport, RegExp]>([
    [
      'of another format',
      (one) => ({ ...one, details: { ...one.details, format: 'cadre-graph/9' } }),
      /cadre-graph\/1, got "cadre-graph\/9"/,
    ],
    ['without a tensor', (one) => ({ ...one, tensors: {} }), /tensor "group0\/layer0\/weight" is missing/],
    [
      'of other sizes',
      (one) => ({
        ...one,
        details: {
          ...one.details,
          network: { hidden: [9], activation: 'relu', initialisation: 'fan-in', duelling: false },
        },
      }),
      /\[3, 8\], expected Float32Array \[3, 9\]/,
    ],
    [
      'of another engine',
      (one) => ({ ...one, details: { ...one.details, engine: 'reference' } }),
      /expected Float64Array/,
    ],
    [
      'for agents that there are not',
      (one) => ({ ...one, details: { ...one.details, groups: [{ agents: [7], ids: false }] } }),
      /agent 7, leaving-team has 2 agents/,
    ],
  ])('refuses a bundle %s', (_, change, message) => {
    expect(() => loadGraphPolicy(change(stored), spec)).toThrowError(BundleError)
    expect(() => loadGraphPolicy(change(stored), spec)).toThrowError(message)
  })

  it("is read by its learner where the network is the user's own", () => {
    const own = dqnWith((graph, x, parameter, outputs) => layer(graph, x, parameter, { name: 'only', outputs }))
    const make = () => cartPole.create(cartPole.schema.parse({}))
    const poles = new VectorEnv(make, 2, 'own')
    const learner = makeLearner(own, contextFor(poles))
    poles.reset()
    const kept = learner.policy().export!()
    expect([kept.kind, Object.keys(kept.tensors)]).toEqual(['own-graph', ['group0/only/weight', 'group0/only/bias']])
    expect(own.loadPolicy!(kept, poles.spec).export!()).toEqual(kept)
    expect(() => loadGraphPolicy(kept, poles.spec)).toThrowError(/load it by its learner/)
  })
})
