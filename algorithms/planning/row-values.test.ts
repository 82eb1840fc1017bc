import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { modelOf, randomModel } from '../testing/models.js'
import { rowValuesOf } from './row-values.js'

/** States whose every row has so many entries, reward and value all different. */
function uniform(width: number, numStates = 9): TabularMdp {
  const outcome = (s: number, a: number, k: number) =>
    [(s + a + k) % numStates, (k + 1) / ((width * (width + 1)) / 2), s - a] as const
  const row = (s: number, a: number) => Array.from({ length: width }, (_, k) => outcome(s, a, k))
  return modelOf(Array.from({ length: numStates }, (_, s) => [row(s, 0), row(s, 1)]))
}

/** r + gamma P v of a row, one entry after the other. */
function plainly(mdp: TabularMdp, gamma: number, v: ArrayLike<number>, row: number): number {
  let sum = 0
  for (let k = mdp.rowStart[row]!; k < mdp.rowStart[row + 1]!; k++) sum += mdp.probability[k]! * v[mdp.successor[k]!]!
  return mdp.rowStart[row] === mdp.rowStart[row + 1] ? Number.NEGATIVE_INFINITY : mdp.reward[row]! + gamma * sum
}

function expectRows(mdp: TabularMdp, first: number, last: number): void {
  const v = Float64Array.from({ length: mdp.numStates }, (_, s) => Math.sin(7 * s) * 10)
  const out = new Float64Array(last - first)
  rowValuesOf(mdp)(mdp, 0.9, v, first, last, out)
  out.forEach((q, i) => {
    const expected = plainly(mdp, 0.9, v, first + i)
    if (Number.isFinite(expected)) expect(q).toBeCloseTo(expected, 11)
    else expect(q).toBe(expected)
  })
}

describe('rowValuesOf', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('finds r + gamma P v of rows of %d entries, from any row on', (width) => {
    const mdp = uniform(width)
    expectRows(mdp, 0, 18)
    expectRows(mdp, 5, 11)
  })

  it('finds it for rows of any length, -Infinity where an action is illegal', () => {
    fc.assert(fc.property(randomModel, (mdp) => expectRows(mdp, 0, mdp.reward.length)))
  })

  it('takes rows of 1 and 3 entries for what they are, though the average is 2', () => {
    const half = (r: number) =>
      [
        [0, 0.5, r],
        [1, 0.5, r],
      ] as const
    const thirds = [
      [0, 0.2, 2],
      [1, 0.5, 2],
      [2, 0.3, 2],
    ] as const
    const mdp = modelOf([
      [[[2, 1, 1]], thirds],
      [half(3), half(4)],
      [half(5), half(6)],
    ])
    expect(mdp.successor.length).toBe(2 * mdp.reward.length)
    expectRows(mdp, 0, 6)
  })
})
