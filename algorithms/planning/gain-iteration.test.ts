import { describe, expect, it } from 'vitest'
import { modelOf } from '../testing/models.js'
import { gainIteration } from './gain-iteration.js'

describe('policy iteration for the average reward', () => {
  // State 0 stays for 1, or for 2; or goes to state 1 and back for 4 and 1.
  const mdp = modelOf([
    [[[0, 1, 1]], [[0, 1, 2]], [[1, 1, 4]]],
    [[[0, 1, 1]], null, null],
  ])

  it.each([[[0, 0]], [[1, 0]], [[2, 0]], [[-1, -1]]])('goes on from %j until no action is better', (given) => {
    // However wide the bounds may be: those of the first policy alone are not those of the best one.
    for (const epsilon of [undefined, 1e-9, 0.4]) {
      const options = { policy: Int32Array.from(given), ...(epsilon === undefined ? {} : { epsilon }) }
      const { lower, upper, policy } = gainIteration(mdp, options)
      expect([...policy]).toEqual([2, 0])
      expect([lower, upper]).toEqual([expect.closeTo(2.5, 14), expect.closeTo(2.5, 14)])
      expect(lower <= 2.5 && upper >= 2.5).toBe(true)
    }
  })

  it('stops where the bounds are near enough, which hold for the policy it returns and for the best one', () => {
    const { lower, upper, policy, settled } = gainIteration(mdp, { policy: Int32Array.from([1, 0]), epsilon: 10 })
    expect([[...policy], settled]).toEqual([[1, 0], false])
    expect(lower <= 2).toBe(true)
    // h = (0, 1 - 2): going there pays 4 - 1 at once.
    expect(upper).toBeCloseTo(3, 12)
  })
})
