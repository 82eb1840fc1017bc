import { describe, expect, it } from 'vitest'
import { FrozenLake } from './frozen-lake/frozen-lake.js'
import { gridworldConfig } from './gridworld/config.js'
import { Gridworld } from './gridworld/gridworld.js'
import { matrixGameConfig } from './matrix-game/config.js'
import { MatrixGame } from './matrix-game/matrix-game.js'
import { Rng } from './rng.js'
import { sampleMasked } from './space.js'
import { LockedDoor } from './testing/locked-door.js'
import { TwoStep } from './two-step/two-step.js'
import { scoreWeights, VectorEnv, type VectorEnvState } from './vector-env.js'

describe('VectorEnv', () => {
  it('resets a row within the step that ends it, and keeps its last views and what it earned', () => {
    const vector = new VectorEnv(() => new TwoStep(), 2, 'final')
    vector.reset()
    vector.step(Int32Array.of(0, 0, 1, 1))
    expect([...vector.ended]).toEqual([0, 0])
    expect([...vector.stateId]).toEqual([1, 2])
    vector.step(Int32Array.of(1, 1, 1, 1))
    expect([...vector.ended]).toEqual([1, 1])
    expect([...vector.terminated]).toEqual([1, 1])
    expect([...vector.reward]).toEqual([7, 7, 8, 8])
    expect([...vector.stateId]).toEqual([0, 0])
    expect([...vector.observation]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0])
    expect([...vector.finalStateId]).toEqual([3, 3])
    expect([...vector.finalObservationId]).toEqual([3, 3, 3, 3])
    expect([...vector.finalObservation]).toEqual(new Array(12).fill(0))
    expect([...vector.finalState]).toEqual(new Array(6).fill(0))
    vector.step(Int32Array.of(0, 0, 0, 0))
    expect([...vector.terminated]).toEqual([0, 0])
  })

  it('keeps the final mask and the quantities of the last step', () => {
    const vector = new VectorEnv(() => new LockedDoor(), 1, 'mask')
    vector.reset()
    expect([...vector.mask]).toEqual([1, 1, 0])
    vector.step(Int32Array.of(1))
    expect([...vector.mask]).toEqual([1, 1, 1])
    expect(vector.quantities[0]).toBe(1)
    vector.step(Int32Array.of(2))
    expect([vector.ended[0], vector.reward[0], vector.quantities[0]]).toEqual([1, 1, 0])
    expect([...vector.mask]).toEqual([1, 1, 0])
    expect([...vector.finalMask]).toEqual([1, 1, 0])
    expect(vector.finalStateId[0]).toBe(2)
  })

  it('never merges truncation with termination', () => {
    const config = gridworldConfig.parse({ limitSteps: 2, start: [4, 4] })
    const vector = new VectorEnv(() => new Gridworld(config), 1, 'cut')
    vector.reset()
    vector.step(Int32Array.of(3))
    vector.step(Int32Array.of(3))
    expect([vector.ended[0], vector.terminated[0], vector.truncated[0]]).toEqual([1, 0, 1])
    expect([vector.finalObservationId[0], vector.observationId[0]]).toEqual([22, 24])
    expect(vector.finalObservation.indexOf(1)).toBe(22)
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
        return [...vector.stateId.subarray(0, 2)]
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
        vector.step(Int32Array.from({ length: 3 }, (_, e) => sampleMasked(vector.mask, 3 * e, 3, rng)))
        return [...vector.stateId, ...vector.reward, ...vector.ended, ...vector.episodeReturn, vector.finishedReturn]
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

  it('refuses what it cannot do', () => {
    const vector = new VectorEnv(() => new TwoStep(), 2, 'refuse')
    expect(() => vector.step(new Int32Array(4))).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE' }))
    vector.reset()
    expect(() => vector.step(new Int32Array(2))).toThrow(/expected 2 x 2 actions, got 2/)
    expect(() => new VectorEnv(() => new TwoStep(), 0, 'none')).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
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
    vector.step(Int32Array.of(1, 1))
    expect([vector.observation.length, vector.finalState.length, vector.reward[0]]).toEqual([0, 0, 8])
  })
})

describe('scoreWeights', () => {
  it('counts a shared reward once, else sums or averages over agents', () => {
    const { spec } = new TwoStep()
    const weights = (aggregate: 'shared' | 'team-sum' | 'agent-mean') => [
      ...scoreWeights({ ...spec, score: { aggregate, over: 'episode' } }),
    ]
    expect(weights('shared')).toEqual([1, 0])
    expect(weights('team-sum')).toEqual([1, 1])
    expect(weights('agent-mean')).toEqual([0.5, 0.5])
  })
})
