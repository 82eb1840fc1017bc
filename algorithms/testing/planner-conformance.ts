import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CadreError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { AsyncPlanner, Planner, PlanOptions } from '../planning/planner.js'
import { valueIteration } from '../planning/value-iteration.js'
import { denseOptimalValue, densePolicyValue } from './dense-solve.js'
import { modelOf, randomModel, reversed } from './models.js'

/** What a planner takes; by default any discounted model. */
export interface PlannerConformance {
  /** Models that the planner solves. Default `randomModel`. */
  readonly models?: fc.Arbitrary<TabularMdp>
  /** Discounts it takes. Default 0, 0.3, 0.9 and 0.99. */
  readonly discounts?: readonly number[]
  /** Whether it iterates, so that a limit of one iteration is an error. Default true. */
  readonly iterates?: boolean
  /** Random models a property. Default 60. */
  readonly cases?: number
}

/** What every planner owes, as tests: `describe('policy iteration', () => plannerConformance(policyIterationPlanner))`. */
export function plannerConformance(planner: Planner | AsyncPlanner, options: PlannerConformance = {}): void {
  const { models = randomModel, discounts = [0, 0.3, 0.9, 0.99], iterates = true, cases: numRuns = 60 } = options
  const discount = fc.constantFrom(...discounts)
  const cases = { numRuns }

  it('brackets an exact dense solve, and its policy is epsilon-optimal', async () => {
    await fc.assert(
      fc.asyncProperty(models, discount, fc.constantFrom(10, 0.1, 1e-6), async (mdp, gamma, epsilon) => {
        const plan = await planner.plan(mdp, { discount: gamma, epsilon })
        const reached = densePolicyValue(mdp, plan.policy, gamma)
        expect(plan.method).toBe(planner.name)
        expect(Number.isInteger(plan.iterations) && plan.iterations > 0).toBe(true)
        denseOptimalValue(mdp, gamma).forEach((v, s) => {
          expect(plan.lower[s]).toBeLessThanOrEqual(v + 1e-9)
          expect(plan.upper[s]).toBeGreaterThanOrEqual(v - 1e-9)
          expect(plan.upper[s]! - plan.lower[s]!).toBeLessThanOrEqual(epsilon * (1 + 1e-9))
          expect(Math.abs(plan.value[s]! - v)).toBeLessThanOrEqual(epsilon / 2 + 1e-9)
          expect(reached[s]).toBeGreaterThanOrEqual(plan.lower[s]! - 1e-9)
          expect(reached[s]).toBeGreaterThanOrEqual(v - epsilon - 1e-9)
        })
      }),
      cases,
    )
  })

  it('gives terminal states value 0, bounds 0 and action -1', async () => {
    await fc.assert(
      fc.asyncProperty(
        models.filter((mdp) => mdp.terminal.includes(1)),
        discount,
        async (mdp, gamma) => {
          const { value, lower, upper, policy } = await planner.plan(mdp, { discount: gamma, epsilon: 1e-3 })
          mdp.terminal.forEach((end, s) => {
            if (end === 1) expect([value[s], lower[s], upper[s], policy[s]]).toEqual([0, 0, 0, -1])
          })
        },
      ),
      cases,
    )
  })

  it('agrees with value iteration', async () => {
    await fc.assert(
      fc.asyncProperty(models, discount, async (mdp, gamma) => {
        if (gamma === 1) return
        const settings = { discount: gamma, epsilon: 1e-8 }
        const { value } = valueIteration(mdp, settings)
        const { value: found } = await planner.plan(mdp, settings)
        found.forEach((v, s) => {
          expect(Math.abs(v - value[s]!)).toBeLessThanOrEqual(1e-8)
        })
      }),
      cases,
    )
  })

  it('permutes values when states are relabelled', async () => {
    await fc.assert(
      fc.asyncProperty(models, discount, async (mdp, gamma) => {
        const settings = { discount: gamma, epsilon: 1e-7 }
        const { value: relabelled } = await planner.plan(reversed(mdp), settings)
        const { value: found } = await planner.plan(mdp, settings)
        found.forEach((v, s) => {
          expect(Math.abs(relabelled[mdp.numStates - 1 - s]! - v)).toBeLessThanOrEqual(1e-7)
        })
      }),
      cases,
    )
  })

  it('shifts values by the discounted time times c when every reward shifts by c', async () => {
    await fc.assert(
      fc.asyncProperty(models, discount, fc.integer({ min: -9, max: 9 }), async (mdp, gamma, c) => {
        if (gamma === 1 || mdp.terminal.includes(1) || mdp.elapsed !== undefined) return
        const settings = { discount: gamma, epsilon: 1e-7 }
        const moved = { ...mdp, reward: mdp.reward.map((r) => r + c) }
        const { value: shifted } = await planner.plan(moved, settings)
        const { value: found } = await planner.plan(mdp, settings)
        found.forEach((v, s) => {
          expect(Math.abs(shifted[s]! - (v + c / (1 - gamma)))).toBeLessThanOrEqual(1e-7)
        })
      }),
      cases,
    )
  })

  // What pays at once in state 0 isn't best: no method is done after one iteration.
  const corridor = modelOf([
    [[[1, 1, 0]], [[2, 1, 1]]],
    [[[2, 1, 5]], [[3, 1, 1]]],
    [[[3, 1, -1]], [[3, 1, -2]]],
    [null, null],
  ])
  const good = { discount: discounts.at(-1)!, epsilon: 1e-6 }
  const plan = (changes: Partial<TabularMdp>, settings: Partial<PlanOptions> = {}) =>
    failure(async () => planner.plan({ ...corridor, ...changes }, { ...good, ...settings }))

  it('refuses a broken model, saying which row and by how much', async () => {
    const short = corridor.probability.slice()
    short[1] = 0.75
    expect(await plan({ probability: short })).toMatch(
      /^ERR_MODEL .*state 0 action 1 sum to 0.75, expected 1 \(off by -2.50e-1\)/,
    )
    const unpaid = corridor.reward.slice()
    unpaid[3] = Number.NaN
    expect(await plan({ reward: unpaid })).toMatch(/^ERR_MODEL .*state 1 action 1 is NaN/)
  })

  it.each([-0.1, 1.5, Number.NaN])('refuses discount %d', async (gamma) => {
    expect(await plan({}, { discount: gamma })).toMatch(new RegExp(`^ERR_MODEL .*discount .*, got ${gamma}`))
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses epsilon %d', async (epsilon) => {
    expect(await plan({}, { epsilon })).toMatch(/^ERR_MODEL .*positive finite epsilon, got/)
  })

  it('says when f64 cannot certify so small an epsilon', async () => {
    expect(await plan({}, { epsilon: 1e-17 })).toMatch(/^ERR_ITERATION_LIMIT .*rounding in f64/)
  })

  if (!iterates) return
  it('says when it hits its limit, and answers nothing', async () => {
    expect(await plan({}, { maxIterations: 1 })).toMatch(/^ERR_ITERATION_LIMIT .*after at most 1 /)
  })
}

/** Code and message of what a call throws. */
async function failure(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
  } catch (error) {
    if (error instanceof CadreError) return `${error.code} ${error.message}`
    throw error
  }
  return 'no error'
}
