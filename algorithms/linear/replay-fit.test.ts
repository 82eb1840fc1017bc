import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { chooseLambda, contrasts } from '../regression/choose-lambda.js'
import { fitRidge } from '../regression/ridge.js'
import { standardNormal } from '../standard-normal.js'
import { ReplayFit, type ReplaySettings } from './replay-fit.js'
import { ReplayMemory } from './replay-memory.js'
import { gatherRows, replayTargets } from './replay-rows.js'
import { stepByHand } from './testing/step-by-hand.js'

const settings: ReplaySettings = {
  lambda: 2,
  repeats: 'average',
  firstFit: 4,
  growth: 1.5,
  sweeps: 10,
  tolerance: 1e-12,
  capacity: 1000,
}

/** An agent of two actions that observes some numbers. */
function agentOf(columns: number, changes: Partial<ReplaySettings> = {}, full = false) {
  const spec: EnvSpec = {
    id: 'one',
    version: '1',
    agents: [{ name: 'one', observation: box(columns), action: discrete(2), numObservations: 0 }],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'team-sum', over: 'episode' },
    limitSteps: null,
  }
  const input = { numFeatures: 0, observationSize: columns, columns }
  const memory = new ReplayMemory(input, 2, full, 1000)
  const fit = new ReplayFit(input, 2, full, memory, { ...settings, ...changes })
  const add = (observation: readonly number[], action: number, reward: number, discount = 0, other?: number) => {
    const actionReward = other === undefined ? {} : { actionReward: action === 0 ? [reward, other] : [other, reward] }
    const step = { before: { observation }, actions: [action], reward: [reward], ...actionReward }
    memory.add(stepByHand(spec, 1, step), 0, discount)
  }
  return { input, memory, fit, add }
}
const near = (values: readonly number[], digits = 9) => values.map((value) => expect.closeTo(value, digits))

describe('when a replay fit is due', () => {
  it('is at the first number of steps, then whenever they have grown enough', () => {
    const { fit, add } = agentOf(1)
    const dueAt: number[] = []
    for (let count = 1; count <= 20; count++) {
      add([1], 0, 1)
      if (!fit.isDue) continue
      dueAt.push(count)
      fit.run(undefined, false)
      expect(fit.isDue).toBe(false)
    }
    // 4, 4 x 1.5, 6 x 1.5, and 9 and 14 x 1.5 rounded up.
    expect(dueAt).toEqual([4, 6, 9, 14])
    expect([...fit.arrays.progress!]).toEqual([21, 2, 0])
  })

  it('is at least a step later', () => {
    const { fit, add } = agentOf(1, { firstFit: 1, growth: 1.01 })
    add([1], 0, 1)
    fit.run(undefined, false)
    expect([...fit.arrays.progress!]).toEqual([2, 2, 0])
  })
})

describe('what a replay fit comes to', () => {
  it('is ridge regression of each action on the steps that took it', () => {
    const { fit, add } = agentOf(1)
    // Means 1 and 3; 4 / (2 + lambda) times the distance from 1.
    add([0], 1, 1)
    add([2], 1, 5)
    fit.run(undefined, true)
    expect([...fit.weights]).toEqual(near([0, 0, 1, 2]))
    // An action that nobody took keeps what it has.
    fit.weights.set([7, 8])
    fit.run(undefined, true)
    expect([...fit.weights]).toEqual(near([7, 8, 1, 2]))
    expect(fit.arrays.weights).toBe(fit.weights)
  })

  it('is of what an action brought where it was taken, whatever others brought elsewhere', () => {
    const { fit, add } = agentOf(1)
    add([0], 0, 1)
    add([2], 1, 5)
    fit.run(undefined, true)
    expect([...fit.weights]).toEqual(near([0, 1, 0, 5]))
  })

  it('counts what was seen several times once, or as often', () => {
    const intercept = (repeats: 'average' | 'count') => {
      const { fit, add } = agentOf(1, { repeats, lambda: 1e9 })
      for (const seen of [0, 0, 0, 1]) add([seen], 0, 8 * seen)
      fit.run(undefined, true)
      return fit.weights[1]!
    }
    expect(intercept('average')).toBeCloseTo(4, 6)
    expect(intercept('count')).toBeCloseTo(2, 6)
  })

  // Reward 1 for ever at discount 0.5: 2 - 2 / 2^n after n sweeps.
  it.each([
    [1, 1],
    [3, 1.75],
    // Sweep 20 moves its target by 2 / 2^20 < 3e-6, no more than a millionth of 1 + 2, sweep 19 by twice that.
    [1000, 2 - 2 / 2 ** 19],
  ])('forms new targets %i times, or until they settle', (sweeps, worth) => {
    const { fit, add } = agentOf(1, { sweeps })
    add([0], 0, 1, 0.5)
    // The other action is worth less.
    add([0], 1, -9, 0.5)
    fit.run(undefined, true)
    expect(fit.weights[1]).toBeCloseTo(worth, 9)
  })

  it('goes on while any action still moves', () => {
    // Action 1 has its value at once, action 0 bootstraps from the best of both: itself.
    const { fit, add } = agentOf(1, { sweeps: 1000 })
    add([0], 1, 0)
    add([0], 0, 1, 0.5)
    fit.run(undefined, true)
    expect(fit.weights[1]).toBeCloseTo(2 - 2 / 2 ** 19, 9)
  })

  it('goes on while any row still moves', () => {
    const { fit, add } = agentOf(1, { sweeps: 1000, lambda: 1e-9 })
    add([-100], 0, 0)
    add([0], 0, 1, 0.5)
    fit.run(undefined, true)
    expect(fit.weights[1]).toBeCloseTo(2 - 2 / 2 ** 19, 5)
  })

  it('ends at its tolerance when it is the last, else roughly, going on from where it stands', () => {
    const rng = new Rng('rough')
    const { input, memory, fit, add } = agentOf(12, { lambda: 0.1, tolerance: 1e-10 })
    for (let n = 0; n < 40; n++) {
      const seen = Array.from({ length: 12 }, (_, j) => Math.fround(standardNormal(rng) * 2 ** -j))
      add(
        seen,
        0,
        seen.reduce((sum, x) => sum + x, standardNormal(rng)),
      )
    }
    const { x } = gatherRows(memory, undefined, input)
    const { target, weight } = replayTargets(
      memory,
      undefined,
      gatherRows(memory, undefined, input),
      input,
      fit.weights,
      'average',
    )[0]!
    const ridge = (tolerance: number, start: Float64Array) =>
      fitRidge(x, target, { lambda: 0.1, sampleWeights: weight, tolerance, start }).weights
    const own = () => fit.weights.slice(0, 12)
    const rough = ridge(1e-3, new Float64Array(12))
    const exact = ridge(1e-10, rough)
    fit.run(undefined, false)
    expect(own()).toEqual(rough)
    fit.run(undefined, true)
    expect(own()).toEqual(exact)
    expect(exact).not.toEqual(rough)
    expect(exact).not.toEqual(ridge(1e-10, new Float64Array(12)))
  })

  it('is as rough as was asked for where that is rougher still', () => {
    const { memory, input, fit, add } = agentOf(6, { lambda: 0.1, tolerance: 0.1 })
    const rng = new Rng('rougher')
    for (let n = 0; n < 20; n++) {
      const seen = Array.from({ length: 6 }, (_, j) => Math.fround(standardNormal(rng) * 2 ** -j))
      add(
        seen,
        0,
        seen.reduce((sum, x) => sum + x, 0),
      )
    }
    const rows = gatherRows(memory, undefined, input)
    const { target, weight } = replayTargets(memory, undefined, rows, input, fit.weights, 'average')[0]!
    const ridge = (tolerance: number) =>
      fitRidge(rows.x, target, { lambda: 0.1, sampleWeights: weight, tolerance, start: new Float64Array(6) }).weights
    fit.run(undefined, false)
    expect(fit.weights.slice(0, 6)).toEqual(ridge(0.1))
    expect(ridge(0.1)).not.toEqual(ridge(1e-3))
  })
})

describe('a lambda that is picked', () => {
  it('is the middle of what there is without anything to hold out, and picked anew with four times the steps', () => {
    const { fit, add } = agentOf(1, { lambda: 'auto', growth: 100 })
    const progress = (last = false) => {
      fit.run(undefined, last)
      return [...fit.arrays.progress!].slice(1)
    }
    add([1], 0, 1)
    expect(progress()).toEqual([3, 1])
    add([2], 0, 5)
    add([4], 0, 3)
    expect(progress()).toEqual([3, 1])
    add([8], 0, 9)
    const picked = progress()
    expect(picked[1]).toBe(4)
    add([9], 0, 9)
    expect(progress()).toEqual(picked)
    expect(progress(true)[1]).toBe(5)
  })

  it.each([false, true])('is that of the gaps between actions where all are known (%s)', (full) => {
    const rng = new Rng('gaps')
    const { memory, input, fit, add } = agentOf(4, { lambda: 'auto' }, full)
    for (let n = 0; n < 60; n++) {
      const seen = Array.from({ length: 4 }, () => Math.fround(standardNormal(rng)))
      // Both actions share their noise; the gap has none.
      const shared = 30 * standardNormal(rng)
      add(seen, 0, shared + seen[0]! - seen[1]!, 0, shared)
    }
    fit.run(undefined, true)
    const rows = gatherRows(memory, undefined, input)
    const targets = replayTargets(memory, undefined, rows, input, new Float64Array(10), 'average')
    const ofAll = chooseLambda(rows.x, targets, rows.keys)
    expect([ofAll, full ? chooseLambda(rows.x, contrasts(targets), rows.keys) : 0]).toEqual([100, full ? 0.1 : 0])
    expect(fit.arrays.progress![1]).toBe(full ? 0.1 : 100)
  })
})
