import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { discrete } from '#env/space.js'
import { VectorEnv } from '#env/vector-env.js'
import { checkPolicy } from '../conformance/check-policy.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { AuctionPolicy } from './auction-policy.js'
import { decomposedQ } from './decomposed-q.js'
import { loadTabularPolicy } from './load-tabular-policy.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep, madeViews } from './testing/made-step.js'

/** Three agents of 2 actions, 2 observations each: tables [observation][pass, claim]. */
const spec = madeSpec([2, 2, 2], 2)
// In observation 0 agents bid 1, 3 and 2; in observation 1 they bid -1, 0 and 3.
const values = Float64Array.of(1, 2, 5, 4, 0, 3, 2, 2, 4, 6, 1, 4)
const policy = new AuctionPolicy(spec, values)

const actionsOf = (rows: Parameters<typeof madeViews>[1], of = policy) => {
  const out = new Int32Array(3 * rows.length)
  of.act(madeViews(spec, rows), new Rng('unused'), out)
  return [...out]
}

describe('an auction', () => {
  it('goes to the highest positive bid, ties to the lowest agent', () => {
    expect(actionsOf([{ seen: [0, 0, 0] }, { seen: [0, 1, 0] }, { seen: [1, 1, 1] }])).toEqual([
      0, 1, 0, 0, 0, 1, 0, 0, 1,
    ])
    // Agents 1 and 2 bid 3 both.
    expect(actionsOf([{ seen: [0, 0, 1] }])).toEqual([0, 1, 0])
  })

  it('lets nobody act where no bid is positive, and asks only those who may act', () => {
    expect(actionsOf([{ seen: [1, 1, 0], legal: ['11', '11', '10'] }])).toEqual([0, 0, 0])
    expect(actionsOf([{ seen: [0, 0, 0], legal: ['11', '10', '11'] }])).toEqual([0, 0, 1])
    expect(actionsOf([{ seen: [0, 0, 0], acts: [1, 0, 0] }])).toEqual([1, 0, 0])
  })

  it('scores an action by what the team is worth where the agent takes it', () => {
    const out = new Float64Array(6)
    policy.scores(madeViews(spec, [{ seen: [0, 0, 0], legal: ['11', '11', '11'] }]), out)
    // All pass: 1 + 0 + 4. Bids 1, 3, 2.
    expect([...out]).toEqual([8, 6, 7, 8, 8, 7])
    // Without agent 2's bid, agent 0's is the next best.
    policy.scores(madeViews(spec, [{ seen: [0, 0, 0], legal: ['11', '11', '10'] }]), out)
    expect([...out]).toEqual([8, 6, 6, 8, 8, Number.NEGATIVE_INFINITY])
    policy.scores(madeViews(spec, [{ seen: [0, 0, 0], legal: ['11', '10', ''], acts: [1, 1, 0] }]), out)
    expect([...out]).toEqual([1, 2, 2, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })

  it('bids with the best action beside passing, the lowest of several', () => {
    const wide = madeSpec([3, 3], 1)
    const out = new Int32Array(2)
    const of = (...q: number[]) => {
      new AuctionPolicy(wide, Float64Array.from(q)).act(madeViews(wide, [{}]), new Rng('unused'), out)
      return [...out]
    }
    expect(of(0, 2, 5, 0, 4, 1)).toEqual([2, 0])
    expect(of(0, 5, 5, 0, 4, 1)).toEqual([1, 0])
    expect(of(0, 2, 1, 0, 4, 4)).toEqual([0, 1])
  })

  it('is refused where 0 is no way to pass, or nothing is to be bid for', () => {
    const agents = spec.agents.map((agent) => ({ ...agent, action: discrete(2, ['left', 'right']) }))
    expect(() => new AuctionPolicy({ ...spec, agents }, values)).toThrowError(/"left" of agent "a0" isn't passing/)
    expect(() => madeLearner(decomposedQ, { ...spec, agents }, { execute: 'auction' })).toThrowError(/execute: greedy/)
    expect(() => new AuctionPolicy(madeSpec([2, 1]), new Float64Array(12))).toThrowError(/"a1" has nothing to bid for/)
    expect(() => new AuctionPolicy(madeSpec([[2, 2]]), new Float64Array(16))).toThrowError(/an auction/)
    expect(() => actionsOf([{ legal: ['01', '11', '11'] }])).toThrowError(/agent 0 may not pass/)
    const passing = spec.agents.map((agent) => ({ ...agent, action: discrete(2, ['Pass', 'claim']) }))
    expect(actionsOf([{ seen: [0, 0, 0] }], new AuctionPolicy({ ...spec, agents: passing }, values))).toEqual([0, 1, 0])
  })

  it('comes back from a bundle, and not as another', () => {
    const stored = policy.export()
    expect(stored.details).toEqual({ tables: 'independent', execute: 'auction' })
    const loaded = loadTabularPolicy(stored, spec)
    expect([loaded.observes, loaded.export!()]).toEqual(['bids', stored])
    expect(actionsOf([{ seen: [0, 0, 0] }], loaded as AuctionPolicy)).toEqual([0, 1, 0])
    const unknown = { ...stored, details: { ...stored.details, execute: 'lottery' } }
    expect(() => loadTabularPolicy(unknown, spec)).toThrowError(/executed as "lottery", expected "auction"/)
    const own = new AuctionPolicy(spec, values.slice(0, 8), [0, 2])
    expect(loadTabularPolicy(own.export(), spec).export!().details).toEqual({
      tables: 'independent',
      agents: [0, 2],
      execute: 'auction',
    })
    // Agents 0 and 2 bid 1 and 3 with the first two tables.
    expect(actionsOf([{ seen: [0, 0, 0] }], own)).toEqual([0, 0, 1])
  })
})

describe('learned bids', () => {
  const auction = { execute: 'auction' }
  const start = (more: object = {}) => {
    const learner = madeLearner(decomposedQ, spec, { ...auction, ...more })
    const state = learner.saveState()
    learner.loadState({ ...state, arrays: { ...state.arrays, values: values.slice() } })
    return learner
  }

  it('share the rate: each of n parts moves by rate / n of the error', () => {
    const learner = madeLearner(decomposedQ, spec, auction)
    learner.update(madeStep(spec, [{ seen: [0, 1, 0], done: [0, 1, 0], reward: [3, 0, 0], ends: 'terminated' }]))
    // 3 from 0: half of it, in thirds.
    expect(arrayOf(learner, 'values')).toEqual([0.5, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0])
    learner.update(
      madeStep(spec, [{ acts: [0, 1, 0], seen: [0, 1, 0], done: [0, 1, 0], reward: [0, 2.5, 0], ends: 'terminated' }]),
    )
    // Alone it moves by half: 2.5 from .5.
    expect(arrayOf(learner, 'values')[7]).toBe(1.5)
  })

  it('have the target of an auction, not of what each would do alone', () => {
    const learner = start()
    learner.update(madeStep(spec, [{ seen: [1, 1, 1], done: [0, 0, 0], reward: [1, 0, 0], next: { seen: [0, 0, 0] } }]))
    // 1 + (1 + 0 + 4 + 3) / 2 = 5, from 5 + 2 + 1: three parts lose .5.
    expect(arrayOf(learner, 'values')).toEqual([1, 2, 4.5, 4, 0, 3, 1.5, 2, 4, 6, 0.5, 4])
  })

  it('explore as one team: evenly over who may act and nobody', () => {
    const learner = start({ exploration: 1 })
    const views = madeViews(spec, [{ legal: ['11', '10', '11'] }])
    const actions = new Int32Array(3)
    const counts = new Map<string, number>()
    for (let k = 0; k < 3000; k++) {
      learner.act(views, actions)
      const key = actions.join('')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['000', '001', '100'])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130)
    const wide = madeSpec([3, 2], 1)
    const wider = madeLearner(decomposedQ, wide, { ...auction, exploration: 1 })
    const seen = new Map<string, number>()
    for (let k = 0; k < 3000; k++) {
      wider.act(madeViews(wide, [{}]), actions)
      const key = actions.subarray(0, 2).join('')
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    const expected = { '00': 1000, '01': 1000, '10': 500, '20': 500 }
    expect([...seen.keys()].sort()).toEqual(Object.keys(expected).sort())
    for (const [key, mean] of Object.entries(expected)) expect(Math.abs(seen.get(key)! - mean)).toBeLessThan(130)
  })

  it('act by auction where they do not explore', () => {
    const learner = start({ exploration: 0 })
    const actions = new Int32Array(3)
    learner.act(madeViews(spec, [{ seen: [0, 0, 0] }]), actions)
    expect([...actions]).toEqual([0, 1, 0])
  })

  const dispatch =
    (settings: object = {}) =>
    () =>
      new RoutingDispatch(routingDispatchConfig.parse({ observation: 'own', limitSteps: 50, ...settings }))
  describe('on routing-dispatch', () => {
    learnerConformance(decomposedQ, dispatch(), { ...auction, exploration: 0.3 })
  })

  it('beat the rule with a reserve on three agents, from what each sees itself', () => {
    const make = dispatch({ limitSteps: 200 })
    const env = new VectorEnv(make, 1, 'bids')
    const context = contextFor(env, { discount: 0.97, totalSteps: 300_000, rng: new Rng('bids') })
    const learner = makeLearner(decomposedQ, context, auction)
    env.reset()
    trainFor(env, learner, 300_000)
    const learned = learner.policy()
    const model = toJointMdp(make())
    // The rule is worth 69.038, the best local policy without bids 65.2, V* 72.372.
    expect(evaluatePolicy(model, learned, { discount: 0.97 }).start).toBeGreaterThan(70.5)
    expect(checkPolicy('bids', () => learned, make).checks.filter(({ ok }) => !ok)).toEqual([])
  })
})
