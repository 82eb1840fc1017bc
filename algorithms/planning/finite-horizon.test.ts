import { describe, expect, it } from 'vitest'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { toMdp } from '#env/mdp/enumerate.js'
import { forest } from '../testing/models.js'
import { finiteHorizon } from './finite-horizon.js'

describe('finite horizon', () => {
  it('solves three steps of the forest (pymdptoolbox FiniteHorizon doctest)', () => {
    const { value, policy, error } = finiteHorizon(forest(), { discount: 0.9, horizonSteps: 3 })
    const known = [
      [2.6973, 5.9373, 9.9373],
      [0.81, 3.24, 7.24],
      [0, 1, 4],
      [0, 0, 0],
    ]
    known.forEach((row, t) => {
      row.forEach((v, s) => {
        expect(Math.abs(value[t]![s]! - v)).toBeLessThanOrEqual(1e-12)
      })
    })
    expect(policy.map((actions) => [...actions])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ])
    expect(error).toHaveLength(4)
    expect(error[0]).toBeLessThan(1e-13)
  })

  it.each([
    // The best chance of a time-dependent policy (shared known answers; Gymnasium registers 0.74 and 0.91).
    ['4x4', 100, 0.74419029],
    ['8x8', 200, 0.91322015],
  ])('frozen-lake %s within %d steps: %d', (map, horizonSteps, chance) => {
    const mdp = toMdp(frozenLake.create(frozenLake.schema.parse({ map })))
    const { value } = finiteHorizon(mdp, { discount: 1, horizonSteps })
    expect(Math.abs(value[0]![mdp.start.indexOf(1)]! - chance)).toBeLessThan(1e-8)
  })

  it.each([
    [{ discount: 1.1, horizonSteps: 3 }, /discount in \[0, 1\], got 1.1/],
    [{ discount: 1, horizonSteps: 0 }, /at least 1 step, got 0/],
    [{ discount: 1, horizonSteps: 2.5 }, /at least 1 step, got 2.5/],
  ])('refuses %o', (options, message) => {
    expect(() => finiteHorizon(forest(), options)).toThrow(message)
  })
})
