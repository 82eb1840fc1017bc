import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { leastSquaresUpdate } from '../regression/recursive-least-squares.js'
import { fitRidge } from '../regression/ridge.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { standardNormal } from '../standard-normal.js'
import { type BanditArms, initBandit, linUcbScores, thompsonScores } from './linear-bandit.js'

type Rule = (arms: BanditArms, x: Float64Array, rng: Rng, out: Float64Array) => void

const rules: Record<string, Rule> = {
  LinUCB: (arms, x, _, out) => linUcbScores(arms, x, 0.5, out),
  Thompson: (arms, x, rng, out) => thompsonScores(arms, x, 0.3, rng, out),
  random: (_, __, rng, out) => {
    for (let a = 0; a < out.length; a++) out[a] = rng.uniform()
  },
}

/** Regret over 2000 rounds with 4 arms, 5 features, unit-length contexts, noise .1. */
function play(rule: Rule): {
  regret: number
  late: number
  arms: BanditArms
  pulls: { x: number[]; arm: number; reward: number }[]
} {
  const world = new Rng('world')
  const rng = new Rng('rule')
  const truth = Array.from({ length: 4 }, () => Float64Array.from({ length: 5 }, () => standardNormal(world)))
  const arms = initBandit(4, 5)
  const scores = new Float64Array(4)
  const pulls = []
  let regret = 0
  let late = 0
  for (let round = 0; round < 2000; round++) {
    // Exact in single precision, so that a sparse copy is equal.
    const x = Float64Array.from({ length: 5 }, () => Math.fround(standardNormal(world)))
    rule(arms, x, rng, scores)
    const arm = scores.indexOf(Math.max(...scores))
    const expected = truth.map((theta) => theta.reduce((sum, t, j) => sum + t * x[j]!, 0))
    const reward = expected[arm]! + 0.1 * standardNormal(world)
    leastSquaresUpdate(arms[arm]!, x, reward)
    pulls.push({ x: [...x], arm, reward })
    const lost = Math.max(...expected) - expected[arm]!
    regret += lost
    if (round >= 1000) late += lost
  }
  return { regret, late, arms, pulls }
}

describe('linear bandits', () => {
  it.each(['LinUCB', 'Thompson'])('%s loses less than 3% of what random loses, and nearly nothing late', (name) => {
    const random = play(rules.random!)
    const { regret, late } = play(rules[name]!)
    expect(regret).toBeLessThan(0.03 * random.regret)
    expect(late).toBeLessThan(0.5 * regret)
  })

  it("LinUCB's theta is the ridge solution of the rows of its arm", () => {
    const { arms, pulls } = play(rules.LinUCB!)
    arms.forEach((arm, a) => {
      const own = pulls.filter((pull) => pull.arm === a)
      const x = sparseFrom(own.map((pull) => pull.x))
      const options = { lambda: 1, intercept: false, tolerance: 1e-13 }
      fitRidge(
        x,
        own.map((pull) => pull.reward),
        options,
      ).weights.forEach((w, j) => {
        expect(Math.abs(arm.mean[j]! - w)).toBeLessThan(1e-9)
      })
    })
  })

  it('bounds an arm never pulled by alpha |x| / sqrt(lambda)', () => {
    const out = new Float64Array(2)
    linUcbScores(initBandit(2, 2, 4), Float64Array.of(3, 4), 0.5, out)
    expect([...out]).toEqual([1.25, 1.25])
  })

  it('draws Thompson scores with the mean and spread of the posterior', () => {
    // One row (1, 0) with target 2 at lambda 1: mean 1, variance 1/2; v = 2 gives sd sqrt(2).
    const arms = initBandit(1, 2)
    leastSquaresUpdate(arms[0]!, Float64Array.of(1, 0), 2)
    const rng = new Rng('posterior')
    const out = new Float64Array(1)
    let sum = 0
    let squares = 0
    const n = 20_000
    for (let i = 0; i < n; i++) {
      thompsonScores(arms, Float64Array.of(1, 0), 2, rng, out)
      sum += out[0]!
      squares += out[0]! ** 2
    }
    // Standard errors: .01 of the mean, .02 of the variance.
    expect(Math.abs(sum / n - 1)).toBeLessThan(0.04)
    expect(Math.abs(squares / n - (sum / n) ** 2 - 2)).toBeLessThan(0.08)
  })

  it('is greedy without width, repeats itself with equal seeds, refuses other widths', () => {
    const arms = initBandit(2, 2)
    leastSquaresUpdate(arms[1]!, Float64Array.of(1, 1), 3)
    const out = new Float64Array(2)
    thompsonScores(arms, Float64Array.of(1, 1), 0, new Rng('a'), out)
    expect([...out]).toEqual([0, 2])
    const twice = [new Rng('b'), new Rng('b')].map((rng) => {
      thompsonScores(arms, Float64Array.of(1, 1), 1, rng, out)
      return [...out]
    })
    expect(twice[0]).toEqual(twice[1])
    expect(() => linUcbScores(arms, Float64Array.of(1), 1, out)).toThrow(/expected 2 features/)
    expect(() => initBandit(0, 2)).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
