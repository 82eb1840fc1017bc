import { TableEnv } from '../mdp/table-env.js'
import { type GridworldConfig, gridworldConfig, resolveLayout } from './config.js'
import { type Cell, type Grid, gridTable, type Move } from './grid.js'

export const GRIDWORLD_VERSION = '1'

const moves: readonly Move[] = [
  { label: 'north', rows: -1, columns: 0 },
  { label: 'east', rows: 0, columns: 1 },
  { label: 'south', rows: 1, columns: 0 },
  { label: 'west', rows: 0, columns: -1 },
]

/**
 * One agent on a grid of cells (Sutton and Barto 2018, examples 3.5, 3.8 and 4.1).
 *
 * Actions: 0 north (row - 1), 1 east (column + 1), 2 south (row + 1), 3 west (column - 1), all legal everywhere. With
 * probability `slip` a move goes at right angles instead, half to each side.
 * State and observation: the cell's number, row * columns + column, walls and terminals included; as a vector, one-hot.
 * Reward: stepReward for a move to another cell (a terminal may have its own); bumpReward for a move off the grid or
 * into a wall, which leaves the agent where it is; a teleport's own for any action taken on it.
 * Start: `start`, or uniform over the cells that are neither walls nor terminal. End: terminated on entering a
 * terminal cell; truncated after `limitSteps` steps.
 * Versions: 1, first.
 */
export class Gridworld extends TableEnv {
  constructor(config: GridworldConfig = gridworldConfig.parse({})) {
    super(gridTable(gridOf(config)), {
      id: 'gridworld',
      version: GRIDWORLD_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function gridOf(config: GridworldConfig): Grid {
  const layout = resolveLayout(config)
  const { rows, columns, stepReward } = layout
  const number = ([row, column]: Cell) => row * columns + column
  const walls = layout.walls.map(number)
  const terminals = new Map(layout.terminals.map(({ at, reward }) => [number(at), reward ?? stepReward]))
  const free = Array.from({ length: rows * columns }, (_, cell) => cell).filter(
    (cell) => !walls.includes(cell) && !terminals.has(cell),
  )
  return {
    rows,
    columns,
    moves,
    intended: 1 - config.slip,
    sideways: config.slip / 2,
    stepReward,
    bumpReward: layout.bumpReward,
    walls,
    terminals,
    teleports: new Map(layout.teleports.map(({ from, to, reward }) => [number(from), { to: number(to), reward }])),
    starts: config.start === 'uniform' ? free : [number(config.start)],
  }
}
