import { expect, it } from 'vitest'
import { awardChances } from './award-chances.js'

const chancesOf = (claim: number[]) => {
  const out = new Float64Array(claim.length + 1)
  awardChances(Float64Array.from(claim), out)
  return [...out]
}

it('divides a query evenly among those that claim it', () => {
  expect(chancesOf([0, 1, 1, 0])).toEqual([0, 0.5, 0.5, 0, 0])
  expect(chancesOf([0, 1, 0])).toEqual([0, 1, 0, 0])
  expect(chancesOf([0, 0])).toEqual([0, 0, 1])
})

it('is the sum over all sets of claimants, for agents that claim by chance', () => {
  const claim = [0.5, 0.25, 1, 0.1]
  const expected = new Array(5).fill(0)
  for (let set = 0; set < 16; set++) {
    const those = claim.flatMap((_, i) => ((set >> i) & 1 ? [i] : []))
    const chance = claim.reduce((product, p, i) => product * (those.includes(i) ? p : 1 - p), 1)
    for (const i of those) expected[i] += chance / those.length
    if (those.length === 0) expected[4] += chance
  }
  chancesOf(claim).forEach((chance, i) => {
    expect(chance).toBeCloseTo(expected[i], 14)
  })
})
