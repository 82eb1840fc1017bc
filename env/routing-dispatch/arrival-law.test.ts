import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { type ArrivalOutcome, arrivalLaw } from './arrival-law.js'
import { PoissonArrivals } from './arrivals.js'
import type { TypeConfig } from './config.js'

const types: readonly TypeConfig[] = [
  { name: 'A', value: 6, arrival: 0.4, loss: 1, priority: 0 },
  { name: 'B', value: 12, arrival: 0.3, loss: 2, priority: 0 },
]
const total = (outcomes: readonly ArrivalOutcome[]) => outcomes.reduce((sum, { probability }) => sum + probability, 0)
const lossOf = (outcomes: readonly ArrivalOutcome[]) =>
  outcomes.reduce(
    (sum, { probability, refused }) =>
      sum + probability * refused.reduce((own, { loss, probability: p }) => own + loss * p, 0),
    0,
  )

describe('arrivals of a tick, exactly', () => {
  it('at most one: each type with its chance, turned away where no place is free', () => {
    const [full, free] = arrivalLaw(types, { kind: 'bernoulli' }, 1)!
    expect(free!.map(({ accepted }) => accepted)).toEqual([[0], [1], []])
    ;[0.4, 0.3, 0.3].forEach((p, k) => {
      expect(free![k]!.probability).toBeCloseTo(p, 12)
    })
    expect(lossOf(free!)).toBe(0)
    expect(full!.every(({ accepted }) => accepted.length === 0)).toBe(true)
    expect(lossOf(full!)).toBeCloseTo(0.4 * 1 + 0.3 * 2, 12)
  })

  it('poisson: probabilities sum to 1, and losses are those of all who find no place', () => {
    const law = arrivalLaw(types, { kind: 'poisson' }, 2)!
    for (const outcomes of law) {
      expect(total(outcomes)).toBeCloseTo(1, 12)
      for (const { refused } of outcomes)
        expect(refused.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12)
    }
    const rate = 0.7
    const mean = (0.4 * 1 + 0.3 * 2) / rate
    const none = Math.exp(-rate)
    // E max(0, n - k) = rate - k + sum over n < k of (k - n) P(n).
    expect(lossOf(law[0]!)).toBeCloseTo(mean * rate, 12)
    expect(lossOf(law[1]!)).toBeCloseTo(mean * (rate - 1 + none), 12)
    expect(lossOf(law[2]!)).toBeCloseTo(mean * (rate - 2 + 2 * none + none * rate), 12)
    // The order of two counts: A then B as often as B then A.
    const chance = (...accepted: number[]) =>
      law[2]!.find((one) => one.accepted.join() === accepted.join())!.probability
    expect(chance()).toBeCloseTo(none, 12)
    expect(chance(0)).toBeCloseTo(none * 0.4, 12)
    const two = 1 - none - none * rate
    expect(chance(0, 1)).toBeCloseTo(two * (4 / 7) * (3 / 7), 12)
    expect(chance(1, 0)).toBeCloseTo(two * (4 / 7) * (3 / 7), 12)
    expect(chance(1, 1)).toBeCloseTo(two * (3 / 7) ** 2, 12)
  })

  it('has the distribution of losses, not only their mean', () => {
    const law = arrivalLaw(types, { kind: 'poisson' }, 1)!
    const full = law[0]!.find(({ accepted }) => accepted.length === 0)!
    const of = (loss: number) => full.refused.find((one) => one.loss === loss)!.probability
    // 0: nobody; 1: one A; 2: one B, or two A.
    const none = Math.exp(-0.7)
    expect(of(0)).toBeCloseTo(none, 12)
    expect(of(1)).toBeCloseTo(none * 0.4, 12)
    expect(of(2)).toBeCloseTo(none * (0.3 + 0.4 ** 2 / 2), 12)
  })

  it('has nothing to say of recorded arrivals, of long inboxes, and of nobody', () => {
    expect(arrivalLaw(types, { kind: 'trace', file: 'x', start: 'first' }, 1)).toBeNull()
    expect(arrivalLaw(types, { kind: 'poisson' }, 20)).toBeNull()
    const idle = types.map((type) => ({ ...type, arrival: 0 }))
    expect(arrivalLaw(idle, { kind: 'poisson' }, 1)!.map(total)).toEqual([1, 1])
  })

  it('poisson: holds for rates at which the chance of none is less than f64 has', () => {
    for (const rate of [40, 150, 900]) {
      const [full, one] = arrivalLaw([{ ...types[1]!, arrival: rate }], { kind: 'poisson' }, 1)!
      expect([total(full!), total(one!)]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)])
      expect(lossOf(full!) / (2 * rate)).toBeCloseTo(1, 12)
      expect(lossOf(one!) / (2 * (rate - 1))).toBeCloseTo(1, 12)
      const [{ refused }] = full as [ArrivalOutcome]
      const variance = refused.reduce((sum, { loss, probability }) => sum + (loss / 2 - rate) ** 2 * probability, 0)
      expect(variance / rate).toBeCloseTo(1, 10)
      expect(refused.find(({ loss }) => loss === 0)!.probability).toBeCloseTo(Math.exp(-rate), 15)
    }
  })

  it('is what is drawn', () => {
    const arrivals = new PoissonArrivals(types)
    const rng = new Rng('poisson')
    const draws = 100_000
    const seen = new Map<string, number>()
    const out: number[] = []
    for (let k = 0; k < draws; k++) {
      const count = arrivals.draw(rng, out)
      const key = out.slice(0, Math.min(2, count)).join()
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    for (const { accepted, probability } of arrivalLaw(types, { kind: 'poisson' }, 2)![2]!) {
      const share = (seen.get(accepted.join()) ?? 0) / draws
      expect(Math.abs(share - probability)).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / draws))
    }
  })

  it('draws numbers of large rates in pieces, with their mean and variance', () => {
    const many = new PoissonArrivals([{ ...types[0]!, arrival: 900 }])
    const rng = new Rng('many')
    const out: number[] = []
    const counts = Array.from({ length: 2000 }, () => many.draw(rng, out))
    const mean = counts.reduce((a, b) => a + b, 0) / 2000
    const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / 1999
    expect(Math.abs(mean - 900)).toBeLessThan(5 * Math.sqrt(900 / 2000))
    expect(Math.abs(variance - 900)).toBeLessThan(5 * 900 * Math.sqrt(2 / 2000))
  })
})
