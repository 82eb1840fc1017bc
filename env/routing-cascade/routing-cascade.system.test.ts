import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PreparedData } from '../data-contract.js'
import { toJointMdp } from '../mdp/enumerate.js'
import { ModelOutcomes } from '../outcomes/model-outcomes.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { envConformance } from '../testing/env-conformance.js'
import { VectorEnv } from '../vector-env.js'
import { type CascadeWorld, profileWorld } from './cascade-world.js'
import { type RoutingCascadeConfig, routingCascadeConfig } from './config.js'
import { routingCascade } from './entry.js'
import { prepareCascade } from './prepare.js'
import { bestAnswer, progressCodes } from './progress-codes.js'
import { ShuffledOrder } from './query-order.js'
import { RoutingCascade } from './routing-cascade.js'

const config = (settings: object = {}): RoutingCascadeConfig => routingCascadeConfig.parse(settings)

const profile = (settings: object = {}) => {
  const parsed = config(settings)
  return new RoutingCascade(parsed, profileWorld(parsed))
}

/** Six queries; the weak model knows the first three, the strong one all but the last; one answer is half right. */
function table(changes: Partial<{ correct: number[][]; cost: number[][] }> = {}): ModelOutcomes {
  const correct = changes.correct ?? [
    [1, 1, 0.5, 0, 0, 0],
    [1, 1, 1, 1, 1, 0],
  ]
  const unknown = () => new Float64Array(6).fill(Number.NaN)
  return new ModelOutcomes({
    models: ['weak', 'strong'],
    ids: ['a', 'b', 'c', 'd', 'e', 'f'],
    texts: ['short one', 'short two', 'short three', 'long hard question four', 'long hard question five', 'six'],
    groups: ['x', 'x', 'y', 'y', undefined, 'x'],
    columns: correct.map((values, m) => ({
      correct: Float64Array.from(values),
      costUsd: changes.cost === undefined ? unknown() : Float64Array.from(changes.cost[m]!),
      latencyMs: unknown(),
    })),
  })
}

const split = { train: Int32Array.of(0, 1, 2, 3), test: Int32Array.of(4, 5) }
const onTable = (settings: object = {}, outcomes = table()): PreparedData =>
  prepareCascade(config({ outcomes: 'six', ...settings }), outcomes, split)
const tableEnv = (settings: object = {}, part: 'train' | 'test' = 'train') => {
  const parsed = config({ outcomes: 'six', ...settings })
  const world = prepareCascade(parsed, table(), split)[part]
  return () => routingCascade.create(parsed, world)
}

describe('profile, one call', () => envConformance(() => profile()))
describe('profile, three calls', () => envConformance(() => profile({ maxCalls: 3, costWeight: 10 })))
describe('table, one call', () => envConformance(tableEnv()))
describe('table, two calls', () => envConformance(tableEnv({ maxCalls: 2, order: 'independent' })))

/** V* of the start distribution, by brute force over the model's layers. */
function optimum(env: RoutingCascade): number {
  const mdp = toJointMdp(env)
  const value = new Float64Array(mdp.numStates)
  for (let sweep = 0; sweep < 5; sweep++) {
    for (let s = 0; s < mdp.numStates; s++) {
      let best = Number.NEGATIVE_INFINITY
      for (let a = 0; a < mdp.numActions; a++) {
        const row = s * mdp.numActions + a
        if (mdp.rowStart[row] === mdp.rowStart[row + 1]) continue
        let q = mdp.reward[row]!
        for (let k = mdp.rowStart[row]!; k < mdp.rowStart[row + 1]!; k++) {
          q += mdp.probability[k]! * value[mdp.successor[k]!]!
        }
        best = Math.max(best, q)
      }
      if (best > Number.NEGATIVE_INFINITY) value[s] = best
    }
  }
  return mdp.start.reduce((sum, p, s) => sum + p * value[s]!, 0)
}

describe('known values', () => {
  it('one call of the example profile: the large model, 2/3 * .95 + 1/3 * .85', () => {
    expect(optimum(profile())).toBeCloseTo((2 * 0.95 + 0.85) / 3, 12)
  })

  it('a perfect check makes two calls right unless both are wrong', () => {
    const settings = {
      maxCalls: 2,
      check: { truePositive: 1, falsePositive: 0 },
      types: [{ name: 'any', share: 1 }],
      models: [
        { name: 'a', skill: [0.6] },
        { name: 'b', skill: [0.7] },
      ],
    }
    expect(optimum(profile(settings))).toBeCloseTo(1 - 0.4 * 0.3, 12)
  })

  it('weighs a dear second call against what the check says (Bayes by hand)', () => {
    // Weak first, .6 right; the check passes with .9 / .3: P(pass) = .66, right given pass .54 / .66 = 9 / 11, given fail
    // .06 / .34 = 3 / 17. Strong: 1 right, costs .5: after a pass stopping is worth more (.818 > .5), after a fail calling is
    // (.5 > .176), the strong answer counting as it is last in the list when its check passes, .9, or both fail, .1.
    const settings = {
      maxCalls: 2,
      costWeight: 1,
      types: [{ name: 'any', share: 1 }],
      models: [
        { name: 'weak', skill: [0.6] },
        { name: 'strong', skill: [1], costUsd: 0.5 },
      ],
    }
    expect(optimum(profile(settings))).toBeCloseTo(0.54 + 0.34 * 0.5, 12)
  })

  it('on a table the optimum is the per-query oracle', () => {
    expect(optimum(tableEnv({}, 'test')() as RoutingCascade)).toBeCloseTo(0.5, 12)
    expect(optimum(tableEnv()() as RoutingCascade)).toBeCloseTo(1, 12)
  })
})

describe('one choice on a table', () => {
  const play = (needs: object) => new VectorEnv(tableEnv({ models: priced, costWeight: 1 }), 2, 's', needs)
  const priced = [{ name: 'weak' }, { name: 'strong', costUsd: 0.25 }].map((model) => ({ costUsd: 0, ...model }))

  it('tells what every action would have earned to who asks, and nobody else', () => {
    const env = play({ actionReward: true })
    env.reset()
    for (let k = 0; k < 12; k++) {
      const actions = Int32Array.of(k % 2, 1)
      const rows = [...env.current.featureRow]
      const { actionReward, reward, terminated, after } = env.step(actions)
      rows.forEach((row, e) => {
        const known = table()
        const earned = [known.correct(row, 0)!, known.correct(row, 1)! - 0.25]
        expect([...actionReward.slice(2 * e, 2 * e + 2)]).toEqual(earned)
        expect(reward[e]).toBe(earned[actions[e]!])
        expect([terminated[e], after.featureRow[e]]).toEqual([1, -1])
      })
    }
    expect(play({}).transition.actionReward.length).toBe(0)
  })

  it('goes through all rows before any comes again', () => {
    const env = play({})
    env.reset()
    const seen: number[] = []
    for (let k = 0; k < 8; k++) {
      seen.push(env.current.featureRow[0]!)
      env.step(new Int32Array(2))
    }
    expect([new Set(seen.slice(0, 4)).size, new Set(seen.slice(4)).size]).toEqual([4, 4])
    expect(Math.max(...seen)).toBe(3)
  })

  it('labels examples and rows held out with what is recorded', () => {
    const { examples, heldOut } = onTable({ models: priced, costWeight: 1 })
    expect([...examples.rewards]).toEqual([1, 0.75, 1, 0.75, 0.5, 0.75, 0, 0.75])
    expect([...heldOut.quality]).toEqual([0, 1, 0, 0])
    expect([...heldOut.cost!]).toEqual([0, 0.25, 0, 0.25])
    expect(onTable().heldOut.cost).toBeNull()
  })

  it('fits the encoder on training rows only', () => {
    const { encoder, heldOut } = onTable()
    expect(encoder.fields).toEqual(['text'])
    const { rowStart } = heldOut.features
    // "six" is a word of a row held out: it has no column.
    expect(rowStart[6]! - rowStart[5]!).toBe(0)
    expect(encoder.encoder.size).toBe(heldOut.features.columns)
  })

  it('reads groups only where an encoder is told to', () => {
    const { encoder, heldOut } = onTable({ encoder: { id: 'concatenate', parts: [{ id: 'group' }, { id: 'tfidf' }] } })
    expect(encoder.fields).toEqual(['text', 'group'])
    const { rowStart, index } = heldOut.features
    // Row 5 has group x, column 0, and no known word; row 4 has none.
    expect([...index.slice(rowStart[5], rowStart[6])]).toEqual([0])
    expect(index[rowStart[4]!]).toBeGreaterThan(1)
  })
})

describe('scripted policies', () => {
  const choices = (name: string, settings: object, part: 'train' | 'test' = 'train') => {
    const data = onTable()
    const parsed = config({ outcomes: 'six' })
    const env = routingCascade.create(parsed, data[part])
    const entry = routingCascade.policies!.find((one) => one.name === name)!
    const policy = entry.create({ spec: env.spec, envConfig: parsed, data }, entry.schema.parse(settings))
    const { batch } = toJointMdp(env)
    const out = new Int32Array(batch.size)
    policy.act(batch, new Rng(''), out)
    const scores = new Float64Array(batch.size * 2)
    policy.scores!(batch, scores)
    out.slice(0, -1).forEach((action, s) => {
      expect(scores[2 * s + action]!).toBe(Math.max(...scores.slice(2 * s, 2 * s + 2)))
    })
    return [...out.slice(0, -1)]
  }

  it('always calls what it is told to', () => {
    expect(choices('always', { model: 'strong' })).toEqual([1, 1, 1, 1])
    expect(() => choices('always', { model: 'stron' })).toThrow('did you mean "strong"')
  })

  it('sends texts to the strong model from the length that earned most', () => {
    // From "short three" (11 characters) on, strong earns .5 + 1 more.
    expect(choices('prompt-length', {})).toEqual([0, 0, 1, 1])
    expect(choices('prompt-length', {}, 'test')).toEqual([1, 0])
  })

  it('knows the outcomes as an oracle', () => {
    expect(choices('oracle', {}, 'test')).toEqual([1, 0])
  })
})

describe('bad input', () => {
  it.each([
    [{ models: [{ name: 'weak' }, { name: 'weak' }], outcomes: 't' }, /listed twice/],
    [{ models: [{ name: 'stop' }], outcomes: 't' }, /rename the model/],
    [{ types: [{ name: 'a', share: 1 }], outcomes: 't' }, /types belong to a profile/],
    [{ models: [{ name: 'a', skill: [1] }], outcomes: 't' }, /leave skill out/],
    [{ models: [{ name: 'a' }] }, /has no skill/],
    [{ models: [{ name: 'a', skill: [1] }] }, /expected 2 skills/],
    [{ maxCalls: 4 }, /at most 3/],
  ])('refuses %j', (settings, message) => {
    expect(() => config(settings)).toThrow(message)
  })

  it('says which row lacks what', () => {
    const holes = table({
      correct: [
        [1, 1, 1, 1, 1, 1],
        [1, Number.NaN, 1, 1, 1, 1],
      ],
    })
    expect(() => onTable({}, holes)).toThrow('correct of model "strong" is unknown in row "b"')
    expect(() => onTable({ costWeight: 1 })).toThrow('costUsd of model "weak" is unknown in row "a"')
    expect(() => onTable({ latencyWeight: 1 })).toThrow('latencyMs of model "weak" is unknown')
    // However a quantity comes in, it counts: products, conditions, the time of all calls.
    expect(() => onTable({ reward: 'quality - costUsd * waitedMs' })).toThrow('costUsd of model "weak" is unknown')
    expect(() => onTable({ reward: 'quality - (waitedMs > 50 ? 1 : 0)' })).toThrow('latencyMs of model "weak"')
    expect(() => onTable({ reward: 'quality - 0 * costUsd' })).not.toThrow()
    expect(() => onTable({ models: [{ name: 'week' }] })).toThrow('did you mean "weak"')
    expect(() => onTable({ maxCalls: 3 })).toThrow('at most 2, the number of models')
    expect(() => routingCascade.create(config({ outcomes: 'six' }))).toThrow('made without the outcome table')
  })

  it('refuses the saved state of something else', () => {
    const env = profile()
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    expect(() => env.loadState({ query: 7 })).toThrow("isn't one of 2 queries and 3 models")
  })
})

describe('ShuffledOrder', () => {
  it('is a permutation of any size, another each time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.string(), (size, seed) => {
        const order = new ShuffledOrder(size)
        const rng = new Rng(seed)
        const round = () => Array.from({ length: size }, () => order.next(rng))
        const first = round()
        expect(new Set(first).size).toBe(size)
        expect(Math.max(...first)).toBe(size - 1)
        if (size > 20) expect(round()).not.toEqual(first)
      }),
      { numRuns: 60 },
    )
  })

  it('spreads every place over all rows alike', () => {
    // 4,000 permutations of 5: place 0 holds each row 800 times, standard deviation 25.
    const counts = new Int32Array(5)
    const order = new ShuffledOrder(5)
    const rng = new Rng('spread')
    for (let k = 0; k < 4000; k++) {
      counts[order.next(rng)]!++
      for (let rest = 0; rest < 4; rest++) order.next(rng)
    }
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(125)
  })
})

it('has columns for prices and times where they are known', () => {
  expect(profile().spec.columns).toEqual({ cost: 'costUsd', latency: { quantity: 'waitedMs', when: 'answered' } })
  expect(tableEnv()().spec.columns).toEqual({})
})

describe('progress codes', () => {
  it('numbers what can be reached before the last call', () => {
    expect(progressCodes(2, 1)!.count).toBe(1)
    expect(progressCodes(3, 2)!.count).toBe(1 + 3 * 2)
    expect(progressCodes(3, 3)!.count).toBe(1 + 6 + 3 * 4)
    expect(progressCodes(32, 8)).toBeNull()
  })

  it('counts the last model that passed, else the last one called', () => {
    const best = (...digits: number[]) => bestAnswer(Uint8Array.from(digits), 0, digits.length)
    expect([best(2, 1), best(1, 1), best(2, 2), best(1, 0), best(0, 0)]).toEqual([0, 1, 1, 0, -1])
  })
})

it('has no numbers for states where there are too many', () => {
  const models = Array.from({ length: 20 }, (_, m) => ({ name: `m${m}`, skill: [0.5] }))
  const env = profile({ types: [{ name: 'any', share: 1 }], models, maxCalls: 10 })
  expect(env.spec.numStates).toBe(0)
  const world: CascadeWorld = profileWorld(config({ types: [{ name: 'any', share: 1 }], models, maxCalls: 10 }))
  expect(world.models.length).toBe(20)
})

describe('the time that a query waited', () => {
  // .1 + .2 + .3 + .6 and .6 + .3 + .2 + .1 differ in the last bit.
  const latencies = [0.1, 0.2, 0.3, 0.6]
  const sum = 0.1 + 0.2 + 0.3 + 0.6
  const models = latencies.map((latencyMs, m) => ({ name: `m${m}`, latencyMs, skill: [0.5] }))
  const world = () => {
    const types = [{ name: 'any', share: 1 }]
    const env = new VectorEnv(() => profile({ models, types, maxCalls: 4, reward: 'waitedMs' }), 1, 'waited')
    env.reset()
    return env
  }
  const waited = (env: VectorEnv, calls: readonly number[]) => {
    let last = 0
    for (const model of calls) last = env.step(Int32Array.of(model)).reward[0]!
    return last
  }

  it('is the same to the bit whatever the order of the calls, and as the exact model has it', () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [3, 1, 2, 0],
      [2, 3, 0, 1],
    ]
    expect(new Set(orders.map((order) => waited(world(), order)))).toEqual(new Set([sum]))
    expect(0.6 + 0.3 + 0.2 + 0.1).not.toBe(sum)
    const mdp = toJointMdp(profile({ models, types: [{ name: 'any', share: 1 }], maxCalls: 4, reward: 'waitedMs' }))
    const fourCalls = [...mdp.reward].filter((r) => r > 1.15)
    expect(new Set(fourCalls)).toEqual(new Set([sum]))
  })

  it('is the same to the bit where the episode is gone on with from what was saved', () => {
    for (const saveAfter of [1, 2, 3]) {
      const [whole, first, second] = [world(), world(), world()]
      const calls = [3, 2, 1, 0]
      const expected = waited(whole, calls)
      waited(first, calls.slice(0, saveAfter))
      second.loadState(first.saveState())
      expect(waited(second, calls.slice(saveAfter))).toBe(expected)
    }
  })
})
