import { describe, expect, it } from 'vitest'
import { garnetConfig } from '#env/garnet/config.js'
import { Garnet } from '#env/garnet/garnet.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { valueIteration } from '../planning/value-iteration.js'
import { onEachBackend } from '../testing/each-backend.js'
import { forest, modelOf } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { openBackend } from './backend.js'
import { tensorValueIteration } from './tensor-value-iteration.js'

/** A slow chain: sweeps close the span by 2% each. */
function slowChain(): TabularMdp {
  const stay = (s: number, reward: number) =>
    [
      [s, 0.99, reward],
      [1 - s, 0.01, reward],
    ] as const
  return modelOf([[stay(0, 0)], [stay(1, 1)]])
}

/** One row of `length` outcomes, all others of one. */
function unequalRows(length: number): TabularMdp {
  const wide = Array.from({ length }, (_, s) => [s, 1 / length, s % 2] as const)
  return modelOf([[wide], ...Array.from({ length: length - 1 }, (_, s) => [[[s, 1, 0] as const]])])
}

await onEachBackend((open, name) => {
  plannerConformance(
    {
      name: 'value-iteration',
      plan: async (mdp, options) => tensorValueIteration(await open()).plan(mdp, options),
    },
    { cases: name === 'webgpu' ? 2 : 10 },
  )

  it('refines what f32 resolves no more', async () => {
    const options = { discount: 0.999, epsilon: 1e-8 }
    const { value, iterations } = await tensorValueIteration(await open()).plan(slowChain(), options)
    const inF64 = valueIteration(slowChain(), options)
    // In this chain, from symmetry: v0 + v1 = 1 / (1 - gamma), v1 - v0 = 1 / (1 - 0.98 gamma).
    const apart = 1 / (1 - 0.98 * 0.999)
    expect(Math.abs(value[1]! - (1000 + apart) / 2)).toBeLessThanOrEqual(1e-8)
    expect(Math.abs(value[0]! - (1000 - apart) / 2)).toBeLessThanOrEqual(1e-8)
    expect(iterations).toBeLessThan(1.2 * inF64.iterations)
  })

  it('takes hardly more sweeps than in f64 where values are large beside epsilon', async () => {
    const mdp = toJointMdp(new Garnet(garnetConfig.parse({ states: 50, branching: 8 })), { observation: false })
    const options = { discount: 0.999, epsilon: 1e-7 }
    const { value, iterations } = await tensorValueIteration(await open()).plan(mdp, options)
    const inF64 = valueIteration(mdp, options)
    value.forEach((v, s) => {
      expect(Math.abs(v - inF64.value[s]!)).toBeLessThanOrEqual(1e-7)
    })
    expect(iterations).toBeLessThan(inF64.iterations + 15)
  })

  it('takes rows of very unequal length', async () => {
    const mdp = unequalRows(20)
    const options = { discount: 0.9, epsilon: 1e-7 }
    const { value } = await tensorValueIteration(await open()).plan(mdp, options)
    valueIteration(mdp, options).value.forEach((v, s) => {
      expect(Math.abs(v - value[s]!)).toBeLessThanOrEqual(1e-7)
    })
  })

  it('keeps no tensor: the count is flat over sweeps, and as before afterwards', async () => {
    const backend = await open()
    const { tf } = backend
    const before = { ...tf.memory() }
    const counts: number[] = []
    // Called at each read-back.
    const stack: typeof tf.stack = (tensors, axis) => {
      counts.push(tf.memory().numTensors)
      return tf.stack(tensors, axis)
    }
    const counting = tensorValueIteration({ ...backend, tf: { ...tf, stack } })
    await counting.plan(slowChain(), { discount: 0.9999, epsilon: 1e-6 })
    expect(counts.length).toBeGreaterThan(8)
    expect(new Set(counts).size).toBe(1)
    expect(tf.memory().numTensors).toBe(before.numTensors)
    expect(tf.memory().numBytes).toBe(before.numBytes)
    const limited = counting.plan(slowChain(), {
      discount: 0.9999,
      epsilon: 1e-9,
      maxIterations: 50,
    })
    await expect(limited).rejects.toMatchObject({ code: 'ERR_ITERATION_LIMIT' })
    expect(tf.memory().numTensors).toBe(before.numTensors)
  })
})

describe('tensorValueIteration', () => {
  const options = { discount: 0.9, epsilon: 1e-6 }

  it('refuses what padding would blow up, with numbers, before it takes any memory', async () => {
    const backend = await openBackend('cpu')
    const { numTensors } = backend.tf.memory()
    const small = tensorValueIteration(backend, { maxBytes: 20_000 })
    // 50 rows of 50 places, 16 bytes each, though there are 99 outcomes only.
    await expect(small.plan(unequalRows(50), options)).rejects.toMatchObject({
      code: 'ERR_NOT_ENUMERABLE',
      message: expect.stringMatching(
        /0\.000020 GB, but 50 rows padded to the longest, of 50 outcomes, take 0\.000040 GB \(0\.0000016 GB without/,
      ),
    })
    expect(backend.tf.memory().numTensors).toBe(numTensors)
  })

  it('stays on its own backend where two plan at a time', async () => {
    const planning = (['wasm', 'cpu'] as const).map(async (name) => {
      const backend = await openBackend(name)
      const { tf } = backend
      const used = new Set<string>()
      // Called at each read-back.
      const stack: typeof tf.stack = (tensors, axis) => {
        used.add(tf.getBackend())
        return tf.stack(tensors, axis)
      }
      await tensorValueIteration({ ...backend, tf: { ...tf, stack } }).plan(slowChain(), options)
      return [...used]
    })
    expect(await Promise.all(planning)).toEqual([['wasm'], ['cpu']])
  })

  it('answers even where f32 overflows, from what f64 finds alone', async () => {
    const { reward } = forest()
    const rich = { ...forest(), reward: reward.map((r) => r * 1e38) }
    const { value } = await tensorValueIteration(await openBackend('cpu')).plan(rich, { discount: 0.9, epsilon: 1e30 })
    const { value: expected } = valueIteration(forest(), { discount: 0.9, epsilon: 1e-9 })
    value.forEach((v, s) => {
      expect(v / 1e38).toBeCloseTo(expected[s]!, 6)
    })
  })
})
