import { describe, expect, it } from 'vitest'
import type { Env } from '../env.js'
import { matrixGameConfig } from '../matrix-game/config.js'
import { MatrixGame } from '../matrix-game/matrix-game.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { LockedDoor } from '../testing/locked-door.js'
import { type EnumerateOptions, isEnumerable, toJointMdp, toMdp } from './enumerate.js'
import type { TransitionSink } from './transition-sink.js'

const refused = (message: string | RegExp) =>
  expect.objectContaining({ code: 'ERR_NOT_ENUMERABLE', message: expect.stringMatching(message) })
const withSpec = (env: Env, changes: object) => Object.assign(env, { spec: { ...env.spec, ...changes } })
const square = (n: number) => {
  const payoffs = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  return new MatrixGame(matrixGameConfig.parse({ game: 'custom', payoffs, repetitions: 1 }))
}

describe('what can be enumerated', () => {
  it.each<[string, () => Env]>([
    ['states that are not numbered', () => withSpec(new LockedDoor(), { numStates: 0 })],
    ['no starts', () => Object.assign(new LockedDoor(), { startStates: undefined })],
    ['no states shown', () => Object.assign(new LockedDoor(), { showState: undefined })],
    ['no transitions', () => Object.assign(new LockedDoor(), { transitions: undefined })],
  ])('not an environment with %s', (_, make) => {
    expect(isEnumerable(make())).toBe(false)
    expect(() => toJointMdp(make())).toThrow(
      refused(
        /^locked-door: no finite model \(it needs spec\.numStates, startStates, showState and transitions\); evaluate by sampling$/,
      ),
    )
  })

  it('at most 4096 joint actions', () => {
    expect(toJointMdp(square(64)).numActions).toBe(4096)
    expect(() => toJointMdp(square(65))).toThrow(
      refused(/^matrix-game: 4225 joint actions, at most 4096 can be enumerated$/),
    )
  })

  it('as many transitions as are allowed', () => {
    expect(toMdp(new LockedDoor(), { maxTransitions: 6 }).successor).toHaveLength(6)
    expect(() => toMdp(new LockedDoor(), { maxTransitions: 5 })).toThrow(
      refused(/^locked-door: more than 5 transitions; evaluate by sampling$/),
    )
  })

  it('no more states than an array of 32-bit numbers has places', () => {
    // Refused however much memory there is, before any is taken.
    const vast = withSpec(new LockedDoor(), { numStates: 2 ** 31 })
    const opened = Object.assign(vast, {
      startStates: () => {
        throw new Error('it went on')
      },
    })
    expect(() => toJointMdp(opened, { maxBytes: 1e15 })).toThrow(
      refused(/looking through its 2147483648 states takes 38\.7 GB and 1000 TB are free/),
    )
  })
})

describe('the memory that enumeration may take', () => {
  const failing = (make: () => Env, options: EnumerateOptions) => () => toJointMdp(make(), options)

  it('is 18 bytes a state for looking through them', () => {
    const door = () => new LockedDoor()
    expect(failing(door, { maxBytes: 53 })).toThrow(refused(/looking through its 3 states takes 54 bytes/))
    expect(failing(door, { maxBytes: 54 })).toThrow(
      refused(
        /^locked-door: .*the 2 states found so far, of 3 actions, have about 4 transitions, which take 292 bytes while they are put together, and 54 bytes are free; make the environment smaller, or evaluate by sampling$/,
      ),
    )
  })

  it("counts agents' own rewards and costs together", () => {
    // Two states of 13 bytes, 8 rows of 12 and three numbers, 8 transitions of 12, twice.
    class Costly extends LeavingTeam {
      override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
        super.transitions(state, actions, { add: (next, p, r, end) => sink.add(next, p, r, end, 1, [5]) })
      }
    }
    const team = () => withSpec(new Costly(), { costs: ['fuel'] })
    expect(failing(team, { maxBytes: 700 })).toThrow(
      refused(/of 4 actions, have about 8 transitions, which take 820 bytes/),
    )
  })

  it('counts times where a step takes one of its own', () => {
    class Slow extends LockedDoor {
      override transitions(_: number, __: Int32Array, sink: TransitionSink) {
        sink.add(0, 1, [0], false, 2)
      }
    }
    // One state of 13 bytes, 3 rows of 12, 2 transitions of 12 and a time of 8, twice.
    expect(failing(() => new Slow(), { maxBytes: 177 })).toThrow(refused(/about 2 transitions, which take 178 bytes/))
    expect(failing(() => new Slow(), { maxBytes: 178 })).not.toThrow()
  })

  it('is told in GB from a thousand million bytes on', () => {
    const vast = () => withSpec(new LockedDoor(), { numStates: 1e13 })
    expect(failing(vast, { maxBytes: 1e9 })).toThrow(refused(/and 1\.00 GB are free/))
    expect(failing(vast, { maxBytes: 9.99e8 })).toThrow(refused(/and 999 MB are free/))
  })
})
