import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { densePolicyValue, denseSolve } from '../testing/dense-solve.js'
import { jointOf, modelOf, randomModel, randomTeamModel } from '../testing/models.js'
import { OccupancySolver } from './occupancy.js'
import { evaluatePolicy, PolicyEvaluator } from './policy-evaluation.js'
import { valueIteration } from './value-iteration.js'

/** Plays the same joint actions in the same states. */
function scripted(actions: (state: number, agent: number) => number): Policy {
  return {
    observes: 'global',
    act(batch, _rng, out) {
      const n = batch.layout.agents
      for (let k = 0; k < batch.size * n; k++) out[k] = actions(batch.stateId[Math.floor(k / n)]!, k % n)
    },
  }
}

/** Each agent uniform over its legal actions. */
const uniform: Policy = {
  observes: 'local',
  act: () => {
    throw new Error('not called: the probabilities are')
  },
  probabilities(batch, out) {
    const width = batch.layout.numActions
    for (let k = 0; k < batch.size * batch.layout.agents; k++) {
      const mask = batch.mask.subarray(k * width, (k + 1) * width)
      const legal = mask.reduce((sum, m) => sum + m, 0)
      mask.forEach((m, a) => {
        out[k * width + a] = m / legal
      })
    }
  },
}

describe('evaluatePolicy', () => {
  it('equals a dense solve for random policies of random models', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(99), fc.constantFrom(0, 0.5, 0.97, 0.999), (model, salt, discount) => {
        const mdp = jointOf(model)
        const policy = legalPolicy(mdp, salt)
        const exact = densePolicyValue(mdp, policy, discount)
        const { value, start, error } = evaluatePolicy(
          mdp,
          scripted((s) => Math.max(0, policy[s]!)),
          { discount },
        )
        expect(error).toBeLessThanOrEqual(discount < 0.99 ? 1e-9 : 1e-8)
        exact.forEach((v, s) => {
          expect(Math.abs(value[s]! - v)).toBeLessThanOrEqual(error + 1e-9)
        })
        expect(start).toBeCloseTo(exact[0]!, 8)
      }),
    )
  })

  it('gives the optimal values for the optimal policy', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        const mdp = jointOf(model)
        const best = valueIteration(mdp, { discount: 0.9, epsilon: 1e-9 })
        const { value } = new PolicyEvaluator(mdp, 0.9).evaluateActions(best.policy)
        value.forEach((v, s) => {
          expect(v).toBeCloseTo(best.value[s]!, 7)
        })
      }),
    )
  })

  it('mixes rows for a team that draws: 0.5 x 0.5 a joint action', () => {
    fc.assert(
      fc.property(randomTeamModel, (model) => {
        const mdp = jointOf(model, [2, 2])
        const { value } = evaluatePolicy(mdp, uniform, { discount: 0.9 })
        const n = mdp.numStates
        const b = new Array<number>(n).fill(0)
        const matrix = Array.from({ length: n }, (_, s) => {
          const row = new Array<number>(n).fill(0)
          row[s] = 1
          for (let a = 0; a < 4; a++) {
            b[s]! += 0.25 * mdp.reward[s * 4 + a]!
            for (let k = mdp.rowStart[s * 4 + a]!; k < mdp.rowStart[s * 4 + a + 1]!; k++) {
              row[mdp.successor[k]!]! -= 0.9 * 0.25 * mdp.probability[k]!
            }
          }
          return row
        })
        denseSolve(matrix, b).forEach((v, s) => {
          expect(value[s]).toBeCloseTo(v, 8)
        })
      }),
    )
  })

  it('ends where a slow chain needs many iterations, and from any first guess', () => {
    // A cycle of 200 states, one of which pays 1: V(0) = gamma^199 / (1 - gamma^200).
    const n = 200
    const mdp = jointOf(modelOf(Array.from({ length: n }, (_, s) => [[[(s + 1) % n, 1, s === n - 1 ? 1 : 0]]])))
    const discount = 0.999
    const exact = discount ** (n - 1) / (1 - discount ** n)
    const policy = scripted(() => 0)
    for (const initial of [undefined, new Float64Array(n).fill(1e6), new Float64Array(n).fill(exact)]) {
      expect(evaluatePolicy(mdp, policy, { discount, initial }).start).toBeCloseTo(exact, 8)
    }
  })

  it('names state and agent of an illegal action', () => {
    const model = modelOf([
      [[[1, 1, 0]], null],
      [null, null],
    ])
    const mdp: JointMdp = { ...jointOf(model), stateIds: Int32Array.of(7, 9) }
    const illegal = () =>
      evaluatePolicy(
        mdp,
        scripted(() => 1),
        { discount: 0.9 },
      )
    expect(illegal).toThrow(/state 7 agent 0: expected a legal action \(0\), got 1/)
    expect(illegal).toThrow(expect.objectContaining({ code: 'ERR_ILLEGAL_ACTION' }))
    expect(() =>
      evaluatePolicy(
        mdp,
        scripted(() => 5),
        { discount: 0.9 },
      ),
    ).toThrow(/got 5/)
  })

  it('refuses a policy that draws without saying its probabilities', () => {
    const mdp = jointOf(modelOf([[[[0, 1, 0]], [[0, 1, 1]]]]))
    const drawing: Policy = {
      observes: 'local',
      act(_batch: PolicyBatch, rng, out) {
        out[0] = rng.integer(2)
      },
    }
    expect(() => evaluatePolicy(mdp, drawing, { discount: 0.9 })).toThrow(/draws random numbers.*probabilities/)
  })

  it('refuses probabilities that do not sum to 1, discounts above 1 and an epsilon that f64 cannot reach', () => {
    const mdp = jointOf(modelOf([[[[0, 1, 3]], [[0, 1, 1]]]]))
    const half: Policy = { ...uniform, probabilities: (_batch, out) => void out.fill(0.4) }
    expect(() => evaluatePolicy(mdp, half, { discount: 0.9 })).toThrow(/sum to 0.8, expected 1/)
    expect(() => evaluatePolicy(mdp, uniform, { discount: 1.1 })).toThrow(/expected a discount in \[0, 1\), got 1.1/)
    expect(() => evaluatePolicy(mdp, uniform, { discount: 0.9, initial: new Float64Array(3) })).toThrow(
      /of 1 values, got 3/,
    )
    expect(() => evaluatePolicy(mdp, uniform, { discount: 0.99, epsilon: 1e-15 })).toThrow(
      expect.objectContaining({ code: 'ERR_ITERATION_LIMIT' }),
    )
  })
})

describe('evaluatePolicy at discount 1', () => {
  /** A walk on 0..n that ends at both ends, up with probability p; `reward` a step. */
  const walk = (n: number, p: number, reward: number) =>
    jointOf(
      modelOf(
        Array.from({ length: n + 1 }, (_, s) =>
          s === 0 || s === n
            ? [null]
            : [
                [
                  [s + 1, p, reward],
                  [s - 1, 1 - p, reward],
                ],
              ],
        ),
      ),
    )
  const first = scripted(() => 0)

  it('gives the known duration of a random walk between two ends: s (n - s)', () => {
    const { value, error } = evaluatePolicy(walk(60, 0.5, 1), first, { discount: 1 })
    value.forEach((v, s) => {
      expect(Math.abs(v - s * (60 - s))).toBeLessThanOrEqual(error)
    })
    expect(error).toBeLessThan(1e-7)
  })

  it('gives what a discount close to 1 tends to, for random models whose policies end', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(99), (model, salt) => {
        const mdp = jointOf(model)
        const policy = legalPolicy(mdp, salt)
        const { value, error } = new PolicyEvaluator(mdp, 1).evaluateActions(policy)
        const near = densePolicyValue(mdp, policy, 1 - 1e-7)
        value.forEach((v, s) => {
          if (Number.isFinite(v)) expect(Math.abs(v - near[s]!)).toBeLessThan(error + 1e-3 * (1 + Math.abs(v)))
          // Rewards of one sign for ever: about their mean / (1 - gamma).
          else if (!Number.isNaN(v)) expect(near[s]! * Math.sign(v)).toBeGreaterThan(1e3)
        })
      }),
    )
  })

  it('says where a policy never ends: losses, gains, both, and nothing at all', () => {
    // 0 ends; 1, 2, 3 go round by themselves, 4 between a gain and a loss with 5; 6 goes to 0 or 1, 7 to 1 or 2.
    const mdp = jointOf(
      modelOf([
        [null],
        [[[1, 1, -1]]],
        [[[2, 1, 2]]],
        [[[3, 1, 0]]],
        [[[5, 1, 1]]],
        [[[4, 1, -1]]],
        [
          [
            [0, 0.9, 5],
            [1, 0.1, 5],
          ],
        ],
        [
          [
            [1, 0.5, 0],
            [2, 0.5, 0],
          ],
        ],
        [[[3, 1, 7]]],
      ]),
    )
    const { value, start, error } = evaluatePolicy(mdp, first, { discount: 1 })
    const [down, up] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    expect([...value]).toEqual([0, down, up, 0, Number.NaN, Number.NaN, down, Number.NaN, 7])
    expect(error).toBeLessThan(1e-9)
    expect(start).toBe(0)
    const from = (state: number) => ({ ...mdp, start: mdp.start.map((_, s) => (s === state ? 1 : 0)) })
    expect(evaluatePolicy(from(8), first, { discount: 1 }).start).toBe(7)
    expect(evaluatePolicy(from(6), first, { discount: 1 }).start).toBe(down)
  })

  it('refuses what takes too long to end for f64', () => {
    const slow = jointOf(
      modelOf([
        [
          [
            [0, 1 - 2 ** -53, 1],
            [1, 2 ** -53, 1],
          ],
        ],
        [null],
      ]),
    )
    expect(() => evaluatePolicy(slow, first, { discount: 1 })).toThrow(/takes too long to end/)
  })
})

describe('OccupancySolver', () => {
  it('is dual to values: start . V = d . R, and sums to 1 / (1 - gamma) where nothing ends', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(99), fc.constantFrom(0, 0.5, 0.97), (model, salt, discount) => {
        const mdp = jointOf(model)
        const policy = legalPolicy(mdp, salt)
        const evaluator = new PolicyEvaluator(mdp, discount)
        const { start } = evaluator.evaluateActions(policy)
        const d = new OccupancySolver().solve(evaluator.chain)
        const earned = d.reduce((sum, visits, s) => sum + visits * evaluator.chain.reward[s]!, 0)
        expect(earned).toBeCloseTo(start, 6)
        const total = d.reduce((sum, visits) => sum + visits, 0)
        if (mdp.terminal.every((end) => end === 0)) expect(total).toBeCloseTo(1 / (1 - discount), 6)
        expect(Math.min(...d)).toBeGreaterThanOrEqual(-1e-9)
      }),
    )
  })
})

/** A legal action a state, chosen by a salt; -1 in terminal states. */
function legalPolicy(mdp: JointMdp, salt: number): Int32Array {
  return Int32Array.from({ length: mdp.numStates }, (_, s) => {
    const legal = Array.from({ length: mdp.numActions }, (_, a) => a).filter((a) => {
      return mdp.rowStart[s * mdp.numActions + a] !== mdp.rowStart[s * mdp.numActions + a + 1]
    })
    return legal.length === 0 ? -1 : legal[(salt * 7 + s * 3) % legal.length]!
  })
}
