import { describe, expect, it } from 'vitest'
import type { LabelledExamples, PreparedData } from '#env/data-contract.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import type { PolicyEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { box, discrete } from '#env/space.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { loadLinearPolicy } from '../linear/linear-policy.js'
import { linearRowValue } from '../regression/linear-model.js'
import { fitRidge } from '../regression/ridge.js'
import { selectRows } from '../regression/sparse-rows.js'
import { regressionProblem, sparseFrom } from '../regression/testing/rows.js'
import { standardNormal } from '../standard-normal.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { matrixFactorisation } from './matrix-factorisation.js'
import { nearestNeighbours } from './nearest-neighbours.js'
import { ridge } from './ridge-policy.js'

const COLUMNS = 6
const entries: [string, PolicyEntry][] = [
  ['ridge', ridge],
  ['nearest-neighbours', nearestNeighbours],
  ['matrix-factorisation', matrixFactorisation],
]

function specOf(actions: readonly string[]): EnvSpec {
  return {
    id: 'desk',
    version: '1',
    agents: [
      {
        name: 'router',
        observation: box(2),
        action: discrete(actions.length, actions),
        numObservations: 0,
        numFeatures: COLUMNS,
      },
    ],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
}

/** Rewards linear in the features plus noise; rows 0..99 to train on, 100..139 held out. */
function examplesOf(models: readonly string[], noise = 0.3): LabelledExamples & { features: SparseMatrix } {
  const { dense, x } = regressionProblem(140, COLUMNS, 0, 'examples')
  const rng = new Rng('rewards')
  const truth = models.map(() => Array.from({ length: COLUMNS }, () => standardNormal(rng)))
  const rows = Int32Array.from({ length: 100 }, (_, r) => r)
  const rewards = Float64Array.from({ length: 100 * models.length }, (_, k) => {
    const row = dense[Math.floor(k / models.length)]!
    return row.reduce((sum, v, j) => sum + v * truth[k % models.length]![j]!, 0) + noise * standardNormal(rng)
  })
  return { features: x, rows, rewards, actions: models }
}

function create(entry: PolicyEntry, examples: LabelledExamples | undefined, settings: object = {}, spec?: EnvSpec) {
  const context = {
    spec: spec ?? specOf([...(examples?.actions ?? ['weak', 'strong']), 'stop']),
    envConfig: {},
    // Fitted policies read the examples and nothing else.
    ...(examples === undefined ? {} : { data: { examples } as PreparedData }),
  }
  return entry.create(context, entry.schema.parse(settings))
}

function batchOf(features: SparseMatrix, featureRow: readonly number[], mask: readonly number[]): PolicyBatch {
  const size = featureRow.length
  const layout = layoutOf(specOf(mask.map((_, a) => `action-${a}`)))
  return {
    layout,
    size,
    observation: new Float32Array(2 * size).fill(0.5),
    mask: Uint8Array.from({ length: size * mask.length }, (_, k) => mask[k % mask.length]!),
    observationId: new Int32Array(size).fill(-1),
    stateId: new Int32Array(size).fill(-1),
    state: new Float32Array(0),
    features,
    featureRow: Int32Array.from(featureRow),
  }
}

function scoresOf(policy: Policy, batch: PolicyBatch): number[] {
  const out = new Float64Array(batch.size * batch.layout.numActions)
  policy.scores!(batch, out)
  return [...out]
}

function actOf(policy: Policy, batch: PolicyBatch): number[] {
  const out = new Int32Array(batch.size)
  policy.act(batch, new Rng('unused'), out)
  return [...out]
}

/** Settings for 70 rows. */
const small: Record<string, object> = {
  ridge: {},
  'nearest-neighbours': { k: 5 },
  'matrix-factorisation': { passes: 100 },
}
const two = examplesOf(['weak', 'strong'])
const three = examplesOf(['a', 'b', 'c'])
const all = Array.from({ length: 140 }, (_, row) => row)

describe.each(entries)('%s', (name, entry) => {
  describe('conformance', () =>
    policyConformance(specOf(['weak', 'strong', 'stop']), (spec) => create(entry, two, {}, spec)))

  it('earns more on rows held out than the best action alone, with two actions and three', () => {
    for (const examples of [examplesOf(['weak', 'strong'], 0), examplesOf(['a', 'b', 'c'], 0)]) {
      const count = examples.actions.length
      const rows = examples.rows.subarray(0, 70)
      const part = { ...examples, rows, rewards: examples.rewards.subarray(0, 70 * count) }
      const held = all.slice(70, 100)
      const earned = (row: number, action: number) => examples.rewards[row * count + action]!
      const policy = create(entry, part, small[name])
      const chosen = actOf(policy, batchOf(examples.features, held, [...examples.actions.map(() => 1), 0]))
      const total = held.reduce((sum, row, i) => sum + earned(row, chosen[i]!), 0)
      const single = examples.actions.map((_, a) => held.reduce((sum, row) => sum + earned(row, a), 0))
      expect(total).toBeGreaterThan(Math.max(...single))
    }
  })

  it('reads nothing of rows that are not for training', () => {
    const { rowStart, value } = two.features
    const changed = value.map((v, k) => (k >= rowStart[100]! ? 9 - v : v))
    const before = create(entry, two)
    const after = create(entry, { ...two, features: { ...two.features, value: changed } })
    const batch = batchOf(two.features, all, [1, 1, 0])
    expect(scoresOf(after, batch)).toEqual(scoresOf(before, batch))
  })

  it('finds actions by their names, and ends with one that no example tells of as soon as it may', () => {
    const shuffled = create(entry, two, {}, specOf(['strong', 'stop', 'weak']))
    const straight = create(entry, two)
    const a = scoresOf(straight, batchOf(two.features, all, [1, 1, 0]))
    const b = scoresOf(shuffled, batchOf(two.features, all, [1, 0, 1]))
    all.forEach((i) => {
      expect([b[3 * i + 2], b[3 * i], b[3 * i + 1]]).toEqual(a.slice(3 * i, 3 * i + 3))
    })
    expect(new Set(actOf(shuffled, batchOf(two.features, all, [0, 1, 1])))).toEqual(new Set([1]))
  })

  it('leaves unknown rewards out', () => {
    // Rows where an action is unknown must count as if they weren't there, for that action.
    const rewards = three.rewards.map((y, k) => (k % 3 === 1 && k < 150 ? Number.NaN : y))
    const policy = create(entry, { ...three, rewards })
    const scores = scoresOf(policy, batchOf(three.features, all, [1, 1, 1, 0]))
    expect(scores.some(Number.isNaN)).toBe(false)
    if (name !== 'ridge') return
    const known = selectRows(
      three.features,
      Int32Array.from({ length: 50 }, (_, r) => 50 + r),
    )
    const fit = fitRidge(
      known,
      Array.from({ length: 50 }, (_, r) => rewards[3 * (50 + r) + 1]!),
      { lambda: 5 },
    )
    all.forEach((row) => {
      expect(scores[4 * row + 1]).toBeCloseTo(linearRowValue(fit, three.features, row), 6)
    })
  })

  it('says what to do without examples, with a team, or with other actions', () => {
    expect(() => create(entry, undefined)).toThrow(
      expect.objectContaining({
        code: 'ERR_SPACE',
        message: expect.stringMatching(/desk stands on no outcome table here, .*; name a table in its config/),
      }),
    )
    const dispatch = routingDispatch.create(routingDispatch.schema.parse({})).spec
    expect(() => create(entry, two, {}, dispatch)).toThrow(/agents, expected 1 that decides/)
    expect(() => create(entry, two, {}, specOf(['weak', 'stop']))).toThrow(/action "strong", desk has weak, stop/)
    expect(() => create(entry, { ...two, features: { ...two.features, columns: 9 } })).toThrow(/9 columns/)
    expect(() => create(entry, { ...two, rewards: two.rewards.subarray(1) })).toThrow(/100 rows x 2 actions, got 199/)
  })
})

describe('ridge', () => {
  it('of two actions is ridge on their gap', () => {
    const gap = Array.from({ length: 100 }, (_, r) => two.rewards[2 * r + 1]! - two.rewards[2 * r]!)
    const fit = fitRidge(selectRows(two.features, two.rows), gap, { lambda: 3 })
    const scores = scoresOf(create(ridge, two, { lambda: 3 }), batchOf(two.features, all, [1, 1, 0]))
    all.forEach((row) => {
      expect(scores[3 * row + 1]! - scores[3 * row]!).toBeCloseTo(linearRowValue(fit, two.features, row), 12)
      expect(scores[3 * row]).toBe(-scores[3 * row + 1]!)
    })
  })

  it('is stored as a linear policy and loaded again', () => {
    const policy = create(ridge, two)
    const loaded = loadLinearPolicy(policy.export!(), specOf(['weak', 'strong', 'stop']))
    const batch = batchOf(two.features, all, [1, 1, 0])
    expect(scoresOf(loaded, batch)).toEqual(scoresOf(policy, batch))
  })

  it('picks a small penalty where targets are exact and a large one where they are noise', () => {
    const sizes = (noise: number) => {
      const weights = create(ridge, examplesOf(['weak', 'strong'], noise), { lambda: 'auto' }).export!().tensors[
        'weights.0'
      ]!.data
      const fixed = (lambda: number) =>
        create(ridge, examplesOf(['weak', 'strong'], noise), { lambda }).export!().tensors['weights.0']!.data
      return [0.1, 100].map((lambda) => [...fixed(lambda)].every((w, i) => Math.abs(w - weights[i]!) < 1e-9))
    }
    expect(sizes(0)).toEqual([true, false])
    expect(sizes(100)).toEqual([false, true])
  })

  it('refuses two actions that no row knows both of', () => {
    const rewards = two.rewards.map((y, k) => (k % 2 === Math.floor(k / 2) % 2 ? Number.NaN : y))
    expect(() => create(ridge, { ...two, rewards })).toThrow(/no training row of desk tells the reward of every action/)
  })
})

describe('nearest-neighbours', () => {
  const features = sparseFrom(
    [
      [1, 0, 0, 0, 0, 0],
      [0, 2, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0],
      [0, 3, 0, 0, 0, 0],
    ],
    COLUMNS,
  )
  const rewards = Float64Array.of(1, 0, 0.2, Number.NaN, 0.6, 0.8)
  const examples = { features, rows: Int32Array.of(0, 1, 2), rewards, actions: ['weak', 'strong'] }

  it('repeats what the nearest row earned; the mean of all where nothing is known or seen', () => {
    const policy = create(nearestNeighbours, examples, { k: 1 })
    const scores = scoresOf(policy, batchOf(features, [0, 3, -1], [1, 1, 0]))
    expect(scores.slice(0, 2)).toEqual([1, 0])
    expect(scores.slice(3, 5)).toEqual([0.2, 0.4])
    expect(scores[6]).toBeCloseTo(0.6, 12)
    expect(scores[7]).toBeCloseTo(0.4, 12)
  })
})

describe('matrix-factorisation', () => {
  it('is the same from the same seed only', () => {
    const weights = (seed: number) => create(matrixFactorisation, two, { seed }).export!()
    expect(weights(1)).toEqual(weights(1))
    expect(weights(1)).not.toEqual(weights(2))
  })
})
