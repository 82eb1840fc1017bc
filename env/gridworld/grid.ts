import type { OutcomeTable } from '../mdp/table-env.js'

/** A cell as [row, column], counted from the top left. */
export type Cell = readonly [row: number, column: number]

/** A move as its label and its change of row and column. */
export interface Move {
  readonly label: string
  readonly rows: number
  readonly columns: number
}

/** A grid in which one agent moves. Cells are numbered row by row: row * columns + column. */
export interface Grid {
  readonly rows: number
  readonly columns: number
  /** In the order of a full turn, so that neighbours in the list are at right angles. */
  readonly moves: readonly Move[]
  /** Probability that a move goes where it was meant. */
  readonly intended: number
  /** Probability of each of the two moves at right angles to it; 0 = never slips. */
  readonly sideways: number
  /** Reward of a move to another cell. */
  readonly stepReward: number
  /** Reward of a move off the grid or into a wall: the agent stays. */
  readonly bumpReward: number
  readonly walls: readonly number[]
  /** Cells that end the episode on entering, and the reward of entering. */
  readonly terminals: ReadonlyMap<number, number>
  /** Cells that every action leaves for another one, and the reward of leaving. */
  readonly teleports: ReadonlyMap<number, { readonly to: number; readonly reward: number }>
  /** Cells an episode starts in, each equally likely. */
  readonly starts: readonly number[]
}

/** The outcomes of every move in every cell: one to the left of it, as meant, one to the right, in this order. */
export function gridTable(grid: Grid): OutcomeTable {
  const numStates = grid.rows * grid.columns
  const walls = new Set(grid.walls)
  const rowStart = [0]
  const successor: number[] = []
  const probability: number[] = []
  const reward: number[] = []
  const add = (chance: number, next: number, earned: number) => {
    successor.push(next)
    probability.push(chance)
    reward.push(earned)
  }
  const addMove = (chance: number, cell: number, { rows, columns }: Move) => {
    const row = Math.floor(cell / grid.columns) + rows
    const column = (cell % grid.columns) + columns
    const next = row * grid.columns + column
    const blocked = row < 0 || row >= grid.rows || column < 0 || column >= grid.columns || walls.has(next)
    if (blocked) add(chance, cell, grid.bumpReward)
    else add(chance, next, grid.terminals.get(next) ?? grid.stepReward)
  }
  const turns = grid.moves.length
  for (let cell = 0; cell < numStates; cell++) {
    const teleport = grid.teleports.get(cell)
    for (let a = 0; a < turns; a++) {
      if (grid.terminals.has(cell)) add(1, cell, 0)
      else if (teleport !== undefined) add(1, teleport.to, teleport.reward)
      else {
        if (grid.sideways > 0) addMove(grid.sideways, cell, grid.moves[(a + turns - 1) % turns]!)
        if (grid.intended > 0) addMove(grid.intended, cell, grid.moves[a]!)
        if (grid.sideways > 0) addMove(grid.sideways, cell, grid.moves[(a + 1) % turns]!)
      }
      rowStart.push(successor.length)
    }
  }
  const start = new Float64Array(numStates)
  for (const cell of grid.starts) start[cell]! += 1 / grid.starts.length
  return {
    numStates,
    actionLabels: grid.moves.map((move) => move.label),
    rowStart: Int32Array.from(rowStart),
    successor: Int32Array.from(successor),
    probability: Float64Array.from(probability),
    reward: Float64Array.from(reward),
    terminal: Uint8Array.from({ length: numStates }, (_, cell) => (grid.terminals.has(cell) ? 1 : 0)),
    start,
  }
}
