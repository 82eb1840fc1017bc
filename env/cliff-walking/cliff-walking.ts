import { outcomeTable } from '../mdp/outcome-table.js'
import { TableEnv } from '../mdp/table-env.js'
import { type CliffWalkingConfig, cliffWalkingConfig } from './config.js'

export const CLIFF_WALKING_VERSION = '1'

export const CLIFF_ROWS = 4
export const CLIFF_COLUMNS = 12
const START = 36
const GOAL = 47

/** Changes of row and column by action, in the order of a full turn. */
const moves = [
  { label: 'up', rows: -1, columns: 0 },
  { label: 'right', rows: 0, columns: 1 },
  { label: 'down', rows: 1, columns: 0 },
  { label: 'left', rows: 0, columns: -1 },
] as const

/** Whether a cell, row * 12 + column, is part of the cliff: between start and goal. */
export function isCliff(cell: number): boolean {
  return cell > START && cell < GOAL
}

/**
 * CliffWalking-v1 of Gymnasium (Sutton and Barto 2018, example 6.6): walk along a cliff without falling off.
 *
 * Actions: 0 up, 1 right, 2 down, 3 left, all legal everywhere. Slippery: as meant, or at right angles to either side, 1/3
 * each. A move off the map leaves the agent where it is.
 * State and observation: the cell's number, row * 12 + column, of 4 rows and 12 columns; as a vector, one-hot.
 * Reward: -1 a step; -100 for a step onto the cliff, cells 37..46, which leads back to the start.
 * Start: cell 36, bottom left. End: terminated on entering cell 47, bottom right; truncated after `limitSteps` steps, where
 * there is a limit. The original has none.
 * Transitions equal the original's table, those out of cells that nobody stands on included.
 * Versions: 1, first.
 */
export class CliffWalking extends TableEnv {
  constructor(config: CliffWalkingConfig = cliffWalkingConfig.parse({})) {
    super(cliffTable(config.slippery), {
      id: 'cliff-walking',
      version: CLIFF_WALKING_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function cliffTable(slippery: boolean) {
  const turns = slippery ? [-1, 0, 1] : [0]
  return outcomeTable({
    numStates: CLIFF_ROWS * CLIFF_COLUMNS,
    actionLabels: moves.map(({ label }) => label),
    ends: [GOAL],
    starts: [START],
    outcomes: (cell, action, add) => {
      for (const turn of turns) {
        const next = cellAfter(cell, (action + turn + moves.length) % moves.length)
        if (isCliff(next)) add(START, 1 / turns.length, -100)
        else add(next, 1 / turns.length, -1)
      }
    },
  })
}

function cellAfter(cell: number, action: number): number {
  const { rows, columns } = moves[action]!
  const row = Math.floor(cell / CLIFF_COLUMNS) + rows
  const column = (cell % CLIFF_COLUMNS) + columns
  if (row < 0 || row >= CLIFF_ROWS || column < 0 || column >= CLIFF_COLUMNS) return cell
  return row * CLIFF_COLUMNS + column
}
