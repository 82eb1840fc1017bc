import { describe, expect, it } from 'vitest'
import { frozenLakeConfig } from './frozen-lake/config.js'
import { FrozenLake } from './frozen-lake/frozen-lake.js'
import { gridworldConfig } from './gridworld/config.js'
import { Gridworld } from './gridworld/gridworld.js'
import { matrixGameConfig } from './matrix-game/config.js'
import { MatrixGame } from './matrix-game/matrix-game.js'
import { Rng } from './rng.js'
import type { Slot } from './slot.js'
import { sampleMasked } from './space.js'
import { ContraryTeam } from './testing/contrary-team.js'
import { LeavingTeam } from './testing/leaving-team.js'
import { LockedDoor } from './testing/locked-door.js'
import { TwoDials } from './testing/two-dials.js'
import { TwoStep } from './two-step/two-step.js'
import { VectorEnv, type VectorEnvState } from './vector-env.js'

describe('VectorEnv', () => {
  it('gives back whole transitions: what was acted on, what was done and earned, what followed before any reset', () => {
    const vector = new VectorEnv(() => new TwoStep(), 2, 'whole')
    vector.reset()
    const { before, after, ended, terminated, reward, actions } = vector.step(Int32Array.of(0, 0, 1, 1))
    expect([...ended, ...reward]).toEqual([0, 0, 0, 0, 0, 0])
    expect([[...before.stateId], [...after.stateId]]).toEqual([
      [0, 0],
      [1, 2],
    ])
    expect([...vector.current.stateId]).toEqual([1, 2])
    vector.step(Int32Array.of(1, 1, 1, 1))
    expect([...actions]).toEqual([1, 1, 1, 1])
    expect([...ended, ...terminated]).toEqual([1, 1, 1, 1])
    expect([...reward]).toEqual([7, 7, 8, 8])
    expect([...before.stateId]).toEqual([1, 2])
    expect([...after.stateId]).toEqual([3, 3])
    expect([...after.observationId]).toEqual([3, 3, 3, 3])
    expect([...after.observation]).toEqual(new Array(12).fill(0))
    expect([...after.state]).toEqual(new Array(6).fill(0))
    // The rows have begun anew.
    expect([...vector.current.stateId]).toEqual([0, 0])
    expect([...vector.current.observation]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0])
    vector.step(Int32Array.of(0, 0, 0, 0))
    expect([...before.stateId]).toEqual([0, 0])
    expect([...terminated, ...ended]).toEqual([0, 0, 0, 0])
  })

  it('keeps the last mask and the quantities of the last step', () => {
    const vector = new VectorEnv(() => new LockedDoor(), 1, 'mask')
    const { before, after, quantities, ended, reward } = vector.transition
    vector.reset()
    expect([...vector.current.mask]).toEqual([1, 1, 0])
    vector.step(Int32Array.of(1))
    expect([...vector.current.mask]).toEqual([1, 1, 1])
    expect([...before.mask]).toEqual([1, 1, 0])
    expect(quantities[0]).toBe(1)
    vector.step(Int32Array.of(2))
    expect([ended[0], reward[0], quantities[0]]).toEqual([1, 1, 0])
    expect([...vector.current.mask]).toEqual([1, 1, 0])
    expect([...before.mask]).toEqual([1, 1, 1])
    expect([...after.mask]).toEqual([1, 1, 0])
    expect(after.stateId[0]).toBe(2)
  })

  it('never merges truncation with termination', () => {
    const config = gridworldConfig.parse({ limitSteps: 2, start: [4, 4] })
    const vector = new VectorEnv(() => new Gridworld(config), 1, 'cut')
    vector.reset()
    vector.step(Int32Array.of(3))
    const { ended, terminated, truncated, after } = vector.step(Int32Array.of(3))
    expect([ended[0], terminated[0], truncated[0]]).toEqual([1, 0, 1])
    expect([after.observationId[0], vector.current.observationId[0]]).toEqual([22, 24])
    expect(after.observation.indexOf(1)).toBe(22)
  })

  it("says who acts before and after, and takes -1 for those who don't", () => {
    const vector = new VectorEnv(() => new LeavingTeam(), 1, 'leaving')
    vector.reset()
    const { before, after, actions, reward } = vector.step(Int32Array.of(1, 1))
    expect([[...before.alive], [...after.alive], [...reward]]).toEqual([
      [1, 1],
      [0, 1],
      [3, 1],
    ])
    vector.step(Int32Array.of(-1, 1))
    expect([...actions]).toEqual([0, 1])
    expect(() => vector.step(Int32Array.of(-1, -1))).toThrowError(
      /row 0, agent "host" acts and has the action -1; expected one of its legal actions/,
    )
  })

  it("makes every action of those who don't act 0, and every entry that is nobody's choice", () => {
    const vector = new VectorEnv(() => new LeavingTeam(), 2, 'away')
    vector.reset()
    const { actions, before } = vector.transition
    vector.step(Int32Array.of(1, 1, 1, 0))
    expect([...actions]).toEqual([1, 1, 1, 0])
    vector.step(Int32Array.of(1, 1, 1, 1))
    expect([...actions, ...before.alive]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
    vector.step(Int32Array.of(-1, 0, 7, 1))
    expect([...actions]).toEqual([0, 0, 0, 1])
    // The watcher has no second choice.
    const dials = new VectorEnv(() => new TwoDials(), 1, 'nobody')
    dials.reset()
    expect([...dials.step(Int32Array.of(1, 2, 1, 5)).actions]).toEqual([1, 2, 1, 0])
  })

  it("keeps the last step's time, quantities and rewards where a row begins anew", () => {
    let slot: Slot | undefined
    let told: number[] = []
    class Telling extends ContraryTeam {
      override bind(own: Slot): void {
        slot = own
        super.bind(own)
      }
      override step(actions: Int32Array): void {
        super.step(actions)
        told = [slot!.elapsed[0]!, slot!.quantities[0]!, ...slot!.reward, slot!.terminated[0]!, slot!.truncated[0]!]
      }
    }
    const vector = new VectorEnv(() => new Telling(), 1, 'kept')
    const rng = new Rng('kept/actions')
    vector.reset()
    const { elapsed, quantities, reward, ended, terminated, truncated } = vector.transition
    let [times, absences] = [0, 0]
    for (let t = 0; t < 400; t++) {
      vector.step(Int32Array.from([0, 1, 2], (i) => sampleMasked(vector.current.mask, 4 * i, 4, rng)))
      expect([...elapsed, ...quantities, ...reward, ...terminated, ...truncated]).toEqual(told)
      if (ended[0] === 1 && elapsed[0] !== 1) times++
      if (ended[0] === 1 && quantities[0] !== 0) absences++
    }
    expect([times > 10, absences > 10]).toEqual([true, true])
  })

  it('counts finished episodes and sums their scores as the spec says', () => {
    const config = matrixGameConfig.parse({ game: 'prisoners-dilemma', repetitions: 2 })
    const vector = new VectorEnv(() => new MatrixGame(config), 2, 'score')
    vector.reset()
    vector.step(Int32Array.of(0, 0, 1, 1))
    expect([...vector.episodeReturn]).toEqual([6, 2])
    vector.step(Int32Array.of(1, 0, 1, 1))
    expect([vector.finishedEpisodes, vector.finishedReturn]).toEqual([2, 6 + 5 + 2 + 2])
    expect([...vector.episodeReturn]).toEqual([0, 0])
    vector.clearCounters()
    expect([vector.finishedEpisodes, vector.finishedReturn]).toEqual([0, 0])
  })

  it('gives row e the same stream whatever the number of rows', () => {
    const states = (size: number) => {
      const vector = new VectorEnv(() => new FrozenLake(), size, 'rows')
      vector.reset()
      return Array.from({ length: 50 }, (_, t) => {
        vector.step(new Int32Array(size).fill(t % 4))
        return [...vector.current.stateId.subarray(0, 2)]
      })
    }
    expect(states(5)).toEqual(states(2))
    expect(states(2).some(([a, b]) => a !== b)).toBe(true)
  })

  it('goes on from a saved state, carried as JSON, as if nothing had happened', () => {
    const make = () => new VectorEnv(() => new LockedDoor(), 3, 'save')
    const play = (vector: VectorEnv, seed: string) => {
      const rng = new Rng(seed)
      return Array.from({ length: 60 }, () => {
        vector.step(Int32Array.from({ length: 3 }, (_, e) => sampleMasked(vector.current.mask, 3 * e, 3, rng)))
        const { reward, ended } = vector.transition
        return [...vector.current.stateId, ...reward, ...ended, ...vector.episodeReturn, vector.finishedReturn]
      })
    }
    const vector = make()
    vector.reset()
    play(vector, 'before')
    const saved = JSON.parse(JSON.stringify(vector.saveState())) as VectorEnvState
    const expected = play(vector, 'after')
    const other = make()
    other.loadState(saved)
    expect(play(other, 'after')).toEqual(expected)
    vector.loadState(saved)
    expect(play(vector, 'after')).toEqual(expected)
    const fewer = new VectorEnv(() => new LockedDoor(), 2, 'save')
    expect(() => fewer.loadState(saved)).toThrow(/3 rows saved, 2 rows here/)
  })

  it('draws from the streams of a seed that reset is given, row by row, and goes on with them without', () => {
    const starts = (vector: VectorEnv) => {
      const rng = new Rng('play')
      return Array.from({ length: 40 }, () => {
        vector.step(Int32Array.from(vector.current.stateId, (_, e) => sampleMasked(vector.current.mask, 4 * e, 4, rng)))
        return [...vector.current.stateId]
      })
    }
    const make = (rows: number, seed: string) =>
      new VectorEnv(() => new FrozenLake(frozenLakeConfig.parse({})), rows, seed)
    const expected = make(3, 'streams')
    expected.reset()
    const same = make(3, 'others')
    same.reset('streams')
    const states = starts(expected)
    expect(starts(same)).toEqual(states)
    // Without a seed the streams go on: something else follows, the same in both.
    expected.reset()
    same.reset()
    const next = starts(expected)
    expect(next).not.toEqual(states)
    expect(starts(same)).toEqual(next)
    // One row that begins with the second stream.
    const second = make(1, 'others')
    second.reset('streams', 1)
    const alone = make(3, 'streams')
    alone.reset()
    const act = (vector: VectorEnv) => {
      const rows = Int32Array.from(vector.current.stateId, () => 0)
      return Array.from({ length: 20 }, () => vector.step(rows).after.stateId.at(vector.size === 1 ? 0 : 1))
    }
    expect(act(second)).toEqual(act(alone))
  })

  it('takes -1 for no choice of an agent that acts, the second of two choices neither', () => {
    const vector = new VectorEnv(() => new TwoDials(), 2, 'dials')
    vector.reset()
    const wrong = Int32Array.from({ length: 2 * vector.layout.actionsOf.length }, () => 0)
    const own = vector.layout.actionsOf.findIndex((n, c) => n > 0 && c % vector.layout.heads === 1)
    wrong[vector.layout.actionsOf.length + own] = -1
    expect(() => vector.step(wrong)).toThrow(/row 1, agent ".+" acts and has the action -1/)
    const absent = vector.layout.actionsOf.indexOf(0)
    const right = wrong.map(() => 0)
    right[vector.layout.actionsOf.length + absent] = -1
    expect(absent).toBeGreaterThan(-1)
    expect([...vector.step(right).actions]).toEqual([...right].fill(0))
  })

  it('refuses what it cannot do', () => {
    const vector = new VectorEnv(() => new TwoStep(), 2, 'refuse')
    expect(() => vector.step(new Int32Array(4))).toThrow(
      expect.objectContaining({ code: 'ERR_LIFECYCLE', message: 'VectorEnv.step: call reset first' }),
    )
    vector.reset()
    expect(() => vector.step(new Int32Array(2))).toThrow(/expected 2 x 2 actions, got 2/)
    expect(() => new VectorEnv(() => new TwoStep(), 0, 'none')).toThrow(
      expect.objectContaining({ code: 'ERR_SHAPE', message: 'VectorEnv: expected 1 or more rows, got 0' }),
    )
  })

  it('refuses rewards that are no finite numbers, and says which row', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const make = () =>
        new (class extends LockedDoor {
          override step(actions: Int32Array) {
            super.step(actions)
            if (actions[0] === 1) this.slot.reward[0] = wrong
          }
        })()
      const vector = new VectorEnv(make, 2, 'wrong')
      vector.reset()
      const message = expect.stringMatching(/locked-door: row 1 gave the reward \[(NaN|Infinity)\]/)
      expect(() => vector.step(Int32Array.of(0, 1))).toThrow(
        expect.objectContaining({ code: 'ERR_NON_FINITE', message }),
      )
    }
  })

  it('does without the vectors that nobody reads', () => {
    const vector = new VectorEnv(() => new TwoStep(), 1, 'narrow', { observation: false, state: false })
    vector.reset()
    vector.step(Int32Array.of(1, 0))
    const { before, after, reward } = vector.step(Int32Array.of(1, 1))
    expect([before.observation.length, after.state.length, reward[0]]).toEqual([0, 0, 8])
  })
})
