import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec, ObservedDigits } from '#env/spec.js'
import { VectorEnv } from '#env/vector-env.js'
import { describeAgents, loadPolicy } from '../bundle/load-policy.js'
import { decodeBundle, encodeBundle } from '../bundle/policy-bundle.js'
import { checkPolicy } from '../conformance/check-policy.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { AfterstatePolicy, loadAfterstatePolicy } from './afterstate-policy.js'
import { afterstateTd } from './afterstate-td.js'
import { DigitValues } from './digit-values.js'

/** A subject of 2 values and a load of 3. Action 0 leaves both; action 1 clears the subject and adds to the load. */
const digits: ObservedDigits = {
  sizes: [2, 3],
  afterAction: [
    [null, null],
    [
      [0, 0],
      [1, 2, 2],
    ],
  ],
  subject: 0,
}
const spec: EnvSpec = {
  id: 'made',
  version: '1',
  agents: [{ name: 'dispatcher', observation: box(5, 0, 1), action: discrete(2), numObservations: 0, digits }],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'shared', over: 'episode' },
  limitSteps: null,
}

function madeValues(): DigitValues {
  const made = new DigitValues(digits)
  made.values.set([1, 2, 10, 20, 30])
  made.rewards.set([0.1, 0.2, 5, 6])
  return made
}
const contextOf = (own: EnvSpec) => ({
  spec: own,
  agents: [0],
  discount: 0.5,
  totalSteps: 10,
  rows: 1,
  rng: new Rng('made'),
})
const see = (subject: number, load: number) => {
  const observation = new Float32Array(5)
  observation[subject] = 1
  observation[2 + load] = 1
  return observation
}

describe('values of digits', () => {
  it('are sums over the digits as an action leaves them, and what it earns', () => {
    const made = madeValues()
    made.read(see(1, 0), 0)
    // As they stand: 2 + 10. After action 1: 1 + 20.
    const base = made.base()
    expect([base, made.after(0, base), made.after(1, base)]).toEqual([12, 12, 21])
    expect([made.q(0, base), made.q(1, base)]).toEqual([12.2, 27])
    expect(made.best(Uint8Array.of(1, 1), 0)).toBe(1)
    expect(made.best(Uint8Array.of(1, 0), 0)).toBe(0)
    expect(made.best(Uint8Array.of(0, 0), 0)).toBe(-1)
    made.move(1, 0.5)
    expect([...made.values]).toEqual([1.5, 2, 10, 20.5, 30])
    made.move(0, 0.5)
    expect([...made.values]).toEqual([1.5, 2.5, 10.5, 20.5, 30])
  })

  it('that are equal go to the lowest action that is legal', () => {
    const made = new DigitValues(digits)
    made.read(see(1, 0), 0)
    expect([made.best(Uint8Array.of(1, 1), 0), made.best(Uint8Array.of(0, 1), 0)]).toEqual([0, 1])
  })

  it('refuse what is not one-hot', () => {
    expect(() => madeValues().read(new Float32Array(5), 0)).toThrowError(/digit 0 of the observation one-hot, got no 1/)
  })
})

describe('afterstate-td', () => {
  const env =
    (settings: object = {}) =>
    () =>
      new RoutingDispatch(
        routingDispatchConfig.parse({ control: 'centralised', encoding: 'one-hot', limitSteps: 50, ...settings }),
      )

  it('moves the weights of the afterstate by the share of the error that the mean leaves', () => {
    const learner = makeLearner(afterstateTd, contextOf(spec), { learningRate: 0.5 })
    const { layout, ...views } = {
      layout: {
        agents: 1,
        heads: 1,
        observationSize: 5,
        numActions: 2,
        stateSize: 0,
        numQuantities: 0,
        actionsOf: Int32Array.of(2),
      },
      size: 1,
      mask: Uint8Array.of(1, 1),
      alive: Uint8Array.of(1),
      state: new Float32Array(0),
      observationId: Int32Array.of(-1),
      stateId: Int32Array.of(-1),
      featureRow: Int32Array.of(-1),
    }
    const step = (before: Float32Array, action: number, reward: number, after: Float32Array, terminated = 0) =>
      learner.update({
        spec,
        layout,
        size: 1,
        before: { layout, ...views, observation: before },
        after: { layout, ...views, observation: after },
        actions: Int32Array.of(action),
        reward: Float64Array.of(reward),
        actionReward: new Float64Array(0),
        terminated: Uint8Array.of(terminated),
        truncated: Uint8Array.of(0),
        ended: Uint8Array.of(terminated),
        elapsed: Float64Array.of(1),
        quantities: new Float64Array(0),
      })
    const of = (name: string) => [...learner.saveState().arrays[name]!]
    // 8 from 0, half of it in two parts: the cleared subject and the load of 1. Then the mean is 8.
    step(see(1, 0), 1, 8, see(0, 2), 1)
    expect([of('values'), of('rewards')]).toEqual([
      [2, 0, 0, 2, 0],
      [0, 0, 0, 8],
    ])
    // What follows is worth m(1, 1) + V(0, load 1) = 8 + 4. 2 + 6 from 0 + V(subject 0, load 2) = 2: 6 off, 1.5 each.
    step(see(0, 2), 0, 2, see(1, 0))
    expect([of('values'), of('rewards')]).toEqual([
      [3.5, 0, 0, 2, 1.5],
      [2, 0, 0, 8],
    ])
    // Again action 1: 4 + 0 from 8 + 5.5, then the mean of 8 and 4.
    step(see(1, 0), 1, 4, see(0, 0), 1)
    expect([of('values'), of('rewards')]).toEqual([
      [3.5 - 2.375, 0, 0, 2 - 2.375, 1.5],
      [2, 0, 0, 6],
    ])
    expect(learner.metrics!()['td-error']).toBeCloseTo((8 + 6 + 9.5) / 3, 12)
  })

  describe('keeps a learner’s promises', () => {
    learnerConformance(afterstateTd, env())
  })

  it('comes near the optimum of three agents, and its policy comes back from a bundle', () => {
    const make = env({ limitSteps: 200 })
    const venv = new VectorEnv(make, 1, 'afterstates', { state: false })
    const context = contextFor(venv, { discount: 0.97, totalSteps: 300_000, rng: new Rng('afterstates') })
    const learner = makeLearner(afterstateTd, context)
    venv.reset()
    trainFor(venv, learner, 300_000)
    const learned = learner.policy()
    const manifest = {
      environment: { id: 'routing-dispatch', version: '1', config: {} },
      observes: 'local' as const,
      agents: describeAgents(venv.spec),
      encoder: null,
      algorithm: { name: 'afterstate-td', version: '1', config: {} },
      training: { run: null, trial: null, steps: 300_000, seed: 0 },
      evaluation: {},
    }
    const loaded = loadPolicy(decodeBundle(encodeBundle(manifest, learned.export!())), venv.spec)
    const model = toJointMdp(make())
    const start = evaluatePolicy(model, learned, { discount: 0.97 }).start
    // V* is 72.372, the rule with a reserve 69.038.
    expect(start).toBeGreaterThan(71)
    expect(evaluatePolicy(model, loaded, { discount: 0.97 }).start).toBe(start)
    expect(loaded.export!()).toEqual(learned.export!())
    expect(checkPolicy('afterstates', () => learned, make).checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it('is refused where several decide, or nothing is known of what actions do', () => {
    const made = (settings: object) => {
      const { spec: own } = new RoutingDispatch(routingDispatchConfig.parse(settings))
      return () => makeLearner(afterstateTd, contextOf(own))
    }
    expect(made({})).toThrowError(/expected one agent that decides for all, got 3; set control: centralised/)
    expect(made({ control: 'centralised' })).toThrowError(/"dispatcher" .* doesn't say .*set encoding: one-hot/)
    const broken = { ...digits, subject: 7 }
    const own = { ...spec, agents: [{ ...spec.agents[0]!, digits: broken }] }
    expect(() => makeLearner(afterstateTd, contextOf(own))).toThrowError(/digits: expected/)
  })

  it('refuses bundles that fit no such agent', () => {
    const stored = new AfterstatePolicy(spec, madeValues()).export()
    expect(loadAfterstatePolicy(stored, spec).export!()).toEqual(stored)
    const wider = { ...spec, agents: [{ ...spec.agents[0]!, observation: box(6, 0, 1) }] }
    expect(() => loadAfterstatePolicy(stored, wider)).toThrowError(
      /5 observed numbers and 2 actions, made has 1 of 6 and 2/,
    )
    const { values: _, ...rest } = stored.tensors
    expect(() => loadAfterstatePolicy({ ...stored, tensors: rest }, spec)).toThrowError(/"values" has no numbers/)
    const malformed = { ...stored, details: { digits: { sizes: [2, 3], afterAction: [[null]], subject: 0 } } }
    expect(() => loadAfterstatePolicy(malformed, spec)).toThrowError(/its digits are malformed/)
    expect(() => loadAfterstatePolicy({ ...stored, details: {} }, spec)).toThrowError(/its digits are malformed/)
  })
})
