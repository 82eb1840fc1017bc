import { type Grid, gridTable, type Move } from '../gridworld/grid.js'
import { TableEnv } from '../mdp/table-env.js'
import { type FrozenLakeConfig, frozenLakeConfig, lakeRows } from './config.js'

export const FROZEN_LAKE_VERSION = '1'

const moves: readonly Move[] = [
  { label: 'left', rows: 0, columns: -1 },
  { label: 'down', rows: 1, columns: 0 },
  { label: 'right', rows: 0, columns: 1 },
  { label: 'up', rows: -1, columns: 0 },
]

/**
 * FrozenLake-v1 of Gymnasium: cross a frozen lake without falling into a hole.
 *
 * Actions: 0 left, 1 down, 2 right, 3 up, all legal everywhere. Slippery: as meant, or at right angles to either side,
 * 1/3 each. A move off the map leaves the agent where it is.
 * State and observation: the cell's number, row * columns + column; as a vector, one-hot.
 * Reward: 1 on entering the goal, else 0. Start: the cell S, or any of them equally likely. End: terminated in a hole
 * or the goal; at `limitSteps` (100 on maps of up to 16 cells, else 200) as `limitAs` says.
 * Transitions equal the original's table; its random numbers do not.
 * Versions: 1, first.
 */
export class FrozenLake extends TableEnv {
  constructor(config: FrozenLakeConfig = frozenLakeConfig.parse({})) {
    const rows = lakeRows(config)
    super(gridTable(gridOf(rows, config.slippery)), {
      id: 'frozen-lake',
      version: FROZEN_LAKE_VERSION,
      limitSteps: config.limitSteps === undefined ? (rows.join('').length > 16 ? 200 : 100) : config.limitSteps,
      limitAs: config.limitAs,
    })
  }
}

function gridOf(rows: readonly string[], slippery: boolean): Grid {
  const letters = [...rows.join('')]
  const cellsWith = (letter: string) => letters.flatMap((here, cell) => (here === letter ? [cell] : []))
  return {
    rows: rows.length,
    columns: rows[0]!.length,
    moves,
    intended: slippery ? 1 / 3 : 1,
    sideways: slippery ? (1 - 1 / 3) / 2 : 0,
    stepReward: 0,
    bumpReward: 0,
    walls: [],
    terminals: new Map([
      ...cellsWith('H').map((cell) => [cell, 0] as const),
      ...cellsWith('G').map((cell) => [cell, 1] as const),
    ]),
    teleports: new Map(),
    starts: cellsWith('S'),
  }
}
