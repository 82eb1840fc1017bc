import { describe, expect, it } from 'vitest'
import { BatchMeans } from './batch-means.js'

const size = 64

/** Batches of equal terms. */
function batches(values: readonly number[]): BatchMeans {
  const means = new BatchMeans()
  for (const value of values) for (let k = 0; k < size; k++) means.push(value)
  return means
}

describe('the mean of a long sequence', () => {
  it('has a 99% interval from ten batches on: Student t of their means', () => {
    const nine = batches([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect([nine.mean, nine.count, nine.halfWidth]).toEqual([4, 9 * size, null])
    for (let k = 0; k < size - 1; k++) nine.push(9)
    expect(nine.halfWidth).toBeNull()
    nine.push(9)
    // t(.995, 9) = 3.24984 (tables), standard deviation sqrt(82.5 / 9) of each, 10 of them.
    expect(nine.halfWidth!).toBeCloseTo(3.24984 * Math.sqrt(82.5 / 9 / 10), 3)
    // t(.995, 19) = 2.86093.
    const twenty = batches(Array.from({ length: 20 }, (_, k) => (k % 2 === 0 ? 1 : -1)))
    expect(twenty.halfWidth!).toBeCloseTo(2.86093 * Math.sqrt(1 / 19), 4)
  })

  it('keeps no more than 64 batches: two become one, and terms are corrected where they are', () => {
    const means = batches(Array.from({ length: 64 }, (_, k) => k))
    const before = means.halfWidth!
    means.push(100)
    // 32 batches of 128 terms, with the means .5, 2.5, ...; the new one isn't full.
    // t(.995, 31) = 2.74404.
    const variance = (4 * (32 ** 2 - 1) * 32) / 12 / 31
    expect(means.halfWidth!).toBeCloseTo(2.74404 * Math.sqrt(variance / 32), 3)
    expect(means.halfWidth!).toBeGreaterThan(before)
    means.correct(0, 64)
    means.correct(4096, -100)
    expect(means.total).toBe((64 * 63 * 64) / 2 + 64)
    // The first mean is 1 instead of .5.
    const all = [1, ...Array.from({ length: 31 }, (_, k) => 2 * k + 2.5)]
    const mean = all.reduce((sum, one) => sum + one, 0) / 32
    const squares = all.reduce((sum, one) => sum + (one - mean) ** 2, 0)
    expect(means.halfWidth!).toBeCloseTo(2.74404 * Math.sqrt(squares / 31 / 32), 3)
  })
})
