import { afterEach, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { NonFiniteError, ShapeError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry, LearnerGroup } from '../learner.js'
import type { TensorBackend } from '../tensor/backend.js'
import { actionsFor, contextFor } from './make-learner.js'

const DISCOUNT = 0.9

/**
 * What the tensor form of a learner promises besides what every learner does, on one backend:
 * `describe('x', () => tensorFormConformance(x, make, open))`.
 * @param settings - of the learner
 */
export function tensorFormConformance(
  entry: LearnerEntry,
  make: () => Env,
  open: () => Promise<TensorBackend>,
  settings: object = {},
): void {
  const made: LearnerGroup[] = []
  afterEach(() => {
    for (const group of made.splice(0)) group.dispose()
  })
  const totalSteps = 20_000
  const config = (more: object) => entry.schema.parse({ ...settings, ...more })
  const envOf = (seed: string, rows: number) => {
    const env = new VectorEnv(make, rows, `${seed}/env`)
    env.reset()
    return env
  }
  const contextOf = (env: VectorEnv, seed: string) =>
    contextFor(env, { discount: DISCOUNT, totalSteps, rng: new Rng(`${seed}/learner`) })
  const start = async (seeds: readonly string[], rows: number, more: object) => {
    const envs = seeds.map((seed) => envOf(seed, rows))
    const backend = await open()
    const contexts = envs.map((env, g) => contextOf(env, seeds[g]!))
    const group = await entry.forms.tensors!(contexts, config(more), backend)
    made.push(group)
    const actions = envs.map(actionsFor)
    const views = envs.map(({ current }) => current)
    const run = async (steps: number) => {
      for (let k = 0; k < steps; k++) {
        await group.act(views, actions)
        await group.update(envs.map((env, g) => env.step(actions[g]!)))
      }
      await group.settle()
    }
    return { envs, views, group, actions, run, tf: backend.tf }
  }

  // Exploring in every step, both forms draw the same actions, whatever they have learned.
  it.each([
    { rows: 1, steps: 400 },
    { rows: 64, steps: 60 },
  ])('equals the arrays given the same transitions, to 1e-5 ($rows rows)', async ({ rows, steps }) => {
    const { envs, views, group, actions } = await start(['same'], rows, { exploration: 1 })
    const env = envs[0]!
    const arrays = await entry.forms.arrays!(contextOf(env, 'same'), config({ exploration: 1 }))
    const expected = new Int32Array(actions[0]!.length)
    for (let k = 0; k < steps; k++) {
      arrays.act(env.current, expected)
      await group.act(views, actions)
      expect(actions[0]).toEqual(expected)
      const transition = env.step(expected)
      arrays.update(transition)
      await group.update([transition])
    }
    await group.settle()
    const known = arrays.saveState().arrays.values!
    const found = group.members[0]!.saveState().arrays.values!
    expect(found.length).toBe(known.length)
    let moved = 0
    known.forEach((value, entry) => {
      if (value !== 0) moved++
      if (value === found[entry]) return
      expect(Math.abs(found[entry]! - value), `entry ${entry}`).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)))
    })
    expect(moved).toBeGreaterThan(0)
    const told = group.members[0]!.metrics!()
    for (const [name, value] of Object.entries(arrays.metrics!())) {
      expect(Math.abs(told[name]! - value), name).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(value)))
    }
  })

  it('gives a member the same, bit for bit, alone and among others', async () => {
    const settings = { exploration: 0.3 }
    const alone = await start(['b'], 3, settings)
    await alone.run(120)
    const among = await start(['a', 'b', 'c'], 3, settings)
    await among.run(120)
    expect(among.group.members[1]!.saveState()).toEqual(alone.group.members[0]!.saveState())
    expect(among.group.members[0]!.saveState()).not.toEqual(alone.group.members[0]!.saveState())
  })

  it('lets a member leave: it stays as it is, and the others go on as before', async () => {
    const settings = { exploration: 0.3 }
    const whole = await start(['a', 'b'], 3, settings)
    const parted = await start(['a', 'b'], 3, settings)
    await whole.run(40)
    await parted.run(40)
    const left = structuredClone(parted.group.members[0]!.saveState())
    parted.group.leave(0)
    await whole.run(40)
    await parted.run(40)
    expect(parted.group.members[1]!.saveState()).toEqual(whole.group.members[1]!.saveState())
    expect(parted.group.members[0]!.saveState()).toEqual(left)
  })

  it('acts on the lowest of equal values', async () => {
    const { views, group, actions } = await start(['ties'], 16, { exploration: 0, initialValue: 1 })
    await group.act(views, actions)
    const greedy = new Int32Array(actions[0]!.length)
    group.members[0]!.policy().act(views[0]!, new Rng('unused'), greedy)
    expect(actions[0]).toEqual(greedy)
  })

  it.each([-1, 1_000_000])(
    'refuses the number %i of an observation or state before a device reads there',
    async (id) => {
      const { envs, views, group, actions } = await start(['outside'], 2, { exploration: 0.5 })
      await group.act(views, actions)
      const transition = envs[0]!.step(actions[0]!)
      const { before, after } = transition
      const current = views[0]!
      for (const { observationId, stateId } of [before, after, current]) {
        observationId.fill(id)
        stateId.fill(id)
      }
      await expect(async () => group.update([transition])).rejects.toThrowError(ShapeError)
      await expect(async () => group.act(views, actions)).rejects.toThrowError(/Id in 0\.\.\d+/)
    },
  )

  it('refuses rewards that f32 cannot learn from', async () => {
    const { envs, views, group, actions } = await start(['huge'], 2, { exploration: 1 })
    await group.act(views, actions)
    const transition = envs[0]!.step(actions[0]!)
    transition.reward.fill(1e31)
    await expect(async () => group.update([transition])).rejects.toThrowError(NonFiniteError)
  })

  it('refuses to save what has not been read back', async () => {
    const { envs, views, group, actions } = await start(['early'], 2, {})
    await group.act(views, actions)
    await group.update([envs[0]!.step(actions[0]!)])
    expect(() => group.members[0]!.saveState()).toThrowError(/await settle\(\) first/)
  })

  it('keeps the number of tensors and their bytes flat, and frees them all', async () => {
    const { tf } = await open()
    const before = tf.memory()
    const { group, run } = await start(['flat', 'even'], 4, { exploration: 0.5 })
    await run(30)
    const early = tf.memory()
    await run(100)
    const late = tf.memory()
    expect([late.numTensors, late.numBytes]).toEqual([early.numTensors, early.numBytes])
    group.dispose()
    const after = tf.memory()
    expect([after.numTensors, after.numBytes]).toEqual([before.numTensors, before.numBytes])
    made.splice(made.indexOf(group), 1)
  })
}
