import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { envConformance } from '../testing/env-conformance.js'
import { VectorEnv } from '../vector-env.js'
import { CartPole } from './cart-pole.js'
import { cartPoleConfig } from './config.js'

const make = (config: object = {}) => new CartPole(cartPoleConfig.parse(config))

/** An environment in a given state, and its slot. */
function started(state: readonly number[], config: object = {}) {
  const env = make(config)
  const slot = allocateSlots(env.spec, 1).rows[0]!
  env.bind(slot)
  env.injectInitial({ state })
  return { env, slot }
}

describe('cart-pole', () => {
  envConformance(() => make())
})

describe('cart-pole with a short limit that terminates', () => {
  envConformance(() => make({ maxSteps: 7, limitAs: 'terminated' }))
})

describe('cart-pole dynamics', () => {
  it('pushes an upright pole as the equations say, worked by hand', () => {
    const { env, slot } = started([0, 0, 0, 0])
    env.step(Int32Array.of(1))
    // temp = 10/1.1; thetaAcc = -temp / (0.5 (4/3 - 0.1/1.1)) = -600/41; xAcc = temp - 0.05 thetaAcc / 1.1 = 400/41.
    const expected = [0, (0.02 * 400) / 41, 0, (-0.02 * 600) / 41]
    expected.forEach((value, k) => {
      expect(slot.observation[k]).toBeCloseTo(value, 7)
    })
  })

  it('mirrors: the opposite state pushed the opposite way stays opposite', () => {
    const state = [0.3, -0.2, 0.1, 0.4]
    const one = started(state)
    const other = started(state.map((value) => -value))
    for (const action of [0, 1, 1, 0, 1]) {
      one.env.step(Int32Array.of(action))
      other.env.step(Int32Array.of(1 - action))
      expect([...other.slot.observation]).toEqual([...one.slot.observation].map((value) => -value))
    }
  })

  it('steps with the old derivatives, and without an action to stay at rest', () => {
    const { env, slot } = started([1, 0.5, 0.1, -0.5])
    env.step(Int32Array.of(0))
    expect(slot.observation[0]).toBeCloseTo(1 + 0.02 * 0.5, 7)
    expect(slot.observation[2]).toBeCloseTo(0.1 - 0.02 * 0.5, 7)
  })
})

describe('how cart-pole starts and ends', () => {
  it.each([
    ['right', [2.399, 1, 0, 0]],
    ['left', [-2.399, -1, 0, 0]],
    ['forward', [0, 0, 0.2094, 1]],
    ['backward', [0, 0, -0.2094, -1]],
  ])('terminates %s of its bounds, and pays for the last step', (_, state) => {
    const { env, slot } = started(state)
    expect(slot.terminated[0]).toBe(0)
    env.step(Int32Array.of(0))
    expect([slot.terminated[0], slot.truncated[0], slot.reward[0]]).toEqual([1, 0, 1])
  })

  it.each([
    ['truncated', 0, 1],
    ['terminated', 1, 0],
  ])('ends at the limit as %s', (limitAs, terminated, truncated) => {
    const { env, slot } = started([0, 0, 0, 0], { maxSteps: 2, limitAs })
    env.step(Int32Array.of(0))
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([0, 0])
    env.step(Int32Array.of(1))
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([terminated, truncated])
  })

  it('falling in the step of the limit is terminated alone', () => {
    const { env, slot } = started([0, 0, 0.2094, 1], { maxSteps: 1 })
    env.step(Int32Array.of(0))
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([1, 0])
  })

  it('never ends by a limit that is null', () => {
    const { env, slot } = started([0, 0, 0, 0], { maxSteps: null })
    const balance = (theta: number, omega: number) => (theta + 0.3 * omega > 0 ? 1 : 0)
    for (let t = 0; t < 600; t++) env.step(Int32Array.of(balance(slot.observation[2]!, slot.observation[3]!)))
    expect(env.saveState().stepsTaken).toBe(600)
    expect([slot.truncated[0], env.spec.limitSteps]).toEqual([0, null])
  })

  it('draws every number of the start from [-0.05, 0.05)', () => {
    const vector = new VectorEnv(() => make(), 2000, 'starts')
    vector.reset()
    const { observation } = vector.current
    for (let k = 0; k < 4; k++) {
      const numbers = observation.filter((_, i) => i % 4 === k)
      const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
      const variance = numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length
      expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.05))
      expect(Math.abs(mean)).toBeLessThan(0.004)
      expect(Math.abs(variance - 0.1 ** 2 / 12)).toBeLessThan(1e-4)
    }
  })

  it('writes no observation where there is no room for it, and plays on all the same', () => {
    const env = make()
    const slot = allocateSlots(env.spec, 1, { observation: false, state: false }).rows[0]!
    env.bind(slot)
    env.reset(new Rng('blind'))
    env.step(Int32Array.of(1))
    expect([slot.observation.length, slot.state.length, slot.reward[0]]).toEqual([0, 0, 1])
  })
})

describe('what cart-pole refuses', () => {
  it.each([
    [{}, /state/],
    [{ state: [0, 0, 0] }, /state/],
    [{ state: [0, 0, 0, 'x'] }, /state: 3/],
    [{ state: [0, 0, 0, 0], wind: 1 }, /wind/],
    [null, /expected object/],
  ])('starts from %j', (initial, message) => {
    const { env } = started([0, 0, 0, 0])
    expect(() => env.injectInitial(initial)).toThrow(
      expect.objectContaining({ code: 'ERR_STATE', message: expect.stringMatching(message) }),
    )
  })

  it('settings out of range', () => {
    expect(cartPoleConfig.safeParse({ maxSteps: 0 }).success).toBe(false)
    expect(cartPoleConfig.safeParse({ limitAs: 'done' }).success).toBe(false)
    expect(cartPoleConfig.safeParse({ limitSteps: 5 }).success).toBe(false)
  })

  it('saving before the first reset', () => {
    expect(() => make().saveState()).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE' }))
  })
})
