import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { predictTrees } from './boosted-trees.js'
import { fitBoostedTrees } from './fit-boosted-trees.js'

describe('boosted trees', () => {
  it('add up the leaves that a row reaches', () => {
    // Tree 1 asks feature 0 above 1, then feature 1 above 0 on both sides; tree 2 asks nothing: all go left.
    const infinity = Number.POSITIVE_INFINITY
    const trees = {
      depth: 2,
      feature: Int32Array.of(0, 1, 1, 0, 0, 0),
      threshold: Float32Array.of(1, 0, 0, infinity, infinity, infinity),
      leaf: Float32Array.of(1, 2, 4, 8, 16, 32, 64, 128),
    }
    const scores = new Float64Array(4)
    predictTrees(trees, Float32Array.of(0, 0, 1, 1, 2, -1, 2, 3), 2, scores)
    expect([...scores]).toEqual([17, 18, 20, 24])
  })

  const settings = {
    ...{ trees: 40, depth: 3, learningRate: 0.3, l2: 1, leastHessian: 1e-3, featureShare: 1, questionShare: 1 },
  }
  /** Questions of four candidates; the right one has the highest product of two features, a third is noise. */
  function questions(count: number, rng: Rng) {
    const values = Float32Array.from({ length: 12 * count }, () => rng.uniform() - 0.5)
    const target = new Float32Array(4 * count)
    for (let q = 0; q < count; q++) {
      const worth = [0, 1, 2, 3].map((c) => values[12 * q + 3 * c]! * values[12 * q + 3 * c + 1]!)
      target[4 * q + worth.indexOf(Math.max(...worth))] = 1
    }
    return { numFeatures: 3, values, target, starts: Int32Array.from({ length: count + 1 }, (_, q) => 4 * q) }
  }
  function shareRight(
    { values, target, starts }: ReturnType<typeof questions>,
    trees: ReturnType<typeof fitBoostedTrees>,
  ) {
    const scores = new Float64Array(target.length)
    predictTrees(trees, values, 3, scores)
    let right = 0
    for (let q = 0; q + 1 < starts.length; q++) {
      const own = [...scores.subarray(starts[q], starts[q + 1])]
      right += target[starts[q]! + own.indexOf(Math.max(...own))]!
    }
    return right / (starts.length - 1)
  }

  it('learn which candidate to take, where no single feature tells it', () => {
    const trees = fitBoostedTrees(questions(600, new Rng('train')), settings, new Rng('fit'))
    expect(shareRight(questions(300, new Rng('test')), trees)).toBeGreaterThan(0.75)
  })

  it('are the same for the same seed', () => {
    const rows = questions(50, new Rng('rows'))
    const some = { ...settings, trees: 5, featureShare: 0.6, questionShare: 0.7 }
    expect(fitBoostedTrees(rows, some, new Rng('1'))).toEqual(fitBoostedTrees(rows, some, new Rng('1')))
    expect(fitBoostedTrees(rows, some, new Rng('1'))).not.toEqual(fitBoostedTrees(rows, some, new Rng('2')))
  })

  it('learn nothing from questions without a right candidate', () => {
    const rows = questions(20, new Rng('none'))
    const { leaf } = fitBoostedTrees({ ...rows, target: rows.target.fill(0) }, { ...settings, trees: 2 }, new Rng('0'))
    expect(leaf.every((value) => Math.abs(value) < 1e-12)).toBe(true)
  })
})
