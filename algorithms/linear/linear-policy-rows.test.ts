import { describe, expect, it } from 'vitest'
import type { PolicyBatch, PolicyExport, Tensor } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { multiDiscrete } from '#env/space.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { LinearPolicy, linearValue, linearValues, loadLinearPolicy } from './linear-policy.js'
import { pair, pairFeatures, pairWeights, seen } from './testing/pair.js'
import { viewsByHand } from './testing/step-by-hand.js'

const weights = pairWeights()
const batchOf = (more: object = {}): PolicyBatch => viewsByHand(pair, 2, { ...seen, ...more }, pairFeatures)
const act = (policy: LinearPolicy, batch: PolicyBatch) => {
  const out = new Int32Array(4).fill(9)
  policy.act(batch, new Rng('unused'), out)
  return [...out]
}

describe('linear values', () => {
  it('are weights times what is seen, of each action, and its intercept', () => {
    const x = sparseFrom([[0, 3]])
    const own = Float64Array.of(1, 2, 3, 4, 5, 6)
    expect([linearValue(own, x, 0), linearValue(own, x, 1)]).toEqual([2 * 3 + 3, 5 * 3 + 6])
    const out = Float64Array.of(-1, -1, -1)
    linearValues(own, x, 2, out)
    expect([...out]).toEqual([9, 21, -1])
  })
})

describe('a linear policy on several rows', () => {
  it('takes the best legal action of each agent, the lowest of equal ones, and 0 where there is none', () => {
    const policy = new LinearPolicy(pair, weights)
    // Values: (1, 0, 0.5), (1, 3); (0, 2, 3), (3, 1).
    expect(act(policy, batchOf())).toEqual([0, 1, 2, 0])
    expect(act(policy, batchOf({ mask: [0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1] }))).toEqual([2, 0, 1, 1])
    expect(act(policy, batchOf({ mask: [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1] }))).toEqual([0, 1, 2, 0])
    expect(act(policy, batchOf({ observation: [0, 0, 2, 0, 0, 0, 2, 0] }))).toEqual([0, 0, 1, 0])
  })

  it('scores legal actions with their values, and others with -Infinity', () => {
    const out = new Float64Array(12)
    new LinearPolicy(pair, weights).scores(batchOf({ mask: [1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0] }), out)
    const no = Number.NEGATIVE_INFINITY
    expect([...out]).toEqual([1, 0, 0.5, 1, 3, no, 0, no, 3, no, 1, no])
  })

  it('writes no row more than the batch has', () => {
    const batch = { ...viewsByHand(pair, 3, seen, pairFeatures), size: 2 }
    const policy = new LinearPolicy(pair, weights)
    const actions = new Int32Array(6).fill(9)
    policy.act(batch, new Rng('unused'), actions)
    expect([...actions]).toEqual([0, 1, 2, 0, 9, 9])
    const scores = new Float64Array(18).fill(9)
    policy.scores(batch, scores)
    expect([...scores.subarray(12)]).toEqual([9, 9, 9, 9, 9, 9])
  })

  it('needs no rows of features where nobody reads them', () => {
    const looker = { ...pair, agents: [pair.agents[1]!] }
    const { featureRow: _, ...batch } = viewsByHand(looker, 1, { observation: [1] })
    const policy = new LinearPolicy(looker, [weights[1]!])
    const out = new Float64Array(2)
    policy.scores(batch, out)
    expect([...out]).toEqual([1, 3])
  })

  it('refuses a batch that lacks what it reads', () => {
    const policy = new LinearPolicy(pair, weights)
    const bare = viewsByHand(pair, 2, seen)
    const message = /^linear model: expected sparse features of 2 columns, got none/
    expect(() => act(policy, bare)).toThrow(message)
    expect(() => policy.scores(bare, new Float64Array(12))).toThrow(message)
  })

  it('depends on messages where an agent hears some', () => {
    expect(new LinearPolicy(pair, weights).observes).toBe('local')
    const agents = [{ ...pair.agents[0]!, messages: 1 }, pair.agents[1]!]
    expect(new LinearPolicy({ ...pair, agents }, weights).observes).toBe('messages')
  })

  it('refuses weights of another size, naming the agent', () => {
    const refusal = (message: string) => expect.objectContaining({ code: 'ERR_SHAPE', message })
    expect(() => new LinearPolicy(pair, [weights[0]!, new Float64Array(6)])).toThrow(
      refusal('linear policy: expected 4 weights for agent 1, got 6'),
    )
    expect(() => new LinearPolicy(pair, [weights[0]!])).toThrow(
      refusal('linear policy: expected 4 weights for agent 1, got none'),
    )
  })

  it('refuses agents that make several choices at once', () => {
    const agents = pair.agents.map((agent) => ({ ...agent, action: multiDiscrete([2, 2]) }))
    expect(() => new LinearPolicy({ ...pair, agents }, weights)).toThrow(
      /^linear policies: agent "reader" of pair makes several choices at once/,
    )
  })
})

describe('a linear policy that is stored', () => {
  const stored = () =>
    new LinearPolicy(
      pair,
      weights.map((own) => own.slice()),
    ).export()
  const withTensors = (change: { [name: string]: Tensor }): PolicyExport => {
    const { tensors, ...rest } = stored()
    return { ...rest, tensors: { ...tensors, ...change } }
  }
  const described = (agents: unknown) => ({ ...stored(), details: { agents } }) as PolicyExport
  const refusal = (message: string) => expect.objectContaining({ code: 'ERR_BUNDLE', message })

  it('says what each agent reads, and keeps a copy of its weights', () => {
    const own = weights.map((array) => array.slice())
    const exported = new LinearPolicy(pair, own).export()
    own[0]!.fill(0)
    expect(exported).toEqual({
      kind: 'linear',
      details: {
        agents: [
          { numFeatures: 2, observationSize: 2 },
          { numFeatures: 0, observationSize: 1 },
        ],
      },
      tensors: { 'weights.0': { shape: [3, 5], data: weights[0]! }, 'weights.1': { shape: [2, 2], data: weights[1]! } },
    })
  })

  it('acts and scores the same once it is loaded', () => {
    const policy = loadLinearPolicy(stored(), pair)
    expect(act(policy as LinearPolicy, batchOf())).toEqual([0, 1, 2, 0])
    expect(policy.export!()).toEqual(stored())
  })

  it.each<[unknown, string]>([
    [undefined, 'unknown features and unknown observed numbers, "reader" of pair has 2 and 2'],
    [{ length: 2 }, 'unknown features and unknown observed numbers, "reader" of pair has 2 and 2'],
    [
      [{ numFeatures: 2, observationSize: 2 }],
      'unknown features and unknown observed numbers, "looker" of pair has 0 and 1',
    ],
    [[{ numFeatures: 3, observationSize: 2 }], '3 features and 2 observed numbers, "reader" of pair has 2 and 2'],
    [[{ numFeatures: 2, observationSize: 1 }], '2 features and 1 observed numbers, "reader" of pair has 2 and 2'],
    [[{ numFeatures: 2 }], '2 features and unknown observed numbers, "reader" of pair has 2 and 2'],
    [[{ observationSize: 2 }], 'unknown features and 2 observed numbers, "reader" of pair has 2 and 2'],
  ])('is refused where it was made for an agent that reads something else (%j)', (agents, what) => {
    expect(() => loadLinearPolicy(described(agents), pair)).toThrow(
      refusal(
        `policy bundle: made for an agent that reads ${what}; use the encoder and environment it was trained with`,
      ),
    )
  })

  it('is refused without the weights of an agent', () => {
    const { 'weights.1': second, ...tensors } = stored().tensors
    const missing = refusal('policy bundle: tensor "weights.1" is missing')
    expect(() => loadLinearPolicy({ ...stored(), tensors }, pair)).toThrow(missing)
    // A name that every object would have is none of its own.
    const inherited = Object.assign(Object.create({ 'weights.1': second }) as PolicyExport['tensors'], tensors)
    expect(() => loadLinearPolicy({ ...stored(), tensors: inherited }, pair)).toThrow(missing)
  })

  it.each<[string, Tensor]>([
    ['[2, 3]', { shape: [2, 3], data: new Float64Array(6) }],
    ['[3, 2]', { shape: [3, 2], data: new Float64Array(6) }],
    ['[22]', { shape: [22], data: new Float64Array(22) }],
    ['[2, 2]', { shape: [2, 2], data: new Float32Array(4) }],
  ])('is refused where its weights are %s of another kind or shape', (shape, tensor) => {
    expect(() => loadLinearPolicy(withTensors({ 'weights.1': tensor }), pair)).toThrow(
      refusal(`policy bundle: tensor "weights.1" is ${shape}, expected f64 [2, 2] for pair`),
    )
  })
})
