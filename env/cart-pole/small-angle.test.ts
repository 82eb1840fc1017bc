import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { SMALL_ANGLE, smallCos, smallSin } from './small-angle.js'

/** Angles in (-SMALL_ANGLE, SMALL_ANGLE), tiny ones as well. */
function angles(): number[] {
  const rng = new Rng('angles')
  return Array.from(
    { length: 200_000 },
    (_, k) => (2 * rng.uniform() - 1) * SMALL_ANGLE * (k % 4 === 0 ? 2 ** -rng.integer(60) : 1),
  )
}

describe('sine and cosine of small angles', () => {
  it('equal those of the language bit for bit', () => {
    expect(angles().filter((x) => smallSin(x) !== Math.sin(x))).toEqual([])
    expect(angles().filter((x) => smallCos(x) !== Math.cos(x))).toEqual([])
  })

  it('lie on the unit circle', () => {
    fc.assert(
      fc.property(fc.double({ min: -SMALL_ANGLE, max: SMALL_ANGLE, noNaN: true }), (x) => {
        expect(Math.abs(smallSin(x) ** 2 + smallCos(x) ** 2 - 1)).toBeLessThan(4e-16)
      }),
    )
  })
})
