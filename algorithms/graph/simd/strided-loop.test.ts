import { describe, expect, it } from 'vitest'
import { repeatedStrides, stridedLoop, stridesOf } from './strided-loop.js'

describe('a strided loop', () => {
  const loop = (shape: number[], ...parts: number[][]) =>
    stridedLoop(
      shape,
      parts.map((part) => repeatedStrides(part, shape)),
    )

  it('is one row where all arrays lie alike', () => {
    expect(loop([2, 3, 4], [2, 3, 4], [1, 2, 3, 4].slice(1))).toEqual({
      length: 24,
      steps: [1, 1],
      rows: 1,
      axes: 0,
      words: [],
    })
  })

  it('is one row where one is a single number', () => {
    expect(loop([2, 3], [2, 3], [])).toMatchObject({ length: 6, steps: [1, 0], rows: 1 })
  })

  it('goes over rows where one is a row, or a column', () => {
    expect(loop([2, 3], [2, 3], [3])).toMatchObject({ length: 3, steps: [1, 1], rows: 2, words: [2, 3, 0, 0, 0] })
    expect(loop([2, 3], [2, 3], [2, 1])).toMatchObject({ length: 3, steps: [1, 0], rows: 2, words: [2, 3, 1, 0, 0] })
  })

  it('makes one axis of neighbours that all pass alike', () => {
    expect(loop([5, 2, 3, 4], [5, 2, 3, 4], [4])).toMatchObject({ length: 4, rows: 30, axes: 1 })
    expect(loop([5, 2, 3, 4], [5, 2, 3, 4], [5, 1, 1, 4])).toMatchObject({ rows: 30, axes: 2 })
  })

  it('of a single number has a row of one', () => {
    expect(stridedLoop([1, 1], [[0, 0]])).toEqual({ length: 1, steps: [0], rows: 1, axes: 0, words: [] })
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1])
  })
})
