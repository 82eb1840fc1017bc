import fc from 'fast-check'
import seedrandom from 'seedrandom'
import { describe, expect, it } from 'vitest'
import { Rng, type RngState } from './rng.js'

describe('Rng', () => {
  it.each(['0', '1', 'hello', 'quickstart/0/17', '', '🐎'])('equals seedrandom.alea(%j) number for number', (seed) => {
    const ours = new Rng(seed)
    const theirs = seedrandom.alea(seed)
    for (let k = 0; k < 10_000; k++) expect(ours.uniform()).toBe(theirs())
  })

  it('goes on bit for bit from a state that went through JSON', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(200), (seed, draws) => {
        const rng = new Rng(seed)
        for (let k = 0; k < draws; k++) rng.uniform()
        const other = new Rng('other')
        other.loadState(JSON.parse(JSON.stringify(rng.saveState())) as RngState)
        for (let k = 0; k < 20; k++) expect(other.uniform()).toBe(rng.uniform())
      }),
    )
  })

  it.each([[null], [[]], [[1, 2, 3]], [[0, 0, 0, Number.NaN]], [[0, 0, 0, '1']], [{ 0: 1, length: 4 }]])(
    'refuses the state %j',
    (state) => {
      const load = () => new Rng('a').loadState(state as unknown as RngState)
      expect(load).toThrow(expect.objectContaining({ code: 'ERR_STATE' }))
    },
  )

  it('draws integers within their bound, all of them', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
        const value = new Rng(seed).integer(bound)
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true)
      }),
    )
    const rng = new Rng('all')
    expect(new Set(Array.from({ length: 200 }, () => rng.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
  })

  it('draws categories as often as their probabilities say, never an impossible one', () => {
    const rng = new Rng('categories')
    const probabilities = [0, 0.2, 0, 0.5, 0.3, 0]
    const counts = [0, 0, 0, 0, 0, 0]
    const draws = 20_000
    for (let k = 0; k < draws; k++) counts[rng.categorical(probabilities)]!++
    probabilities.forEach((p, i) => {
      // Five standard deviations of a binomial count.
      expect(Math.abs(counts[i]! - p * draws)).toBeLessThanOrEqual(5 * Math.sqrt(draws * p * (1 - p)))
    })
    expect(() => rng.categorical([0, 0])).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })

  it('falls back to the last possible category where rounding leaves a rest', () => {
    const rng = new Rng('rest')
    expect(Array.from({ length: 50 }, () => rng.categorical([1e-300, 0]))).toEqual(Array(50).fill(0))
  })

  it('forks streams by label, whatever has been drawn', () => {
    const rng = new Rng('root')
    const before = rng.fork('a').uniform()
    rng.uniform()
    expect(rng.fork('a').uniform()).toBe(before)
    expect(rng.fork('b').uniform()).not.toBe(before)
    expect(rng.fork(1).seed).toBe('root/1')
  })
})
