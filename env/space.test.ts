import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng } from './rng.js'
import { box, contains, discrete, headSizes, multiDiscrete, sampleMasked } from './space.js'

const spaceError = expect.objectContaining({ code: 'ERR_SPACE' })

describe('spaces', () => {
  it('refuse sizes that are none', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) {
      expect(() => discrete(n)).toThrow(spaceError)
      expect(() => multiDiscrete([2, n])).toThrow(spaceError)
    }
    expect(() => multiDiscrete([])).toThrow(spaceError)
    expect(() => discrete(2, ['one'])).toThrow(/1 labels for 2 values/)
    expect(() => box(-1)).toThrow(spaceError)
    expect(() => box(1, 2, 1)).toThrow(/low 2 lies above high 1/)
    expect(() => box(1, Number.NaN, 1)).toThrow(spaceError)
  })

  it('say what their heads choose from; a box has none', () => {
    expect(headSizes(discrete(4))).toEqual([4])
    expect(headSizes(multiDiscrete([2, 3, 4]))).toEqual([2, 3, 4])
    expect(() => headSizes(box(2))).toThrow(/discretise the action space/)
  })

  it('know what they contain', () => {
    expect([0, 2, 3, -1, 0.5].map((value) => contains(discrete(3), value))).toEqual([true, true, false, false, false])
    expect(contains(multiDiscrete([2, 3]), [1, 2])).toBe(true)
    for (const wrong of [[2, 0], [0, 3], [0], [0, 0, 0], [0, 0.5]])
      expect(contains(multiDiscrete([2, 3]), wrong)).toBe(false)
    expect(contains(multiDiscrete([2, 3]), 1)).toBe(false)
    expect(contains(discrete(3), [0])).toBe(false)
    expect(contains(box(2, 0, 1), [0, 1])).toBe(true)
    expect(contains(box(2, 0, 1), Float32Array.of(0, 1.5))).toBe(false)
    expect(contains(box(2, 0, 1), [0])).toBe(false)
    expect(contains(box(1, 0, 1), [Number.NaN])).toBe(false)
    expect(contains(box(1), 0)).toBe(false)
  })
})

describe('sampleMasked', () => {
  it('draws legal actions only, every one of them, from its own part of the mask', () => {
    const rng = new Rng('mask')
    const mask = Uint8Array.of(1, 1, 0, 1, 0, 1, 1)
    const drawn = Array.from({ length: 300 }, () => sampleMasked(mask, 2, 4, rng))
    expect(new Set(drawn)).toEqual(new Set([1, 3]))
    // 300 draws of probability 1/2: five standard deviations are 43.
    expect(Math.abs(drawn.filter((action) => action === 1).length - 150)).toBeLessThan(44)
  })

  it('gives -1 where nothing is legal, and draws nothing then', () => {
    const rng = new Rng('none')
    const before = rng.saveState()
    expect(sampleMasked(Uint8Array.of(1, 0, 0, 1), 1, 2, rng)).toBe(-1)
    expect(rng.saveState()).toEqual(before)
  })

  it('is always legal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 12 }),
        fc.string(),
        (bits, seed) => {
          const action = sampleMasked(Uint8Array.from(bits), 0, bits.length, new Rng(seed))
          expect(bits.includes(1) ? bits[action] : action).toBe(bits.includes(1) ? 1 : -1)
        },
      ),
    )
  })
})
