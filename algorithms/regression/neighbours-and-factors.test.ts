import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { factorScores, factorUpdate, initFactors } from './latent-factors.js'
import { findNeighbours, indexNeighbours, neighbourMean, neighbourSearch } from './neighbours.js'
import { regressionProblem, sparseFrom } from './testing/rows.js'

describe('nearest neighbours', () => {
  it('ranks by cosine, not by length, ties to the lower row', () => {
    const index = indexNeighbours(
      sparseFrom(
        [
          [0, 9, 0],
          [1, 1, 0],
          [5, 0, 0],
          [0, 0, 0],
          [1, 0, 0],
        ],
        3,
      ),
    )
    const search = neighbourSearch(index, 3)
    expect(findNeighbours(index, search, sparseFrom([[2, 0, 0]]), 0)).toBe(3)
    expect([...search.nearest]).toEqual([2, 4, 1])
    expect(search.similarity[1]).toBeCloseTo(Math.SQRT1_2, 12)
    const out = new Float64Array(2)
    neighbourMean(index, search, 3, [9, 9, 0, 3, 1, 0, 9, 9, 1, 0], out)
    expect(out[0]).toBeCloseTo(2 / 3, 12)
    expect(out[1]).toBeCloseTo(1, 12)
    neighbourMean(index, search, 3, [9, 9, 0, Number.NaN, 1, Number.NaN, 9, 9, Number.NaN, Number.NaN], out)
    expect([...out]).toEqual([0.5, Number.NaN])
  })

  it('equals a search through all rows', () => {
    const { dense, x } = regressionProblem(60, 7, 0, 'neighbours')
    const index = indexNeighbours(x)
    const search = neighbourSearch(index, 5)
    const length = (a: readonly number[]) => Math.hypot(...a)
    for (let q = 0; q < 60; q++) {
      findNeighbours(index, search, x, q)
      const cosine = dense.map((row) =>
        length(row) * length(dense[q]!) === 0
          ? 0
          : row.reduce((sum, v, j) => sum + v * dense[q]![j]!, 0) / (length(row) * length(dense[q]!)),
      )
      const expected = cosine.map((_, i) => i).sort((a, b) => cosine[b]! - cosine[a]! || a - b)
      search.nearest.forEach((row, k) => {
        expect(cosine[row]).toBeCloseTo(cosine[expected[k]!]!, 10)
      })
    }
  })

  it('marks places beyond the rows, and refuses other widths', () => {
    const index = indexNeighbours(sparseFrom([[1, 0]]))
    const search = neighbourSearch(index, 3)
    expect(findNeighbours(index, search, sparseFrom([[0, 0]], 2), 0)).toBe(1)
    expect([...search.nearest]).toEqual([0, -1, -1])
    expect(() => findNeighbours(index, search, sparseFrom([[1, 1, 1]]), 0)).toThrow(/width 3 doesn't fit/)
    expect(() => neighbourSearch(index, 0)).toThrow(/k >= 1/)
    expect(() => neighbourMean(index, search, 1, [1, 2, 3], new Float64Array(2))).toThrow(/expected 2 targets/)
  })
})

describe('matrix factorisation', () => {
  it('fits a table of rank 2 from ratings of some models on each row, and fills in the others', () => {
    // rating(x, m) = bias_m + (U^T x).V_m with rank 2, 5 features, 4 models; three of four ratings are seen.
    const rng = new Rng('table')
    const { dense, x } = regressionProblem(200, 5, 0, 'factors')
    const u = Array.from({ length: 5 }, () => [rng.uniform() - 0.5, rng.uniform() - 0.5])
    const v = Array.from({ length: 4 }, () => [rng.uniform() - 0.5, rng.uniform() - 0.5, rng.uniform()])
    const rating = (row: number, m: number) => {
      const z = [0, 1].map((k) => dense[row]!.reduce((sum, value, j) => sum + value * u[j]![k]!, 0))
      return v[m]![2]! + z[0]! * v[m]![0]! + z[1]! * v[m]![1]!
    }
    const state = initFactors(5, 4, 2, new Rng('init'))
    for (let pass = 0; pass < 150; pass++) {
      for (let row = 0; row < 200; row++) {
        for (let m = 0; m < 4; m++) {
          if (m !== row % 4) factorUpdate(state, x, row, m, rating(row, m), { rate: 0.1, penalty: 0 })
        }
      }
    }
    const out = new Float64Array(4)
    let squared = 0
    let spread = 0
    for (let row = 0; row < 200; row++) {
      factorScores(state, x, row, out)
      squared += (out[row % 4]! - rating(row, row % 4)) ** 2
      spread += (rating(row, row % 4) - v[row % 4]![2]!) ** 2
    }
    expect(squared).toBeLessThan(1e-3 * spread)
  })

  it('steps down the gradient of half the squared error', () => {
    const x = sparseFrom([[0.5, 0, 2]])
    const state = initFactors(3, 2, 2, new Rng('gradient'), 1)
    const out = new Float64Array(2)
    const loss = (projection: Float64Array) => {
      factorScores({ ...state, projection, scratch: new Float64Array(2) }, x, 0, out)
      return (3 - out[1]!) ** 2 / 2
    }
    const numeric = Array.from(state.projection, (_, i) => {
      const bent = (h: number) => loss(state.projection.map((w, j) => (j === i ? w + h : w)))
      return (bent(1e-5) - bent(-1e-5)) / 2e-5
    })
    factorUpdate(state, x, 0, 1, 3, { rate: 0.1, penalty: 0 })
    numeric.forEach((slope, i) => {
      expect(Math.sqrt(state.projectionSum[i]!)).toBeCloseTo(Math.abs(slope), 6)
    })
  })

  it('starts equal for equal seeds, goes on from a copy, refuses what does not fit', () => {
    const x = sparseFrom([[1, 2]])
    const state = initFactors(2, 2, 3, new Rng('a'))
    expect(initFactors(2, 2, 3, new Rng('a'))).toEqual(state)
    const copy = structuredClone(state)
    const config = { rate: 0.1, penalty: 0.01 }
    expect(factorUpdate(copy, x, 0, 1, 1, config)).toBe(factorUpdate(state, x, 0, 1, 1, config))
    expect(copy).toEqual(state)
    expect(() => factorUpdate(state, x, 0, 2, 1, config)).toThrow(/model 2/)
    expect(() => factorUpdate(state, x, 0, 0, Number.NaN, config)).toThrow(/finite rating/)
    expect(() => initFactors(2, 0, 3, new Rng('a'))).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
