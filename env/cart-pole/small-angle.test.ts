import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { SMALL_ANGLE, smallCos, smallSin } from './small-angle.js'

/** Fixed-point numbers: units of 2^-160. */
const BITS = 160
const ONE = 1n << BigInt(BITS)

/** A double of at least 2^-27 or so in fixed point, exactly. */
function fixed(x: number): bigint {
  return BigInt(x * 2 ** 80) << BigInt(BITS - 80)
}

/** Taylor series in fixed point; the first term is x for the sine, 1 for the cosine. */
function series(x: number, first: bigint, from: number): bigint {
  const square = (fixed(x) * fixed(x)) >> BigInt(BITS)
  let sum = 0n
  let term = first
  for (let k = from; term !== 0n && term !== -1n; k += 2) {
    sum += term
    term = -((term * square) >> BigInt(BITS)) / BigInt((k + 1) * (k + 2))
  }
  return sum
}

/** How far off a result is, in units of its last place. */
function unitsOff(got: number, exact: bigint): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(got))) - 52)
  return Math.abs(Number(fixed(got) - exact)) / 2 ** BITS / unit
}

/** Angles in (-SMALL_ANGLE, SMALL_ANGLE), small ones as well. */
function angles(count: number): number[] {
  const rng = new Rng('angles')
  return Array.from({ length: count }, (_, k) => {
    const scale = k % 4 === 0 ? 2 ** -rng.integer(20) : 1
    return (2 * rng.uniform() - 1 + rng.uniform() * 2 ** -32) * SMALL_ANGLE * scale
  }).filter((x) => Math.abs(x) > 2 ** -26 && Math.abs(x) < SMALL_ANGLE)
}

describe('sine and cosine of small angles', () => {
  it('are within 0.501 units in the last place', () => {
    const some = angles(20_000)
    expect(some.length).toBeGreaterThan(19_000)
    expect(Math.max(...some.map((x) => unitsOff(smallSin(x), series(x, fixed(x), 1))))).toBeLessThan(0.501)
    expect(Math.max(...some.map((x) => unitsOff(smallCos(x), series(x, ONE, 0))))).toBeLessThan(0.501)
  })

  it('are what the language says at 0 and next to it, and nearly so everywhere', () => {
    for (const x of [0, 1e-300, -1e-300, 1e-20, -1e-20, 1e-9]) {
      expect([smallSin(x), smallCos(x)]).toEqual([Math.sin(x), Math.cos(x)])
    }
    for (const x of angles(20_000)) {
      expect(Math.abs(smallSin(x) - Math.sin(x))).toBeLessThan(6e-17)
      expect(Math.abs(smallCos(x) - Math.cos(x))).toBeLessThan(2.3e-16)
    }
  })
})
