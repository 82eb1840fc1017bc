import { describe, expect, it } from 'vitest'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import type { NumberArray } from '../learner.js'
import { ReplayMemory } from './replay-memory.js'
import { stepByHand } from './testing/step-by-hand.js'

/** The second agent observes fewer numbers and has fewer actions than the first: its own are the first of a wider row. */
const spec: EnvSpec = {
  id: 'two',
  version: '1',
  agents: [
    { name: 'wide', observation: box(3), action: discrete(4), numObservations: 0, numFeatures: 9 },
    { name: 'narrow', observation: box(2), action: discrete(3), numObservations: 0, numFeatures: 9 },
  ],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}
const input = { numFeatures: 9, observationSize: 2, columns: 11 }
const memoryOf = (capacity: number, full = false) => new ReplayMemory(input, 3, full, capacity)

/** A step of `narrow` that is number n in all it says. */
const step = (n: number, known = true) =>
  stepByHand(spec, 1, {
    before: { featureRow: [-1, n], observation: [9, 9, 9, n + 0.25, n + 0.5, 9] },
    after: {
      featureRow: [-1, n + 1],
      observation: [9, 9, 9, n + 1.25, n + 1.5, 9],
      mask: [1, 1, 1, 1, 1, 0, n % 2, 1],
    },
    actions: [3, n % 3],
    reward: [99, 10 * n],
    ...(known ? { actionReward: [9, 9, 9, 9, n, n + 0.1, n + 0.2, 9] } : {}),
  })
const remember = (memory: ReplayMemory, from: number, to: number) => {
  for (let n = from; n <= to; n++) memory.add(step(n), 1, n / 8)
}
/** What a memory must hold of some steps, in this order. */
const columnsOf = (numbers: readonly number[], full = false) => ({
  featureRow: Int32Array.from(numbers),
  action: Int32Array.from(numbers, (n) => n % 3),
  nextFeatureRow: Int32Array.from(numbers, (n) => n + 1),
  reward: Float64Array.from(numbers, (n) => 10 * n),
  discount: Float64Array.from(numbers, (n) => n / 8),
  observation: Float32Array.from(numbers.flatMap((n) => [n + 0.25, n + 0.5])),
  nextObservation: Float32Array.from(numbers.flatMap((n) => [n + 1.25, n + 1.5])),
  nextMask: Uint8Array.from(numbers.flatMap((n) => [1, 0, n % 2])),
  actionReward: Float64Array.from(full ? numbers.flatMap((n) => [n, n + 0.1, n + 0.2]) : []),
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const joined = (...parts: { readonly [name: string]: NumberArray }[]) =>
  Object.fromEntries(
    Object.keys(parts[0]!).map((name) => {
      const arrays = parts.map((part) => part[name]!)
      const make = arrays[0]!.constructor as Int32ArrayConstructor
      return [name, make.from(arrays.flatMap((array) => [...array])) as NumberArray]
    }),
  )

describe('ReplayMemory', () => {
  it.each([false, true])('takes over the step of one agent, its own numbers only (all rewards: %s)', (full) => {
    const memory = memoryOf(3, full)
    remember(memory, 1, 3)
    expect([memory.count, memory.size]).toEqual([3, 3])
    expect(memory.columns).toEqual(columnsOf([1, 2, 3], full))
  })

  it('marks the rewards of other actions as unknown where nothing tells them', () => {
    const memory = memoryOf(1, true)
    memory.add(step(1, false), 1, 0)
    expect(memory.columns.actionReward).toEqual(Float64Array.of(Number.NaN, Number.NaN, Number.NaN))
  })

  it('forgets the oldest once it is full', () => {
    const memory = memoryOf(3)
    remember(memory, 1, 5)
    expect([memory.count, memory.size]).toEqual([5, 3])
    expect(memory.columns).toEqual(columnsOf([4, 5, 3]))
  })

  it.each([
    [10, 10, 10],
    [5000, 1024, 1024],
    [5000, 1025, 2049],
    [1500, 1025, 1500],
  ])('of capacity %i has, after %i steps, room for %i', (capacity, steps, room) => {
    const memory = memoryOf(capacity, true)
    expect(memory.columns.action).toHaveLength(Math.min(capacity, 1024))
    remember(memory, 1, steps)
    const { columns } = memory
    expect([columns.action.length, columns.observation.length, columns.nextMask.length]).toEqual([
      room,
      2 * room,
      3 * room,
    ])
    const { featureRow, nextObservation, actionReward } = columnsOf(range(1, steps), true)
    expect(columns.featureRow.subarray(0, steps)).toEqual(featureRow)
    expect(columns.nextObservation.subarray(0, 2 * steps)).toEqual(nextObservation)
    expect(columns.actionReward.subarray(0, 3 * steps)).toEqual(actionReward)
  })

  it('bootstraps where the value of what follows counts in some step', () => {
    const memory = memoryOf(2)
    expect(memory.bootstraps).toBe(false)
    memory.add(step(1), 1, 0)
    memory.add(step(2), 1, 0)
    expect(memory.bootstraps).toBe(false)
    memory.add(step(3), 1, 0.5)
    expect(memory.bootstraps).toBe(true)
    memory.add(step(4), 1, 0)
    expect(memory.bootstraps).toBe(true)
    memory.add(step(5), 1, 0)
    expect(memory.bootstraps).toBe(false)
  })
})

describe('what a replay memory tells and takes back', () => {
  it('tells steps once, oldest first, and of more than it has room for the last', () => {
    const memory = memoryOf(4, true)
    remember(memory, 1, 3)
    expect(memory.takeAdded()).toEqual(columnsOf([1, 2, 3], true))
    remember(memory, 4, 5)
    expect(memory.takeAdded()).toEqual(columnsOf([4, 5], true))
    expect(memory.takeAdded()).toEqual(columnsOf([], true))
    remember(memory, 6, 11)
    expect(memory.takeAdded()).toEqual(columnsOf([8, 9, 10, 11], true))
  })

  it.each([false, true])('is the same after it was put together from parts (all rewards: %s)', (full) => {
    const memory = memoryOf(4, full)
    const parts = [1, 3, 6].map((to, i) => {
      remember(memory, [1, 2, 4][i]!, to)
      return memory.takeAdded()
    })
    const other = memoryOf(4, full)
    const load = other.prepareLoad(6, joined(...parts))
    expect([other.count, other.takeAdded().action!.length]).toEqual([0, 0])
    load!()
    expect([other.count, other.size]).toEqual([6, 4])
    expect(other.columns).toEqual(columnsOf([5, 6, 3, 4], full))
    expect(other.takeAdded()).toEqual(columnsOf([], full))
    remember(other, 7, 7)
    expect(other.columns).toEqual(columnsOf([5, 6, 7, 4], full))
    expect(other.takeAdded()).toEqual(columnsOf([7], full))
  })

  it('is loaded in order where it is not full', () => {
    const memory = memoryOf(7)
    memory.prepareLoad(3, columnsOf([1, 2, 3]))!()
    expect([memory.count, memory.size]).toEqual([3, 3])
    expect(memory.columns).toEqual(columnsOf([1, 2, 3]))
  })

  it('grows again after it was loaded with room for no more than it held', () => {
    const memory = memoryOf(4)
    memory.prepareLoad(0, columnsOf([]))!()
    expect(memory.columns).toEqual(columnsOf([]))
    remember(memory, 1, 1)
    expect(memory.columns).toEqual(columnsOf([1]))
    remember(memory, 2, 5)
    expect(memory.columns).toEqual(columnsOf([5, 2, 3, 4]))
  })

  it('takes no count that is none, and no steps that are absent, too few or of other shapes', () => {
    const memory = memoryOf(4)
    remember(memory, 1, 2)
    const whole = columnsOf([1, 2, 3])
    const { action: _, ...without } = whole
    expect(memory.prepareLoad(3, whole)).not.toBeNull()
    for (const count of [undefined, '3', -1, 2.5, Number.NaN]) expect(memory.prepareLoad(count, whole)).toBeNull()
    expect(memory.prepareLoad(4, whole)).toBeNull()
    expect(memory.prepareLoad(5, whole)).toBeNull()
    expect(memory.prepareLoad(0, {})).toBeNull()
    expect(memory.prepareLoad(3, without)).toBeNull()
    expect(memory.prepareLoad(3, { ...whole, reward: Float32Array.from(whole.reward) })).toBeNull()
    expect(memory.prepareLoad(3, { ...whole, nextMask: new Uint8Array(8) })).toBeNull()
    expect(memory.prepareLoad(3, columnsOf([1, 2, 3], true))).toBeNull()
    expect([memory.count, [...memory.columns.reward.subarray(0, 2)]]).toEqual([2, [10, 20]])
  })
})
