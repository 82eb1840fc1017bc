import { describe, expect, it } from 'vitest'
import { ModelError } from '#env/errors.js'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { toMdp } from '#env/mdp/enumerate.js'
import { forest } from '../testing/models.js'
import { finiteHorizon, finiteHorizonValue } from './finite-horizon.js'

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

describe('a horizon that nothing can hold', () => {
  it('is refused before it is planned: a billion steps of three states', () => {
    const plan = () => finiteHorizon(forest(), { discount: 0.9, horizonSteps: 1e9 })
    expect(plan).toThrow(ModelError)
    expect(plan).toThrow(
      /1000000000 steps for 3 states takes 36\.0 GB, expected at most 2\.4 GB; give at most 66666666 steps/,
    )
  })

  it('is refused where its values are beyond the largest number, not printed as infinite', () => {
    const large = { ...forest(), reward: forest().reward.map((r) => r * 1e307) }
    const options = { discount: 1, horizonSteps: 100 }
    expect(() => finiteHorizon(large, options)).toThrow(/what \d+ steps earn is beyond the largest number, 1\.8e\+308/)
    expect(() => finiteHorizonValue(large, options)).toThrow(/beyond the largest number/)
  })

  it('has the values of the first step without the plan of each', () => {
    const options = { discount: 0.9, horizonSteps: 30 }
    const { value, error } = finiteHorizonValue(forest(), options)
    const plan = finiteHorizon(forest(), options)
    expect([...value]).toEqual([...plan.value[0]!])
    expect(error).toBe(plan.error[0])
  })
})
