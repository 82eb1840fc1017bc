import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { everyPolicy } from '../testing/every-policy.js'
import { jointOf, type ModelRows, modelOf } from '../testing/models.js'
import { defaultPlanner } from './default-planner.js'
import { PolicyEvaluator } from './policy-evaluation.js'
import { planRelative } from './relative-accuracy.js'
import { stochasticShortestPath } from './stochastic-shortest-path.js'

const options = { discount: 1, epsilon: 1e-9 }

/**
 * Small models with an end whose rewards are differences of a number that each state has, so that every round sums to 0, and
 * costs here and there, seldom a gain.
 * @param unit - of rewards: rounds of tenths sum to 0 but for what f64 rounds
 */
const rounds = (unit: number) =>
  fc.integer({ min: 2, max: 4 }).chain((states) => {
    const extra = fc.constantFrom(0, 0, 0, 0, 0, 0, -1, -2, -3, 1)
    const outcome = fc.tuple(fc.nat(states), fc.integer({ min: 1, max: 3 }))
    const row = fc.tuple(fc.array(outcome, { minLength: 1, maxLength: 2 }), extra)
    const actions = fc.array(row, { minLength: 2, maxLength: 2 })
    const levels = fc.array(fc.integer({ min: -7, max: 7 }), { minLength: states + 1, maxLength: states + 1 })
    return fc.tuple(fc.array(actions, { minLength: states, maxLength: states }), levels).map(([rows, level]) =>
      modelOf([
        ...rows.map((of, s) =>
          of.map(([outcomes, cost]) => {
            const total = outcomes.reduce((sum, [, weight]) => sum + weight, 0)
            const reward = (next: number) => unit * (level[s]! - level[next]! + cost)
            return outcomes.map(([next, weight]) => [next, weight / total, reward(next)] as const)
          }),
        ),
        [null, null],
      ]),
    )
  })

/** The best total of the policies that end, and why the model has to be refused, if it has; by looking at all policies. */
function exhaustively(mdp: TabularMdp): { best: number[]; refused: string | null; swings: boolean } {
  const best = new Array<number>(mdp.numStates).fill(Number.NEGATIVE_INFINITY)
  const idle = best.slice()
  let [proper, gains, swings] = [false, false, false]
  for (const fate of everyPolicy(mdp)) {
    if (fate.gains.some((gain) => gain > 1e-9)) gains = true
    const nets0 = fate.gains.some((gain) => Math.abs(gain) < 1e-9)
    if (nets0 && fate.total === null) swings = true
    const into = fate.ends ? best : idle
    if (fate.ends) proper = true
    fate.total?.forEach((v, s) => {
      into[s] = Math.max(into[s]!, v)
    })
  }
  const why = !proper ? 'no policy ends' : gains ? 'gains for ever' : null
  const idling = idle.some((v, s) => v > best[s]! + 1e-9) ? 'earning nothing is better' : null
  return { best, refused: why ?? idling, swings }
}

describe('rounds whose rewards sum to 0', () => {
  it.each<[string, ModelRows, number[]]>([
    [
      '+1 and -1 with the way out after the loss: (1, 0)',
      [[[[1, 1, 1]]], [[[0, 1, -1]], [[2, 1, 0]]], [null]],
      [1, 0, 0],
    ],
    [
      '+1 and -1 with the way out before the gain: (0, -1)',
      [[[[1, 1, 1]], [[2, 1, 0]]], [[[0, 1, -1]]], [null]],
      [0, -1, 0],
    ],
    ['.1 and -.1', [[[[1, 1, 0.1]]], [[[0, 1, -0.1]], [[2, 1, 0]]], [null]], [0.1, 0, 0]],
    [
      // In f64 the six sum to -5.6e-17.
      '.1 x 3, .2 x 2 and -.7',
      [
        [[[1, 1, 0.1]]],
        [[[2, 1, 0.1]]],
        [[[3, 1, 0.1]]],
        [[[4, 1, 0.2]]],
        [[[5, 1, 0.2]]],
        [[[0, 1, -0.7]], [[6, 1, 2]]],
        [null],
      ],
      [2.7, 2.6, 2.5, 2.4, 2.2, 2, 0],
    ],
    ['a round that costs -3 to leave', [[[[1, 1, 1]], [[2, 1, -3]]], [[[0, 1, -1]]], [null]], [-3, -4, 0]],
    [
      'by chance: 1/3 x 2 - 2/3 x 1',
      [
        [
          [
            [1, 1 / 3, 2],
            [2, 2 / 3, -1],
          ],
        ],
        [[[0, 1, 0]]],
        [[[0, 1, 0]], [[3, 1, 5]]],
        [null],
      ],
      // From 0 to 2 in the mean: a net of -1 for the last step, and 1/2 x 2 for those before.
      [5, 5, 5, 0],
    ],
  ])('%s', (_, rows, known) => {
    const { value, lower, upper, policy } = stochasticShortestPath(modelOf(rows), options)
    known.forEach((v, s) => {
      expect(Math.abs(value[s]! - v)).toBeLessThan(1e-9)
      expect(lower[s]).toBeLessThanOrEqual(v + 1e-12)
      expect(upper[s]).toBeGreaterThanOrEqual(v - 1e-12)
    })
    expect(policy[known.length - 1]).toBe(-1)
  })

  it.each([
    ['whole rewards', 1],
    ['rewards of a tenth', 0.1],
  ] as const)('with %s are solved by every planner of discount 1 as by looking at all policies', (_, unit) => {
    let swinging = 0
    let refusals = 0
    fc.assert(
      fc.property(rounds(unit), (mdp) => {
        const { best, refused, swings } = exhaustively(mdp)
        if (refused !== null) {
          expect(() => stochasticShortestPath(mdp, options), refused).toThrow(ModelError)
          refusals++
          return
        }
        if (swings) swinging++
        const plans = [
          stochasticShortestPath(mdp, options),
          defaultPlanner.plan(mdp, options),
          planRelative(defaultPlanner, mdp, { discount: 1, relative: 1e-9 }),
        ]
        for (const { value, lower, upper, policy } of plans) {
          const evaluated = new PolicyEvaluator(jointOf(mdp), 1).evaluateActions(policy).value
          best.forEach((v, s) => {
            expect(Math.abs(value[s]! - v)).toBeLessThan(1e-8)
            expect(lower[s]).toBeLessThanOrEqual(v + 1e-11)
            expect(upper[s]).toBeGreaterThanOrEqual(v - 1e-11)
            // What the plan does is worth what it says: it ends, and its exact value lies within its bounds.
            expect(evaluated[s]).toBeGreaterThanOrEqual(lower[s]! - 1e-9)
            expect(evaluated[s]).toBeLessThanOrEqual(upper[s]! + 1e-9)
          })
        }
      }),
      { numRuns: 400, seed: 10 },
    )
    expect(swinging).toBeGreaterThan(40)
    expect(refusals).toBeGreaterThan(100)
  })

  it('have no total for a policy that goes round for ever: it swings', () => {
    const mdp = modelOf([[[[1, 1, 1]], [[2, 1, 0]]], [[[0, 1, -1]]], [null, null]])
    const { value } = new PolicyEvaluator(jointOf(mdp), 1).evaluateActions(Int32Array.from([0, 0, -1]))
    expect([...value]).toEqual([Number.NaN, Number.NaN, 0])
  })

  it.each<[string, ModelRows, RegExp]>([
    [
      'gain',
      [[[[1, 1, 1.25]]], [[[0, 1, -1]], [[2, 1, 0]]], [null]],
      /near state 0 .* gain 0\.1250 a step .* no best total/,
    ],
    [
      'lead to a place where nothing is earned, which is better than the end',
      [[[[1, 1, 1]], [[3, 1, -9]]], [[[0, 1, -1]], [[2, 1, 0]]], [[[2, 1, 0]], [[0, 1, -1]]], [null]],
      /near state 2 one can move about for ever at reward 0 while ending is worth -[89]/,
    ],
  ])('are refused where they %s', (_, rows, message) => {
    expect(() => stochasticShortestPath(modelOf(rows), options)).toThrow(message)
  })

  it('lie beside rounds that lose, which are only stayed away from', () => {
    // 0 and 1 go round at net 0; 2 and 3 at net -1, though each round begins with a gain of 5.
    const mdp = modelOf([
      [[[1, 1, 1]], [[2, 1, 0]]],
      [[[0, 1, -1]]],
      [[[3, 1, 5]], [[4, 1, 0]]],
      [[[2, 1, -6]], [[4, 1, -4]]],
      [null],
    ])
    const { value, policy } = stochasticShortestPath(mdp, options)
    expect([...value].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, 0, 1, -4, 0])
    expect([...policy]).toEqual([1, 0, 0, 1, -1])
  })

  it.each([1e-3, 1e-6])('are found where they are long: half of it is left with probability %d', (p) => {
    // 1 a step in state 0 and -1 in state 1, as long in one as in the other; the way out is in 1.
    const mdp = modelOf([
      [
        [
          [0, 1 - p, 1],
          [1, p, 1],
        ],
        null,
      ],
      [
        [
          [1, 1 - p, -1],
          [0, p, -1],
        ],
        [[2, 1, 0]],
      ],
      [null, null],
    ])
    const { value, policy } = stochasticShortestPath(mdp, { discount: 1, epsilon: 1e-6 })
    expect([...value]).toEqual([expect.closeTo(1 / p, 6), expect.closeTo(0, 6), 0])
    expect([...policy]).toEqual([0, 1, -1])
  })

  it('are named by the ids of their states', () => {
    const mdp = modelOf([
      [[[1, 1, -1]], [[2, 1, 0]]],
      [[[1, 1, 1]], [[2, 1, 0]]],
      [null, null],
    ])
    const named = { ...mdp, stateIds: Int32Array.of(70, 80, 90) }
    expect(() => stochasticShortestPath(named, options)).toThrow(/near state 80 .* gain 1\.000 a step/)
  })

  it.each([40, 1200])('are found among %d states, directly and by iteration', (size) => {
    // A grid line on which a step along earns the difference of two heights, by chance one further; the way out is at state 7.
    const height = (s: number) => Math.round(1000 * Math.sin(s * s)) / 100
    const along = (s: number, to: number) => [Math.min(size - 1, Math.max(0, to)), height(s)] as const
    const rows: ModelRows = Array.from({ length: size + 1 }, (_, s) => {
      if (s === size) return [null, null, null]
      const step = (to: number, p: number) => {
        const [next, own] = along(s, to)
        return [next, p, own - height(next)] as const
      }
      const out = s === 7 ? [[size, 1, 2] as const] : null
      return [[step(s - 1, 1)], [step(s + 1, 0.5), step(s + 2, 0.5)], out]
    })
    const { value, lower, upper } = stochasticShortestPath(modelOf(rows), { discount: 1, epsilon: 1e-8 })
    for (let s = 0; s < size; s++) {
      const known = height(s) - height(7) + 2
      expect(Math.abs(value[s]! - known)).toBeLessThan(1e-8)
      expect(lower[s]).toBeLessThanOrEqual(known + 1e-10)
      expect(upper[s]).toBeGreaterThanOrEqual(known - 1e-10)
    }
  })
})
