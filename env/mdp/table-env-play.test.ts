import { beforeEach, describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots, type Slot } from '../slot.js'
import { TableEnv, type TableEnvOptions } from './table-env.js'

/**
 * Starts in 0 or 1, a quarter and three quarters. State 0 stays for certain; state 1 goes to 0, 1 or 2 with 0.25, 0.5 and 0.25, worth
 * 10, 20 and 30; 2 is the end.
 */
const table = {
  numStates: 3,
  actionLabels: ['go'],
  rowStart: Int32Array.of(0, 1, 4, 4),
  successor: Int32Array.of(0, 0, 1, 2),
  probability: Float64Array.of(1, 0.25, 0.5, 0.25),
  reward: Float64Array.of(5, 10, 20, 30),
  terminal: Uint8Array.of(0, 0, 1),
  start: Float64Array.of(0.25, 0.75, 0),
}
const options: TableEnvOptions = { id: 'three', version: '7', limitSteps: null, limitAs: 'truncated' }
const go = Int32Array.of(0)

let slot: Slot
/** An environment in `slot`, not yet reset. */
function bound(changes: Partial<typeof table> = {}, more: Partial<TableEnvOptions> = {}, observation = true): TableEnv {
  const env = new TableEnv({ ...table, ...changes }, { ...options, ...more })
  slot = allocateSlots(env.spec, 1, { observation }).rows[0]!
  env.bind(slot)
  return env
}

describe('a table in play', () => {
  let rng: Rng
  let same: Rng
  beforeEach(() => {
    rng = new Rng('three')
    same = new Rng('three')
  })

  it('draws a start and each outcome by the sums of probabilities along its own row', () => {
    const env = bound()
    const seen = new Set<number>()
    for (let episode = 0; episode < 100; episode++) {
      env.reset(rng)
      const start = same.uniform() < 0.25 ? 0 : 1
      expect([slot.stateId[0], slot.reward[0], slot.terminated[0], slot.truncated[0]]).toEqual([start, 0, 0, 0])
      env.step(go)
      if (start === 0) {
        // Certain: nothing is drawn.
        expect([slot.stateId[0], slot.reward[0]]).toEqual([0, 5])
        continue
      }
      const draw = same.uniform()
      const next = draw < 0.25 ? 0 : draw < 0.75 ? 1 : 2
      seen.add(next)
      expect([slot.stateId[0], slot.reward[0], slot.terminated[0]]).toEqual([next, 10 * (next + 1), next === 2 ? 1 : 0])
    }
    expect(seen.size).toBe(3)
  })

  it('takes the next outcome where the draw is just the sum of those before', () => {
    const env = bound({ start: Float64Array.of(0, 1, 0) })
    const drawn = Object.assign(new Rng('drawn'), { uniform: () => 0.25 })
    env.reset(drawn)
    env.step(go)
    expect(slot.stateId[0]).toBe(1)
  })

  it('takes the last outcome where rounding leaves the sum below the draw', () => {
    const env = bound({ start: Float64Array.of(0, 1, 0), probability: Float64Array.of(1, 0.25, 0.5, 0.25 - 1e-9) })
    const drawn = Object.assign(new Rng('drawn'), { uniform: () => 1 - 1e-10 })
    env.reset(drawn)
    env.step(go)
    expect(slot.stateId[0]).toBe(2)
  })

  it('draws no start where only one is possible', () => {
    const env = bound({ start: Float64Array.of(1, 0, 0) })
    env.reset(rng)
    env.step(go)
    expect(slot.stateId[0]).toBe(0)
    expect(rng.uniform()).toBe(same.uniform())
  })

  it('shows the state as a one-hot vector where somebody reads it', () => {
    const env = bound()
    const drawn = Object.assign(new Rng('drawn'), { uniform: () => 0.9 })
    env.reset(drawn)
    expect([...slot.observation]).toEqual([0, 1, 0])
    env.step(go)
    expect([...slot.observation]).toEqual([0, 0, 1])
    expect([slot.observationId[0], slot.stateId[0]]).toEqual([2, 2])
    bound({}, {}, false).reset(drawn)
    expect(slot.observation).toEqual(new Float32Array(0))
  })

  it.each(['truncated', 'terminated'] as const)('sets %s at the limit of steps, and not before', (limitAs) => {
    const env = bound({ start: Float64Array.of(1, 0, 0) }, { limitSteps: 2, limitAs })
    const flags = () => [slot.terminated[0], slot.truncated[0]]
    const atLimit = limitAs === 'truncated' ? [0, 1] : [1, 0]
    for (let episode = 0; episode < 2; episode++) {
      env.reset(rng)
      expect(flags()).toEqual([0, 0])
      env.step(go)
      expect(flags()).toEqual([0, 0])
      env.step(go)
      expect(flags()).toEqual(atLimit)
    }
  })

  it.each(['truncated', 'terminated'] as const)(
    'an end of its own at the limit is terminated alone (%s)',
    (limitAs) => {
      const env = bound({ start: Float64Array.of(0, 1, 0) }, { limitSteps: 1, limitAs })
      env.reset(Object.assign(new Rng('drawn'), { uniform: () => 0.9 }))
      env.step(go)
      expect([slot.stateId[0], slot.terminated[0], slot.truncated[0]]).toEqual([2, 1, 0])
    },
  )

  it('goes on for ever without a limit', () => {
    const env = bound({ start: Float64Array.of(1, 0, 0) })
    env.reset(rng)
    for (let step = 0; step < 1000; step++) env.step(go)
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([0, 0])
  })

  it('goes on from what was saved: state, steps, generator and flags', () => {
    const env = bound({ start: Float64Array.of(0, 1, 0) }, { limitSteps: 3 })
    // Stays in state 1 twice.
    env.reset(Object.assign(new Rng('saved'), { uniform: () => 0.5 }))
    env.step(go)
    const saved = env.saveState()
    expect(saved).toEqual({ state: 1, stepsTaken: 1, rng: [...new Rng('saved').saveState()] })
    const other = bound({ start: Float64Array.of(1, 0, 0) }, { limitSteps: 3 })
    other.loadState(saved)
    expect([slot.stateId[0], slot.observationId[0], slot.terminated[0], slot.truncated[0]]).toEqual([1, 1, 0, 0])
    expect(other.saveState()).toEqual(saved)
    other.loadState({ ...saved, state: 0, stepsTaken: 2 })
    other.step(go)
    expect([slot.stateId[0], slot.truncated[0]]).toEqual([0, 1])
    other.loadState({ ...saved, state: 1, stepsTaken: 3 })
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([0, 1])
    other.loadState({ ...saved, state: 2, stepsTaken: 0 })
    expect([slot.terminated[0], slot.truncated[0]]).toEqual([1, 0])
    const draw = new Rng('saved').uniform()
    other.loadState(saved)
    other.step(go)
    expect(slot.stateId[0]).toBe(draw < 0.25 ? 0 : draw < 0.75 ? 1 : 2)
  })

  it('loads into its own generator, the one it was reset with', () => {
    const env = bound()
    env.reset(rng)
    const saved = env.saveState()
    env.step(go)
    env.loadState(saved)
    expect([...rng.saveState()]).toEqual(saved.rng)
  })
})
