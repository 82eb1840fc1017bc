import { describe, expect, it } from 'vitest'
import { toJointMdp } from '../mdp/enumerate.js'
import { envConformance } from '../testing/env-conformance.js'
import { VectorEnv } from '../vector-env.js'
import { TwoStep } from './two-step.js'

describe('two-step', () => {
  envConformance(() => new TwoStep())

  const play = (first: readonly [number, number], second: readonly [number, number]) => {
    const vector = new VectorEnv(() => new TwoStep(), 1, 'play')
    vector.reset()
    vector.step(Int32Array.from(first))
    const visited = vector.current.stateId[0]
    expect([...vector.transition.reward]).toEqual([0, 0])
    const { ended, reward } = vector.step(Int32Array.from(second))
    expect(ended[0]).toBe(1)
    return { visited, reward: reward[0] }
  }

  it("lets the first agent's action alone decide where the second step is", () => {
    expect(play([0, 0], [0, 0]).visited).toBe(1)
    expect(play([0, 1], [0, 0]).visited).toBe(1)
    expect(play([1, 0], [0, 0]).visited).toBe(2)
    expect(play([1, 1], [0, 0]).visited).toBe(2)
  })

  it.each([
    [0, 0, 0, 7],
    [0, 0, 1, 7],
    [0, 1, 0, 7],
    [0, 1, 1, 7],
    [1, 0, 0, 0],
    [1, 0, 1, 1],
    [1, 1, 0, 1],
    [1, 1, 1, 8],
  ] as const)('after %i, (%i, %i) pays %i (QMIX paper, table 1)', (branch, first, second, paid) => {
    expect(play([branch, 0], [first, second]).reward).toBe(paid)
  })

  it('has four reachable states of which the last is terminal', () => {
    const mdp = toJointMdp(new TwoStep())
    expect([...mdp.stateIds]).toEqual([0, 1, 2, 3])
    expect([...mdp.terminal]).toEqual([0, 0, 0, 1])
    expect([...mdp.reward]).toEqual([0, 0, 0, 0, 7, 7, 7, 7, 0, 1, 1, 8, 0, 0, 0, 0])
    expect([...mdp.actionsOf]).toEqual([2, 2])
  })
})
