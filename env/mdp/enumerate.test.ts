import { describe, expect, it } from 'vitest'
import type { Env } from '../env.js'
import { gridworldConfig } from '../gridworld/config.js'
import { Gridworld } from '../gridworld/gridworld.js'
import { matrixGameConfig } from '../matrix-game/config.js'
import { MatrixGame } from '../matrix-game/matrix-game.js'
import type { Slot } from '../slot.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { LockedDoor } from '../testing/locked-door.js'
import { ModelEnv } from '../testing/model-env.js'
import { TwoStep } from '../two-step/two-step.js'
import { isEnumerable, toJointMdp, toMdp } from './enumerate.js'
import { TableEnv } from './table-env.js'
import type { StartSink, TransitionSink } from './transition-sink.js'

/** A door whose model says something else. */
function modelled(row: (state: number, action: number, sink: TransitionSink) => unknown): Env {
  return new (class extends LockedDoor {
    override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
      row(state, actions[0]!, sink)
    }
  })()
}

describe('toMdp', () => {
  it('enumerates a hand-made environment: masks as empty rows, equal successors merged, no step limit', () => {
    const mdp = toMdp(new LockedDoor())
    expect([mdp.numStates, mdp.numActions]).toEqual([3, 3])
    expect([...mdp.stateIds]).toEqual([0, 1, 2])
    // Rows: state 0 wait (back to 0 either way), pick up, open (illegal); state 1 wait, pick up, open; state 2 none.
    expect([...mdp.rowStart]).toEqual([0, 1, 2, 2, 4, 5, 6, 6, 6, 6])
    expect([...mdp.successor]).toEqual([0, 1, 0, 1, 1, 2])
    expect([...mdp.probability]).toEqual([1, 1, 0.25, 0.75, 1, 1])
    expect([...mdp.reward]).toEqual([-0.05, -0.05, 0, -0.05, -0.05, 1, 0, 0, 0].map((r) => expect.closeTo(r, 12)))
    expect([...mdp.terminal]).toEqual([0, 0, 1])
    expect([...mdp.start]).toEqual([1, 0, 0])
  })

  it('keeps reachable states only, under their own numbers', () => {
    const walls = [
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
    ]
    const mdp = toMdp(new Gridworld(gridworldConfig.parse({ preset: 'empty', walls, start: [2, 1] })))
    expect([...mdp.stateIds]).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
    expect(mdp.start.indexOf(1)).toBe(1)
  })

  it('refuses several agents', () => {
    expect(() => toMdp(new TwoStep())).toThrow(/toMdp needs a single agent, got 2; use toJointMdp/)
  })
})

describe('toJointMdp', () => {
  it('numbers joint actions with the last agent fastest, and shows what agents see in each state', () => {
    const mdp = toJointMdp(new TwoStep())
    expect([...mdp.successor]).toEqual([1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3])
    expect([...mdp.batch.stateId]).toEqual([0, 1, 2, 3])
    expect([...mdp.batch.observationId]).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
    expect([...mdp.batch.observation.subarray(6, 12)]).toEqual([0, 1, 0, 0, 1, 0])
    expect(toJointMdp(new TwoStep(), { observation: false }).batch.observation.length).toBe(0)
  })

  it("keeps each agent's reward beside the team's score", () => {
    // In state 0 the guest earns 3 and the host 1 for working: rows are (rest, rest), (rest, work), (work, rest), (work, work).
    const { reward, agentReward } = toJointMdp(new LeavingTeam())
    expect([...reward.subarray(0, 4)]).toEqual([0, 1, 3, 4])
    expect(agentReward.map((rewards) => [...rewards.subarray(0, 4)])).toEqual([
      [0, 0, 3, 3],
      [0, 1, 0, 1],
    ])
    const meanTeam = new LeavingTeam()
    Object.assign(meanTeam, { spec: { ...meanTeam.spec, score: { aggregate: 'agent-mean', over: 'episode' } } })
    expect([...toJointMdp(meanTeam).reward.subarray(0, 4)]).toEqual([0, 0.5, 1.5, 2])
    // Either agent is paid double, by chance.
    const drawn = new (class extends LeavingTeam {
      override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
        super.transitions(state, actions, {
          add: (next, _, rewards, terminated) => {
            sink.add(next, 0.5, [2 * rewards[0]!, 0], terminated)
            sink.add(next, 0.5, [0, 2 * rewards[1]!], terminated)
          },
        })
      }
    })()
    expect(toJointMdp(drawn).agentReward).toEqual(agentReward)
    const shared = toJointMdp(new TwoStep())
    expect(shared.agentReward).toHaveLength(2)
    for (const rewards of shared.agentReward) expect(rewards).toBe(shared.reward)
  })

  it('keeps times, and a successor in several times apart; has none where all take time 1', () => {
    const timed = modelled((state, action, sink) => {
      if (action === 2) return sink.add(2, 1, [1], true, 4)
      if (state === 0 && action === 0) return sink.add(0, 1, [0], false)
      if (state === 1 && action === 1) {
        sink.add(1, 0.5, [0], false, 2)
        return sink.add(0, 0.5, [0], false, 2)
      }
      for (const [p, time] of [
        [0.25, 3],
        [0.25, 1],
        [0.125, 3],
        [0.375, 0.5],
      ] as const)
        sink.add(action, p, [time], false, time)
    })
    // Rows: state 0 wait, pick up; state 1 wait, pick up, open.
    const { successor, probability, elapsed, reward } = toMdp(timed)
    expect([...successor]).toEqual([0, 1, 1, 1, 0, 0, 0, 0, 1, 2])
    expect([...probability]).toEqual([1, 0.375, 0.25, 0.375, 0.375, 0.25, 0.375, 0.5, 0.5, 1])
    expect([...elapsed!]).toEqual([1, 0.5, 1, 3, 0.5, 1, 3, 2, 2, 4])
    expect(reward[1]).toBeCloseTo(0.375 * 3 + 0.25 + 0.375 * 0.5, 12)
    expect(toMdp(new LockedDoor()).elapsed).toBeUndefined()
    expect(toMdp(new LockedDoor()).costs).toBeUndefined()
  })

  it('keeps the times of many transitions', () => {
    const numStates = 3000
    const each = (of: (s: number) => number) => Array.from({ length: numStates }, (_, s) => of(s))
    const ring = {
      numStates,
      numActions: 1,
      rowStart: Int32Array.from([0, ...each((s) => s + 1)]),
      successor: Int32Array.from(each((s) => (s + 1) % numStates)),
      probability: new Float64Array(numStates).fill(1),
      elapsed: Float64Array.from(each((s) => (s % 3) + 1)),
      reward: new Float64Array(numStates),
      terminal: new Uint8Array(numStates),
      start: Float64Array.from(each((s) => (s === 0 ? 1 : 0))),
      stateIds: Int32Array.from(each((s) => s)),
    }
    expect(toMdp(new ModelEnv(ring))).toMatchObject(ring)
  })

  it('lets an agent that acts no more see nothing', () => {
    class Gone extends LeavingTeam {
      override bind(slot: Slot) {
        this.own = slot
        super.bind(slot)
      }
      override showState(state: number) {
        super.showState(state)
        if (state > 0) this.own!.observationId[0] = -1
      }
      own: Slot | undefined
    }
    expect([...toJointMdp(new Gone()).batch.observationId]).toEqual([0, 0, -1, 1, -1, 2, -1, 3])
  })

  it('keeps expected costs by their names', () => {
    const door = modelled((state, action, sink) => {
      if (action === 2) return sink.add(2, 1, [1], true, 1, [7])
      for (const [next, cost] of [
        [0, 2],
        [1, 4],
      ] as const)
        sink.add(action === 1 ? 1 : next, 0.5, [0], false, 1, [cost + state])
    })
    const { costs } = toMdp(Object.assign(door, { spec: { ...door.spec, costs: ['keys'] } }))
    expect([...costs!.keys!]).toEqual([3, 3, 0, 4, 4, 7, 0, 0, 0])
  })

  it('estimates what rewards of agents and times take, too', () => {
    // 3 of 4 states found, 4 actions, about 9 transitions: 39 + 12 x 28 + 108 bytes, twice; without the agents' own rewards 582.
    expect(() => toJointMdp(new LeavingTeam(), { maxBytes: 700 })).toThrow(/which take 966 bytes/)
    expect(() => toJointMdp(new LeavingTeam(), { maxBytes: 966 })).not.toThrow()
  })

  it.each<[string, string, RegExp, () => Env]>([
    [
      'one reward for two agents',
      'ERR_MODEL',
      /leaving-team: state 0 action 0: expected 2 rewards in an array, one an agent, got 1/,
      () =>
        Object.assign(new LeavingTeam(), {
          transitions: (state: number, _: Int32Array, sink: TransitionSink) => sink.add(state + 1, 1, [1], state === 2),
        }),
    ],
    [
      'a bare number for a reward',
      'ERR_MODEL',
      /state 0 action 0: expected 1 rewards in an array, one an agent, got 0\.5/,
      () => modelled((_, __, sink) => sink.add(0, 1, 0.5 as unknown as number[], false)),
    ],
    [
      'a shared score of rewards that differ',
      'ERR_MODEL',
      /state 0 action 1: agents 0 and 1 get 0 and 1, but spec\.score says that all get the same/,
      () => {
        const team = new LeavingTeam()
        return Object.assign(team, { spec: { ...team.spec, score: { aggregate: 'shared', over: 'episode' } } })
      },
    ],
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((time): [string, string, RegExp, () => Env] => [
      `a time of ${time}`,
      'ERR_MODEL',
      new RegExp(`state 0 action 0: elapsed is ${time}, expected a positive, finite time`),
      () => modelled((_, __, sink) => sink.add(0, 1, [0], false, time)),
    ]),
    [
      'costs that the spec does not name',
      'ERR_MODEL',
      /state 0 action 0: expected 0 costs \(spec\.costs names none\), got 1/,
      () => modelled((_, __, sink) => sink.add(0, 1, [0], false, 1, [3])),
    ],
    [
      'a cost that is not finite',
      'ERR_MODEL',
      /state 0 action 0: cost "keys" is NaN/,
      () => {
        const door = modelled((_, __, sink) => sink.add(0, 1, [0], false, 1, [Number.NaN]))
        return Object.assign(door, { spec: { ...door.spec, costs: ['keys'] } })
      },
    ],
    [
      'an observation number out of range',
      'ERR_MODEL',
      /showState\(1\): observationId of agent "walker" is 3, expected 0\.\.2/,
      () =>
        new (class extends LockedDoor {
          protected override write() {
            super.write()
            if (this.state === 1) this.slot.observationId[0] = 3
          }
        })(),
    ],
    [
      'a feature row where there are no features',
      'ERR_MODEL',
      /showState\(0\): featureRow of agent "walker" is 5, expected -1, as there are none/,
      () =>
        new (class extends LockedDoor {
          protected override write() {
            super.write()
            this.slot.featureRow[0] = 5
          }
        })(),
    ],
    [
      'a row that does not sum to 1',
      'ERR_MODEL',
      /locked-door: state 0 action 1: probabilities sum to 0\.9, expected 1/,
      () => modelled((state, action, sink) => sink.add(action === 1 ? 1 : state, action === 1 ? 0.9 : 1, [0], false)),
    ],
    [
      'start probabilities that do not sum to 1',
      'ERR_MODEL',
      /the start distribution: probabilities sum to 0\.5/,
      () => Object.assign(new LockedDoor(), { startStates: (sink: StartSink) => sink.add(0, 0.5) }),
    ],
    [
      'no start at all',
      'ERR_MODEL',
      /start distribution/,
      () => Object.assign(new LockedDoor(), { startStates: () => undefined }),
    ],
    [
      'a state that is an end and is not',
      'ERR_MODEL',
      /state 1 is reached both as terminal and as not; number them apart/,
      () => modelled((_, action, sink) => sink.add(1, 1, [0], action === 1)),
    ],
    [
      'a successor out of range',
      'ERR_MODEL',
      /successor 3 lies outside 0\.\.2/,
      () => modelled((_, __, sink) => sink.add(3, 1, [0], false)),
    ],
    [
      'a successor that is no number',
      'ERR_MODEL',
      /successor NaN/,
      () => modelled((_, __, sink) => sink.add(Number.NaN, 1, [0], false)),
    ],
    [
      'a successor between two states',
      'ERR_MODEL',
      /successor 0\.5/,
      () => modelled((_, __, sink) => sink.add(0.5, 1, [0], false)),
    ],
    [
      'a negative probability',
      'ERR_MODEL',
      /probability -0\.5/,
      () => modelled((_, __, sink) => sink.add(0, -0.5, [0], false)),
    ],
    [
      'a reward that is not finite',
      'ERR_MODEL',
      /reward NaN/,
      () => modelled((_, __, sink) => sink.add(0, 1, [Number.NaN], false)),
    ],
    [
      'a live state without outcomes',
      'ERR_MODEL',
      /state 0 has no legal action and isn't terminal/,
      () => modelled(() => undefined),
    ],
    [
      'showState that shows another state',
      'ERR_MODEL',
      /showState\(1\) wrote stateId 0/,
      () => {
        const door = new LockedDoor()
        const show = door.showState.bind(door)
        return Object.assign(door, { showState: (state: number) => show(state === 1 ? 0 : state) })
      },
    ],
    [
      'no model',
      'ERR_NOT_ENUMERABLE',
      /locked-door: no finite model/,
      () => Object.assign(new LockedDoor(), { transitions: undefined }),
    ],
    [
      'more joint actions than can be listed',
      'ERR_NOT_ENUMERABLE',
      /4225 joint actions, at most 4096/,
      () => {
        const payoffs = Array.from({ length: 65 }, () => new Array<number>(65).fill(0))
        return new MatrixGame(matrixGameConfig.parse({ game: 'custom', payoffs }))
      },
    ],
  ])('refuses %s', (_, code, message, make) => {
    const error = expect.objectContaining({ code, message: expect.stringMatching(message) })
    expect(() => toJointMdp(make())).toThrow(error)
  })

  it('refuses a table that outgrows its limit', () => {
    expect(() => toJointMdp(new LockedDoor(), { maxTransitions: 4 })).toThrow(/more than 4 transitions/)
  })

  it('estimates before memory runs out, with numbers', () => {
    const refuse = (make: () => Env, maxBytes?: number) => () =>
      toJointMdp(make(), maxBytes === undefined ? {} : { maxBytes })
    const vast = () => {
      const door = new LockedDoor()
      return Object.assign(door, { spec: { ...door.spec, numStates: 1e13 } })
    }
    const code = 'ERR_NOT_ENUMERABLE'
    expect(refuse(vast)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(
          /^locked-door: .*looking through its 10000000000000 states takes 180 TB and [\d.]+ [MG]B are free; make/,
        ),
      }),
    )
    // 100 cells x 4 moves: looking takes 1.8 kB, the whole model 21 kB.
    const grid = () => new Gridworld(gridworldConfig.parse({ preset: 'empty', rows: 10, columns: 10, slip: 0.2 }))
    expect(refuse(grid, 1000)).toThrow(/takes 1.80 kB and 1.00 kB are free/)
    expect(refuse(grid, 15_000)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(
          /the 100 states found so far, of 4 actions, have about \d+ transitions.* are free/,
        ),
      }),
    )
    expect(refuse(grid, 60_000)).not.toThrow()
  })

  it('knows what can be enumerated', () => {
    expect(isEnumerable(new LockedDoor())).toBe(true)
    expect(isEnumerable(Object.assign(new LockedDoor(), { startStates: undefined }))).toBe(false)
  })
})

it('has a mean reward of exactly 0 where gains and losses cancel but for rounding', () => {
  const table = {
    ...{ numStates: 5, actionLabels: ['go'], rowStart: Int32Array.of(0, 3, 3, 3, 3, 4) },
    successor: Int32Array.of(1, 2, 3, 0),
    probability: Float64Array.of(0.1, 0.2, 0.7, 1),
    reward: Float64Array.of(3, 2, -1, 1e-17),
    terminal: Uint8Array.of(0, 1, 1, 1, 0),
    start: Float64Array.of(0.5, 0, 0, 0, 0.5),
  }
  const env = new TableEnv(table, { id: 'fair', version: '1', limitSteps: null, limitAs: 'truncated' })
  expect(0.1 * 3 + 0.2 * 2 - 0.7).not.toBe(0)
  // A small reward that nothing cancels stays what it is.
  const { reward, stateIds } = toJointMdp(env)
  expect([reward[0], reward[stateIds.indexOf(4)]]).toEqual([0, 1e-17])
})
