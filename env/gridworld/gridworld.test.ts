import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import type { TabularMdp } from '../mdp/tabular-mdp.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { envConformance } from '../testing/env-conformance.js'
import { gridworldConfig } from './config.js'
import { gridworld } from './entry.js'
import { Gridworld } from './gridworld.js'

/** Grids of values as printed, to six decimals; known-answers/mdp.yaml. */
const randomPolicy5x5 = [
  [3.308996, 8.789292, 4.427619, 5.322368, 1.492179],
  [1.521588, 2.992318, 2.25014, 1.907572, 0.547403],
  [0.050822, 0.738171, 0.673113, 0.358186, -0.403141],
  [-0.973592, -0.435495, -0.354882, -0.585605, -1.183075],
  [-1.857701, -1.345231, -1.229267, -1.422918, -1.975179],
]
const optimal5x5 = [
  [21.977485, 24.419428, 21.977485, 19.419428, 17.477485],
  [19.779737, 21.977485, 19.779737, 17.801763, 16.021587],
  [17.801763, 19.779737, 17.801763, 16.021587, 14.419428],
  [16.021587, 17.801763, 16.021587, 14.419428, 12.977485],
  [14.419428, 16.021587, 14.419428, 12.977485, 11.679737],
]

const make = (config: object = {}) => new Gridworld(gridworldConfig.parse(config))

/** A thousand sweeps of a backup that combines the actions' values: a check of the model, not a planner. */
function sweep(mdp: TabularMdp, gamma: number, combine: (q: number[]) => number): number[] {
  let value = new Float64Array(mdp.numStates)
  for (let k = 0; k < 1000; k++) {
    value = value.map((_, s) => {
      if (mdp.terminal[s] === 1) return 0
      const q = Array.from({ length: mdp.numActions }, (_, a) => {
        const row = s * mdp.numActions + a
        let sum = mdp.reward[row]!
        for (let e = mdp.rowStart[row]!; e < mdp.rowStart[row + 1]!; e++) {
          sum += gamma * mdp.probability[e]! * value[mdp.successor[e]!]!
        }
        return sum
      })
      return combine(q)
    })
  }
  return [...value]
}
const mean = (q: number[]) => q.reduce((sum, x) => sum + x, 0) / q.length
const rounded = (values: number[]) => values.map((value) => Number(value.toFixed(6)))

describe('gridworld 5x5', () => {
  envConformance(() => make())
})

describe('gridworld 4x4', () => {
  envConformance(() => make({ preset: '4x4', limitSteps: 30 }))
})

describe('gridworld with slips, walls and a start', () => {
  envConformance(() =>
    make({
      preset: 'empty',
      rows: 3,
      slip: 0.3,
      walls: [[1, 1]],
      terminals: [
        { at: [0, 3], reward: 1 },
        { at: [1, 3], reward: -1 },
      ],
      stepReward: -0.04,
      bumpReward: -0.1,
      start: [2, 0],
      limitSteps: null,
    }),
  )
})

describe('the examples of Sutton and Barto', () => {
  it('3.5: the values of the random policy at gamma 0.9', () => {
    expect(rounded(sweep(toMdp(make()), 0.9, mean))).toEqual(randomPolicy5x5.flat())
  })

  it('3.8: the optimal values at gamma 0.9', () => {
    expect(rounded(sweep(toMdp(make()), 0.9, (q) => Math.max(...q)))).toEqual(optimal5x5.flat())
  })

  it('4.1: the values of the random policy, undiscounted', () => {
    const expected = [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0]
    expect(rounded(sweep(toMdp(make({ preset: '4x4' })), 1, mean))).toEqual(expected)
  })

  it('numbers every cell, terminal corners included', () => {
    const mdp = toMdp(make({ preset: '4x4' }))
    expect(mdp.numStates).toBe(16)
    expect([mdp.terminal[0], mdp.terminal[15], mdp.terminal[7]]).toEqual([1, 1, 0])
  })
})

describe('gridworld rules', () => {
  const run = (config: object, actions: number[]) => {
    const env = make({ preset: 'empty', limitSteps: null, ...config })
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('rules'))
    return actions.map((action) => {
      env.step(Int32Array.of(action))
      return [slot.stateId[0], slot.reward[0], slot.terminated[0], slot.truncated[0]]
    })
  }

  it('moves north, east, south, west in this order', () => {
    expect(run({ start: [1, 1] }, [0, 1, 2, 3]).map(([state]) => state)).toEqual([1, 2, 6, 5])
  })

  it('bumps into walls and edges at a price, and stays', () => {
    expect(run({ start: [0, 0], walls: [[0, 1]], bumpReward: -3, stepReward: -1 }, [1, 0, 2])).toEqual([
      [0, -3, 0, 0],
      [0, -3, 0, 0],
      [4, -1, 0, 0],
    ])
  })

  it('pays the reward of a terminal, or the step reward', () => {
    const start = [0, 0]
    expect(run({ start, terminals: [{ at: [0, 1], reward: 5 }] }, [1])).toEqual([[1, 5, 1, 0]])
    expect(run({ start, terminals: [{ at: [0, 1] }], stepReward: -1 }, [1])).toEqual([[1, -1, 1, 0]])
  })

  it('truncates at the limit, and terminates there when both come together', () => {
    expect(run({ start: [0, 0], limitSteps: 2 }, [1, 1]).at(-1)).toEqual([2, 0, 0, 1])
    expect(run({ start: [0, 0], limitSteps: 2, terminals: [{ at: [0, 2] }] }, [1, 1]).at(-1)).toEqual([2, 0, 1, 0])
  })

  it('draws cells of a policy view, walls and ends left out', () => {
    const config = gridworldConfig.parse({ preset: '4x4', walls: [[1, 1]] })
    const view = gridworld.policyView!(config)
    expect(view.panels[0]!.states[0]).toEqual([-1, 1, 2, 3])
    expect(view.panels[0]!.states[1]).toEqual([4, -1, 6, 7])
    expect(view.panels[0]!.places!.slice(0, 2)).toEqual([
      ['end', null, null, null],
      [null, 'wall', null, null],
    ])
    expect(view.describe(Int32Array.of(2))).toBe('south')
    const leaping = gridworld.policyView!(gridworldConfig.parse({ start: [2, 2] })).panels[0]!.places!
    expect([leaping[0]![1], leaping[2]![2]]).toEqual(['leads to 4, 1', 'start'])
  })
})

describe('gridworld config', () => {
  it.each([
    [{ terminals: [{ at: [9, 0] }] }, ['terminals', 0, 'at'], /outside the grid of 5 x 5/],
    [{ teleports: [{ from: [0, 0], to: [0, 7], reward: 1 }] }, ['teleports', 0, 'to'], /outside/],
    [{ walls: [[5, 5]] }, ['walls', 0], /outside/],
    [{ walls: [[0, 1]] }, [], /listed twice/],
    [{ start: [9, 9] }, ['start'], /outside/],
    [{ preset: '4x4', start: [0, 0] }, ['start'], /wall or terminal/],
    [{ preset: 'empty', rows: 1, columns: 1, walls: [[0, 0]] }, ['start'], /no cell is left/],
    [{ slip: 1.5 }, ['slip'], /1/],
    [{ limitSteps: 0 }, ['limitSteps'], /1/],
    [{ rows: -1 }, ['rows'], /1/],
    [{ stepReward: Number.NaN }, ['stepReward'], /NaN/],
  ])('refuses %j', (config, path, message) => {
    const issue = gridworldConfig.safeParse(config).error?.issues[0]
    expect(issue?.path).toEqual(path)
    expect(issue?.message).toMatch(message)
  })
})
