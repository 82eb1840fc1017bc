import { describe, expect, it } from 'vitest'
import { FrozenLake } from '../frozen-lake/frozen-lake.js'
import { gridworldConfig } from '../gridworld/config.js'
import { Gridworld } from '../gridworld/gridworld.js'
import { matrixGameConfig } from '../matrix-game/config.js'
import { MatrixGame } from '../matrix-game/matrix-game.js'
import { LockedDoor } from '../testing/locked-door.js'
import { TwoStep } from '../two-step/two-step.js'
import { gym } from './gym.js'

describe('gym', () => {
  it('has the names of Gymnasium: reset, step, observation, terminated, truncated, info', () => {
    const env = gym(new Gridworld(gridworldConfig.parse({ start: [0, 1], limitSteps: 2 })))
    expect(env.actionSpace).toEqual({ kind: 'discrete', n: 4, labels: ['north', 'east', 'south', 'west'] })
    expect(env.observationSpace.size).toBe(25)
    const { observation, info } = env.reset({ seed: 7 })
    expect(observation.indexOf(1)).toBe(1)
    expect(info).toEqual({ mask: Uint8Array.of(1, 1, 1, 1), observationId: 1, stateId: 1, quantities: {}, elapsed: 1 })
    const first = env.step(0)
    expect([first.reward, first.terminated, first.truncated, first.info.stateId]).toEqual([10, false, false, 21])
    const last = env.step(2)
    expect([last.reward, last.terminated, last.truncated]).toEqual([-1, false, true])
    expect(observation.indexOf(1)).toBe(1)
  })

  it('repeats an episode from its seed, and goes on in its stream without one', () => {
    const env = gym(new FrozenLake())
    const episode = (seed?: number) => {
      const states = [env.reset(seed === undefined ? {} : { seed }).info.stateId]
      for (let t = 0; t < 100; t++) {
        const { info, terminated, truncated } = env.step(t % 4)
        states.push(info.stateId)
        if (terminated || truncated) break
      }
      return states
    }
    const [first, second] = [episode(3), episode()]
    expect(episode(3)).toEqual(first)
    expect(episode()).toEqual(second)
    expect(second).not.toEqual(first)
    const unseeded = gym(new FrozenLake())
    unseeded.reset()
    expect(episode(0)[1]).toBe(unseeded.step(0).info.stateId)
  })

  it('names the quantities and shows the mask', () => {
    const env = gym(new LockedDoor())
    expect(env.reset().info.mask).toEqual(Uint8Array.of(1, 1, 0))
    expect(env.step(1).info.quantities).toEqual({ keys: 1 })
  })

  it('takes one agent only', () => {
    expect(() => gym(new TwoStep())).toThrow(/two-step.*one agent, got 2; use parallel/)
    const solo = matrixGameConfig.parse({ game: 'custom', payoffs: [1, 5], repetitions: 1 })
    const env = gym(new MatrixGame(solo))
    env.reset()
    expect(env.step(1)).toMatchObject({ reward: 5, terminated: true })
  })

  it('refuses steps before a reset and after the end', () => {
    const env = gym(new LockedDoor())
    expect(() => env.step(0)).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE' }))
    env.reset()
    env.step(1)
    expect(env.step(2).terminated).toBe(true)
    expect(() => env.step(0)).toThrow(/the episode has ended; call reset first/)
    env.reset()
    expect(env.step(0).terminated).toBe(false)
  })

  it.each([
    [2, /agent "walker": action 2 is masked; legal now: 0, 1/],
    [3, /outside 0\.\.2/],
    [-1, /outside/],
    [0.5, /outside/],
    [Number.NaN, /outside/],
    [[0], /expected one action, got \[0\]/],
  ])('refuses the action %j and takes no step', (action, message) => {
    const env = gym(new LockedDoor())
    env.reset()
    const illegal = expect.objectContaining({ code: 'ERR_ILLEGAL_ACTION', message: expect.stringMatching(message) })
    expect(() => env.step(action)).toThrow(illegal)
    expect(env.step(0).info.stateId).toBe(0)
  })
})
