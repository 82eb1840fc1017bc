import { describe, expect, it } from 'vitest'
import { chooseLambda, contrasts, lambdaGrid } from './choose-lambda.js'
import { regressionProblem, sparseFrom } from './testing/rows.js'

const known = (target: readonly number[]) => ({
  target: Float64Array.from(target, (y) => (Number.isNaN(y) ? 0 : y)),
  weight: Float64Array.from(target, (y) => (Number.isNaN(y) ? 0 : 1)),
})

describe('contrasts', () => {
  it('takes the mean of what is known off each row; of two outputs one is left', () => {
    const nan = Number.NaN
    const three = contrasts([known([1, 4, nan]), known([2, nan, nan]), known([6, 2, 5])])
    expect(three.map(({ target }) => [...target])).toEqual([
      [-2, 1, 0],
      [-1, 0, 0],
      [3, -1, 0],
    ])
    expect(three.map(({ weight }) => [...weight])).toEqual([
      [1, 1, 0],
      [1, 0, 0],
      [1, 1, 0],
    ])
    expect(contrasts([known([1, 2]), known([3, nan])])).toEqual([
      { target: Float64Array.of(-1, 0), weight: Float64Array.of(1, 0) },
    ])
  })
})

describe('chooseLambda', () => {
  const keys = Int32Array.from({ length: 200 }, (_, i) => i)
  const choose = (noise: number) => {
    const { x, targets } = regressionProblem(200, 12, noise, 'lambda')
    return chooseLambda(x, [known(targets)], keys)
  }

  it('picks the smallest where targets are exact, the largest where they are noise', () => {
    expect(choose(0)).toBe(Math.min(...lambdaGrid))
    expect(choose(1000)).toBe(Math.max(...lambdaGrid))
  })

  it('holds rows of equal key out together: copies of a row tell nothing about it', () => {
    // Each row has a feature of its own and comes five times. A small penalty recalls copies; new rows it can't help.
    const dense = Array.from({ length: 150 }, (_, i) => Array.from({ length: 30 }, (_, j) => (j === i % 30 ? 1 : 0)))
    const targets = dense.map((_, i) => Math.sin(37 * (i % 30)))
    const x = sparseFrom(dense)
    const apart = Int32Array.from(dense.keys())
    const together = Int32Array.from(dense.keys(), (i) => i % 30)
    expect(chooseLambda(x, [known(targets)], apart)).toBe(Math.min(...lambdaGrid))
    expect(chooseLambda(x, [known(targets)], together)).toBeGreaterThan(10)
  })

  it('takes the middle of the grid where nothing can be held out', () => {
    const { x } = regressionProblem(3, 2, 0, 'none')
    const none = { target: new Float64Array(3), weight: new Float64Array(3) }
    expect(chooseLambda(x, [none], new Int32Array(3))).toBe(3)
    expect(chooseLambda(x, [known([1, 2, 3])], new Int32Array(3))).toBe(3)
  })
})
