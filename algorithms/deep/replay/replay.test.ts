import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import type { WorldTable } from '../../conformance/known-world.js'
import type { NumberArray } from '../../learner.js'
import { logged } from '../testing/logged.js'
import { EpisodeIndex } from './episode-index.js'
import { NStepReturn } from './n-step.js'
import { PrioritisedDraws } from './prioritised.js'
import { StepLog } from './step-log.js'
import { SumTree } from './sum-tree.js'

/** Rewards 1, 2, 4; the second step takes a time of 3. Then it ends, or is cut off. */
const walk = (end: 'terminated' | 'truncated'): WorldTable => ({
  name: 'walk',
  agents: ['walker'],
  states: 4,
  numActions: 1,
  starts: [0],
  step: (state) => ({
    next: state + 1,
    rewards: [2 ** state],
    ...(state === 1 ? { elapsed: 3 } : {}),
    ...(state === 2 ? { [end]: true } : {}),
  }),
})

/** One step that earns r, is cut off at once, and leads back: worth r / (1 - gamma). Or it ends: worth r. */
const once = (end: 'terminated' | 'truncated'): WorldTable => ({
  name: 'once',
  agents: ['one'],
  states: 1,
  numActions: 1,
  starts: [0],
  step: () => ({ next: 0, rewards: [3], [end]: true }),
})

/** What n-step targets come to, taken over and over as the value of the only state. */
function fixedPoint(world: WorldTable, n: number): number {
  const { log, step } = logged(world)
  for (let k = 0; k < 7; k++) step()
  const target = new NStepReturn(log)
  let value = 0
  for (let k = 0; k < 500; k++) {
    target.read(k % log.size, n)
    value = target.reward[0]! + target.discount[0]! * value
  }
  return value
}

describe('NStepReturn', () => {
  it.each([1, 2, 5])('values one step that is cut off at r / (1 - gamma), one that ends at r: n %i', (n) => {
    expect(fixedPoint(once('truncated'), n)).toBeCloseTo(30, 9)
    expect(fixedPoint(once('terminated'), n)).toBe(3)
  })

  it.each([
    // n, reward, discount, last: with gamma = 1/2, steps discount by 1/2, 1/8 and 1/2.
    [1, 1, 1 / 2, 0],
    [2, 1 + 2 / 2, 1 / 16, 1],
    [3, 1 + 2 / 2 + 4 / 16, 1 / 32, 2],
    [9, 1 + 2 / 2 + 4 / 16, 1 / 32, 2],
  ])('sums %i steps with gamma^elapsed, and stops where the episode does', (n, reward, discount, last) => {
    for (const end of ['truncated', 'terminated'] as const) {
      const { log, step } = logged(walk(end), { gamma: 0.5 })
      for (let k = 0; k < 5; k++) step()
      const target = new NStepReturn(log)
      target.read(0, n)
      const bootstraps = end === 'truncated' || last < 2
      expect([target.reward[0], target.last]).toEqual([reward, last])
      expect(target.discount[0]).toBeCloseTo(bootstraps ? discount : 0, 15)
    }
  })

  it('takes what there is where less has happened yet, also behind the seam of a full log', () => {
    const { log, step } = logged(walk('truncated'), { gamma: 0.5, capacity: 4, rows: 2 })
    for (let k = 0; k < 5; k++) step()
    // Steps 1..4 are kept; step 4, the second of its episode, stands first.
    const target = new NStepReturn(log)
    target.read(log.entryOf(3, 1), 9)
    expect([target.reward[0], target.last]).toEqual([2, 1])
    expect(target.discount[0]).toBeCloseTo(1 / 16, 15)
    expect(log.columns.observation[target.last * 4 + 1]).toBe(1)
    expect(log.columns.nextObservation[target.last * 4 + 2]).toBe(1)
    target.read(log.entryOf(2, 0), 9)
    expect(target.last).toBe(log.entryOf(2, 0))
  })
})

describe('StepLog', () => {
  it('is told in parts, and taken over from all of them', () => {
    const { log, step } = logged(walk('truncated'), { capacity: 5, rows: 2 })
    const told: { [name: string]: number[] } = {}
    let last: { readonly [name: string]: NumberArray } = {}
    for (const steps of [3, 0, 4, 2]) {
      for (let k = 0; k < steps; k++) step()
      last = log.takeAdded()
      for (const [name, array] of Object.entries(last)) told[name] = [...(told[name] ?? []), ...array]
    }
    const whole = Object.fromEntries(
      Object.entries(told).map(([name, values]) => {
        const type = last[name]!.constructor as unknown as { from(values: readonly number[]): NumberArray }
        return [name, type.from(values)]
      }),
    )
    const other = new StepLog(log.shape, 5)
    other.prepareLoad(log.count, whole)!()
    for (const [name, array] of Object.entries(log.columns)) {
      const width = (array.length / (log.columns.ended.length / 2)) * 5
      expect(other.columns[name as keyof typeof other.columns].slice(0, width)).toEqual(array.slice(0, width))
    }
    expect(other.prepareLoad(99, { ...whole, reward: new Float64Array(1) })).toBe(null)
    expect(new StepLog({ ...log.shape, streams: 2 }, 5).prepareLoad(log.count, whole)).toBe(null)
    expect(new StepLog(log.shape, 50).prepareLoad(10, whole)).toBe(null)
  })
})

describe('EpisodeIndex', () => {
  const filled = (longest: number, steps: number, capacity = 100) => {
    const { log, step } = logged(walk('truncated'), {
      rows: 2,
      capacity: EpisodeIndex.stepsFor(capacity, longest, 2),
    })
    const index = new EpisodeIndex(log, capacity, longest)
    for (let k = 0; k < steps; k++) {
      step()
      index.noteStep()
    }
    return { log, index }
  }

  it('knows whole episodes only, step by step', () => {
    const { log, index } = filled(10, 7)
    expect([index.size, index.lengthOf(0), index.lengthOf(3)]).toEqual([4, 3, 3])
    const rewards = [0, 1, 2].map((t) => log.columns.reward[index.entryOf(3, t)])
    expect(rewards).toEqual([1, 2, 4])
  })

  it('cuts long ones into parts', () => {
    const { log, index } = filled(2, 6)
    expect(Array.from({ length: index.size }, (_, k) => index.lengthOf(k))).toEqual([2, 2, 1, 1, 2, 2, 1, 1])
    expect(log.columns.reward[index.entryOf(2, 0)]).toBe(4)
  })

  it('pads behind the end, with a mask', () => {
    const { log, index } = filled(2, 6)
    const entries = new Int32Array(4)
    const mask = new Uint8Array(4)
    index.padded(Int32Array.of(2, 5), 2, entries, mask)
    expect([...mask]).toEqual([1, 0, 1, 1])
    expect([0, 2, 3].map((k) => log.columns.reward[entries[k]!])).toEqual([4, 1, 2])
  })

  it('draws different ones, each as often', () => {
    const { index } = filled(10, 12)
    const rng = new Rng('draw')
    const counts = new Float64Array(index.size)
    const drawn = new Int32Array(3)
    for (let k = 0; k < 8000; k++) {
      expect(index.draw(rng, drawn)).toBe(3)
      expect(new Set(drawn).size).toBe(3)
      for (const episode of drawn) counts[episode]!++
    }
    // 24000 draws of 8: 3000 each, with a deviation of about 43.
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(200)
    expect(index.draw(rng, new Int32Array(20))).toBe(8)
  })

  it('remembers the last ones, whose steps the log still has', () => {
    const { log, index } = filled(3, 100, 5)
    expect([index.count, index.size]).toEqual([66, 5])
    for (let k = 0; k < 5; k++) {
      expect([0, 1, 2].map((t) => log.columns.reward[index.entryOf(k, t)])).toEqual([1, 2, 4])
    }
  })
})

describe('SumTree', () => {
  it('finds where the running sum passes, and nothing without weight', () => {
    const tree = new SumTree(5)
    for (const [index, weight] of [1, 0, 3, 0.5, 0].entries()) tree.set(index, weight)
    expect(tree.total).toBe(4.5)
    expect([0, 0.99, 1, 3.99, 4, 4.49, 4.5, 9].map((mass) => tree.find(mass))).toEqual([0, 0, 2, 2, 3, 3, 3, 3])
    tree.set(2, 0)
    expect([tree.total, tree.find(1), tree.get(2)]).toEqual([1.5, 3, 0])
  })
})

describe('PrioritisedDraws', () => {
  it('draws by p^alpha, with weights (N P)^-beta over the largest', () => {
    const draws = new PrioritisedDraws(4, 0.5)
    for (const entry of [0, 1, 2]) draws.add(entry)
    // p^alpha: 2, 1, 1 (the last as new), so that P is 1/2, 1/4, 1/4.
    draws.update(0, -4)
    draws.update(1, 1)
    const entries = new Int32Array(4)
    const weights = new Float64Array(4)
    const rng = new Rng('draws')
    const counts = [0, 0, 0]
    for (let k = 0; k < 1000; k++) {
      draws.draw(3, 0.4, rng, entries, weights)
      for (const entry of entries) counts[entry]!++
    }
    // Equal parts of the sum: two of the first, one of each other, every time but for the 1e-6 that each has more.
    for (const [k, expected] of [2000, 1000, 1000].entries()) expect(Math.abs(counts[k]! - expected)).toBeLessThan(5)
    const expected = ((3 * (1 / 2)) / (3 * (1 / 4))) ** -0.4
    expect(weights[0]).toBeCloseTo(expected, 6)
    expect(weights[3]).toBe(1)
    draws.add(3)
    expect(draws.priorities[3]).toBeCloseTo(2, 6)
  })

  it('goes on from its priorities alone', () => {
    const one = new PrioritisedDraws(8, 0.6)
    const rng = new Rng('change')
    for (let entry = 0; entry < 8; entry++) one.add(entry)
    for (let k = 0; k < 50; k++) one.update(rng.integer(8), rng.uniform())
    const other = new PrioritisedDraws(8, 0.6)
    other.priorities.set(one.priorities)
    other.restore()
    const drawn = [one, other].map((draws) => {
      const entries = new Int32Array(6)
      const weights = new Float64Array(6)
      draws.draw(8, 1, new Rng('same'), entries, weights)
      return [...entries, ...weights]
    })
    expect(drawn[1]).toEqual(drawn[0])
  })
})
