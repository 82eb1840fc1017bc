import { describe, expect, it } from 'vitest'
import { gridworldConfig } from '../gridworld/config.js'
import { Gridworld } from '../gridworld/gridworld.js'
import { type Autoreset, AutoresetEnv } from './autoreset.js'

/** A corridor 0..4, one row ends after two steps to the east. */
const make = (autoreset: Autoreset) => {
  const config = { preset: 'empty', rows: 1, columns: 5, start: [0, 0], terminals: [{ at: [0, 2], reward: 1 }] }
  return new AutoresetEnv(() => new Gridworld(gridworldConfig.parse(config)), 2, { autoreset, seed: 1 })
}
const EAST = 1
const WEST = 3

describe('AutoresetEnv', () => {
  it('next-step: the step after an end ignores the action, resets and pays nothing', () => {
    const env = make('next-step')
    env.reset()
    env.step(Int32Array.of(EAST, WEST))
    env.step(Int32Array.of(EAST, WEST))
    expect([...env.views.stateId]).toEqual([2, 0])
    expect([...env.views.terminated]).toEqual([1, 0])
    expect([...env.ended]).toEqual([1, 0])
    env.step(Int32Array.of(EAST, EAST))
    expect([...env.views.stateId]).toEqual([0, 1])
    expect([...env.views.reward]).toEqual([0, 0])
    expect([...env.views.terminated]).toEqual([0, 0])
    env.step(Int32Array.of(EAST, EAST))
    expect([...env.views.stateId]).toEqual([1, 2])
    expect([...env.views.reward]).toEqual([0, 1])
  })

  it('disabled: the caller resets the rows that ended, and only those', () => {
    const env = make('disabled')
    env.reset()
    env.step(Int32Array.of(EAST, EAST))
    env.step(Int32Array.of(EAST, WEST))
    expect(() => env.step(Int32Array.of(EAST, WEST))).toThrow(/row 0 has ended; reset it first/)
    env.reset(Uint8Array.of(1, 0))
    env.step(Int32Array.of(EAST, EAST))
    expect([...env.views.stateId]).toEqual([1, 1])
  })

  it('refuses steps before a reset and wrong numbers of rows or actions', () => {
    const env = make('next-step')
    expect(() => env.step(new Int32Array(2))).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE' }))
    env.reset()
    expect(() => env.step(new Int32Array(3))).toThrow(/expected 2 x 1 actions, got 3/)
    expect(() => new AutoresetEnv(() => new Gridworld(), 0, { autoreset: 'disabled', seed: 1 })).toThrow(/1 or more/)
  })
})
