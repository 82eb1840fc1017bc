import { describe, expect, it } from 'vitest'
import { toJointMdp } from '../mdp/enumerate.js'
import { envConformance } from '../testing/env-conformance.js'
import { VectorEnv } from '../vector-env.js'
import { matrixGameConfig } from './config.js'
import { MatrixGame } from './matrix-game.js'

const make = (config: object = {}) => new MatrixGame(matrixGameConfig.parse(config))

describe('matrix-game climbing', () => {
  envConformance(() => make())
})

describe('matrix-game rock-paper-scissors', () => {
  envConformance(() => make({ game: 'rock-paper-scissors', repetitions: 3 }))
})

describe('matrix-game of three with payoffs of its own', () => {
  const payoffs = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [7, 8, 9],
      [10, 11, 12],
    ],
  ]
  envConformance(() => make({ game: 'custom', payoffs, repetitions: 1 }))

  it('gives every agent its own actions, and pays the joint action, the last agent fastest', () => {
    const env = make({ game: 'custom', payoffs, repetitions: 1 })
    expect(env.spec.agents.map(({ action }) => action)).toEqual([
      { kind: 'discrete', n: 2 },
      { kind: 'discrete', n: 2 },
      { kind: 'discrete', n: 3 },
    ])
    expect([...toJointMdp(env).reward.slice(0, 12)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })
})

/** Payoffs of a game as a table of rewards, [first][second] -> one an agent. */
function table(config: object, actions: number): number[][] {
  const rows: number[][] = []
  for (let a = 0; a < actions; a++) {
    for (let b = 0; b < actions; b++) {
      const vector = new VectorEnv(() => make({ ...config, repetitions: 1 }), 1, 'table')
      vector.reset()
      const { terminated, reward } = vector.step(Int32Array.of(a, b))
      expect(terminated[0]).toBe(1)
      rows.push([...reward])
    }
  }
  return rows
}

describe('the classic games', () => {
  const shared = (values: number[]) => values.map((value) => [value, value])

  it('climbing and penalty are those of Claus and Boutilier', () => {
    expect(table({}, 3)).toEqual(shared([11, -30, 0, -30, 7, 6, 0, 0, 5]))
    expect(table({ game: 'penalty', k: -7 }, 3)).toEqual(shared([10, 0, -7, 0, 2, 0, -7, 0, 10]))
  })

  it('rock-paper-scissors sums to zero', () => {
    const rewards = table({ game: 'rock-paper-scissors' }, 3)
    expect(rewards.every(([a, b]) => a! + b! === 0)).toBe(true)
    expect(rewards.map(([a]) => a)).toEqual([0, -1, 1, 1, 0, -1, -1, 1, 0])
  })

  it('in the prisoner\u2019s dilemma defection dominates, in the stag hunt both pure profiles are equilibria', () => {
    expect(table({ game: 'prisoners-dilemma' }, 2)).toEqual([
      [3, 3],
      [0, 5],
      [5, 0],
      [1, 1],
    ])
    expect(table({ game: 'stag-hunt' }, 2)).toEqual([
      [2, 2],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
  })

  it('climbing 25 times is worth 275 at best (the MARL benchmark)', () => {
    const vector = new VectorEnv(() => make(), 1, 'best')
    vector.reset()
    for (let t = 0; t < 25; t++) vector.step(Int32Array.of(0, 0))
    expect([vector.finishedEpisodes, vector.finishedReturn]).toEqual([1, 275])
  })

  it('counts shared payoffs once and sums those of its own', () => {
    expect(make().spec.score.aggregate).toBe('shared')
    expect(make({ game: 'stag-hunt' }).spec.score.aggregate).toBe('team-sum')
    expect([...toJointMdp(make({ game: 'prisoners-dilemma', repetitions: 1 })).reward.slice(0, 4)]).toEqual([
      6, 5, 5, 2,
    ])
  })
})

describe('matrix-game config', () => {
  it.each([
    [{ game: 'climbin' }, 'game', /climbing/],
    [{ game: 'climbing', payoffs: [[1]] }, 'payoffs', /set game: custom/],
    [{ game: 'custom' }, 'payoffs', /either payoffs/],
    [{ game: 'custom', payoffs: [1], payoffsPerAgent: [[1]] }, 'payoffs', /either payoffs/],
    [{ game: 'custom', payoffs: 3 }, 'payoffs', /nested lists/],
    [{ game: 'custom', payoffs: [[1, 2], [3]] }, 'payoffs.1', /ragged.*1 entries, expected 2/],
    [{ game: 'custom', payoffs: [[1, 2], 3] }, 'payoffs.1', /a number where/],
    [{ game: 'custom', payoffs: [1, [2]] }, 'payoffs.1', /a list where/],
    [{ game: 'custom', payoffs: [[1, Number.NaN]] }, 'payoffs.0.1', /finite number, got NaN/],
    [{ game: 'custom', payoffs: [[1, Number.POSITIVE_INFINITY]] }, 'payoffs.0.1', /finite number, got Infinity/],
    [{ game: 'custom', payoffs: [['a', 1]] }, 'payoffs.0.0', /finite number, got a/],
    [{ game: 'custom', payoffs: [] }, 'payoffs', /empty/],
    [{ game: 'custom', payoffs: [[], []] }, 'payoffs.0', /empty/],
    [{ game: 'custom', payoffsPerAgent: [] }, 'payoffsPerAgent', />=1/],
    [{ game: 'custom', payoffsPerAgent: [[[1, 2]]] }, 'payoffsPerAgent', /one tensor and one level an agent/],
    [
      { game: 'custom', payoffsPerAgent: [[[1, 2]], [[1], [2]]] },
      'payoffsPerAgent',
      /tensor 1 is 2 x 1, tensor 0 is 1 x 2/,
    ],
    [{ repetitions: 0 }, 'repetitions', />=1/],
    [{ game: 'penalty', k: 5 }, 'k', /<=0/],
    [{ repetition: 5 }, '', /repetition/],
  ])('refuses %j at %s', (config, path, message) => {
    const issues = matrixGameConfig.safeParse(config).error?.issues ?? []
    expect(issues.map((issue) => [issue.path.join('.'), issue.message])).toContainEqual([
      path,
      expect.stringMatching(message),
    ])
  })
})
