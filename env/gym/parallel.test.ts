import { describe, expect, it } from 'vitest'
import { Env, type EnvState } from '../env.js'
import type { Slot } from '../slot.js'
import { discrete, multiDiscrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { LockedDoor } from '../testing/locked-door.js'
import { TwoStep } from '../two-step/two-step.js'
import { parallel } from './parallel.js'

const hunters = {
  id: 'hunters',
  version: '1',
  agents: [
    {
      name: 'lynx',
      observation: { kind: 'box', size: 1, low: 0, high: 9 },
      action: multiDiscrete([2, 3]),
      numObservations: 0,
    },
    { name: 'hare', observation: { kind: 'box', size: 2, low: 0, high: 9 }, action: discrete(2), numObservations: 0 },
  ],
  numStates: 0,
  stateSize: 2,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: 3,
} as const satisfies EnvSpec

/** The hare leaves in the first step; the lynx is paid 3 for its first choice and 1 for its second, and goes on to the limit. */
class Hunters extends Env<typeof hunters> {
  readonly spec = hunters
  #slot!: Slot
  #time = 0

  override bind(slot: Slot): void {
    this.#slot = slot
    // The lynx chooses among 2 and 3, the hare among 2 once.
    slot.mask.set([1, 1, 0, 1, 1, 1, 1, 1, 0])
  }
  override reset(): void {
    this.#time = -1
    this.step(Int32Array.of(0, 0, 0, 0))
    this.#slot.alive.fill(1)
  }
  override step(actions: Int32Array): void {
    this.#time++
    this.#slot.alive[1] = 0
    this.#slot.reward.set([3 * actions[0]! + actions[1]!, this.#time])
    this.#slot.observation.set([this.#time, 0, 7, 8])
    this.#slot.state.set([this.#time, 5])
    this.#slot.terminated[0] = 0
    this.#slot.truncated[0] = this.#time === 3 ? 1 : 0
  }
  override saveState(): EnvState {
    return { time: this.#time }
  }
  override loadState(): void {}
}

describe('parallel', () => {
  it("has the names of PettingZoo's parallel API, keyed by agent", () => {
    const env = parallel(new TwoStep())
    expect(env.possibleAgents).toEqual(['agent-0', 'agent-1'])
    expect(env.agents).toEqual([])
    const { observations, infos } = env.reset({ seed: 1 })
    expect(observations['agent-1']).toEqual(Float32Array.of(1, 0, 0))
    expect(infos['agent-0'].mask).toEqual(Uint8Array.of(1, 1))
    expect(env.agents).toEqual(['agent-0', 'agent-1'])
    env.step({ 'agent-0': 1, 'agent-1': 0 })
    expect(env.state()).toEqual(Float32Array.of(0, 0, 1))
    const last = env.step({ 'agent-0': 1, 'agent-1': 1 })
    expect(last.rewards).toEqual({ 'agent-0': 8, 'agent-1': 8 })
    expect(last.terminations).toEqual({ 'agent-0': true, 'agent-1': true })
    expect(last.truncations).toEqual({ 'agent-0': false, 'agent-1': false })
    expect(env.agents).toEqual([])
  })

  it('fails to compile for an agent that a literal spec does not have, and fails at run time', () => {
    const env = parallel(new TwoStep())
    env.reset()
    // @ts-expect-error the two-step game has no agent-2
    const step = () => env.step({ 'agent-0': 0, 'agent-1': 0, 'agent-2': 0 })
    expect(step).toThrow(
      expect.objectContaining({
        code: 'ERR_UNKNOWN_AGENT',
        message: 'unknown agent "agent-2"; this environment has agent-0, agent-1',
      }),
    )
    // @ts-expect-error nor has its record of rewards
    expect(env.step({ 'agent-0': 0, 'agent-1': 0 }).rewards['agent-2']).toBe(undefined)
    // @ts-expect-error nor a space for it
    expect(() => env.actionSpace('agent-2')).toThrow(/unknown agent/)
    expect(env.actionSpace('agent-1')).toMatchObject({ n: 2 })
    expect(env.observationSpace('agent-0').size).toBe(3)
  })

  it('checks names that come from config at run time', () => {
    const env = parallel(new LockedDoor())
    env.reset()
    expect(() => env.step({ burglar: 0 })).toThrow(/unknown agent "burglar"; this environment has walker/)
    expect(env.step({ walker: 0 }).rewards.walker).toBeLessThanOrEqual(0)
  })

  it('refuses missing, masked and unknown actions, and steps outside an episode', () => {
    const env = parallel(new LockedDoor())
    expect(() => env.step({ walker: 0 })).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE' }))
    env.reset()
    const illegal = (message: RegExp) =>
      expect.objectContaining({ code: 'ERR_ILLEGAL_ACTION', message: expect.stringMatching(message) })
    expect(() => env.step({})).toThrow(illegal(/"walker": no action given/))
    expect(() => env.step({ walker: 2 })).toThrow(illegal(/masked/))
    env.step({ walker: 1 })
    env.step({ walker: 2 })
    expect(() => env.step({ walker: 0 })).toThrow(/the episode has ended/)
  })

  it('lets agents leave before the end: they need no action, their records stay', () => {
    const env = parallel(new Hunters())
    env.reset()
    expect(env.agents).toEqual(['lynx', 'hare'])
    const first = env.step({ lynx: [1, 2], hare: 0 })
    expect(first.rewards).toEqual({ lynx: 5, hare: 1 })
    expect(first.terminations).toEqual({ lynx: false, hare: true })
    expect(first.observations).toEqual({ lynx: Float32Array.of(1), hare: Float32Array.of(7, 8) })
    expect(env.agents).toEqual(['lynx'])
    expect(env.step({ lynx: [1, 0] }).rewards.lynx).toBe(3)
    const last = env.step({ lynx: [0, 0] })
    expect(last.truncations).toEqual({ lynx: true, hare: false })
    expect(last.terminations).toEqual({ lynx: false, hare: true })
  })

  it('takes the choices of a multi-discrete space', () => {
    const env = parallel(new Hunters())
    env.reset()
    const { infos } = env.reset()
    expect([...infos.lynx.mask]).toEqual([1, 1, 1, 1, 1])
    expect([...infos.hare.mask]).toEqual([1, 1])
    expect(() => env.step({ lynx: [2, 0], hare: 0 })).toThrow(/choice 0: action 2 lies outside 0\.\.1/)
    expect(() => env.step({ lynx: [1], hare: 0 })).toThrow(/expected a list of 2 choices, got \[1\]/)
    expect(() => env.step({ lynx: 1, hare: 0 })).toThrow(/expected a list of 2 choices, got 1/)
    expect(env.step({ lynx: [1, 0], hare: 0 }).rewards.lynx).toBe(3)
  })
})
