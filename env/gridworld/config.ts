import { z } from 'zod'
import type { Cell } from './grid.js'

const cell = z.tuple([z.int().min(0), z.int().min(0)])

const terminalSchema = z.strictObject({
  at: cell.describe('[row, column] of a cell that ends the episode on entering'),
  reward: z.number().optional().describe('reward of entering it; stepReward where absent'),
})

const teleportSchema = z.strictObject({
  from: cell.describe('[row, column] of a cell that every action leaves'),
  to: cell.describe('[row, column] of the cell it leads to'),
  reward: z.number().describe('reward of leaving'),
})

/** The layout of a gridworld: what a preset decides. */
interface GridLayout {
  readonly rows: number
  readonly columns: number
  readonly terminals: readonly z.infer<typeof terminalSchema>[]
  readonly teleports: readonly z.infer<typeof teleportSchema>[]
  readonly walls: readonly Cell[]
  readonly stepReward: number
  readonly bumpReward: number
}

/** Grids by name. */
export const gridPresets = {
  /** Sutton and Barto (2018), examples 3.5 and 3.8: A pays 10, B pays 5, the task continues for ever. */
  '5x5': {
    rows: 5,
    columns: 5,
    terminals: [],
    teleports: [
      { from: [0, 1], to: [4, 1], reward: 10 },
      { from: [0, 3], to: [2, 3], reward: 5 },
    ],
    walls: [],
    stepReward: 0,
    bumpReward: -1,
  },
  /** Sutton and Barto (2018), example 4.1: -1 a step until either of two corners. */
  '4x4': {
    rows: 4,
    columns: 4,
    terminals: [{ at: [0, 0] }, { at: [3, 3] }],
    teleports: [],
    walls: [],
    stepReward: -1,
    bumpReward: -1,
  },
  empty: { rows: 4, columns: 4, terminals: [], teleports: [], walls: [], stepReward: 0, bumpReward: 0 },
} satisfies Record<string, GridLayout>

const plainSchema = z.strictObject({
  preset: z
    .enum(['5x5', '4x4', 'empty'])
    .default('5x5')
    .describe(
      'grid to start from: 5x5 = Sutton and Barto, example 3.5; 4x4 = their example 4.1; empty = nothing in it, no rewards',
    ),
  rows: z.int().min(1).max(1000).optional().describe("number of rows; the preset's where absent"),
  columns: z.int().min(1).max(1000).optional().describe("number of columns; the preset's where absent"),
  terminals: z.array(terminalSchema).optional().describe("cells that end the episode; replaces the preset's"),
  teleports: z.array(teleportSchema).optional().describe("cells that lead elsewhere; replaces the preset's"),
  walls: z.array(cell).optional().describe("cells that can't be entered, [row, column]; replaces the preset's"),
  stepReward: z.number().optional().describe("reward of a move to another cell; the preset's where absent"),
  bumpReward: z
    .number()
    .optional()
    .describe(
      "reward of a move off the grid or into a wall, which leaves the agent where it is; the preset's where absent",
    ),
  slip: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('probability that a move goes at right angles instead, half to each side'),
  start: z
    .union([z.literal('uniform'), cell])
    .default('uniform')
    .describe('where an episode starts: [row, column], or uniform = any cell that is neither a wall nor terminal'),
  limitSteps: z
    .int()
    .min(1)
    .nullable()
    .default(100)
    .describe('steps after which an episode is truncated; null = never'),
})

export type GridworldConfig = z.infer<typeof plainSchema>

/** What decides a run: the schema with the checks that need more than one key. */
export const gridworldConfig = plainSchema.superRefine((config, context) => {
  const layout = resolveLayout(config)
  const { rows, columns, terminals, teleports, walls } = layout
  const inside = (at: Cell, ...path: (string | number)[]) => {
    if (at[0] < rows && at[1] < columns) return
    const message = `cell [${at.join(', ')}] lies outside the grid of ${rows} x ${columns}; rows and columns count from 0`
    context.addIssue({ code: 'custom', path, message })
  }
  terminals.forEach(({ at }, i) => {
    inside(at, 'terminals', i, 'at')
  })
  walls.forEach((at, i) => {
    inside(at, 'walls', i)
  })
  teleports.forEach(({ from, to }, i) => {
    inside(from, 'teleports', i, 'from')
    inside(to, 'teleports', i, 'to')
  })
  const taken = [...walls, ...terminals.map(({ at }) => at)].map(String)
  const special = [...taken, ...teleports.map(({ from }) => String(from))]
  const twice = special.find((at, i) => special.indexOf(at) !== i)
  if (twice !== undefined) {
    const message = `cell [${twice}] is listed twice; a cell is a wall, a terminal or a teleport, once`
    context.addIssue({ code: 'custom', path: [], message })
  }
  if (config.start === 'uniform') {
    if (new Set(taken).size >= rows * columns) {
      context.addIssue({ code: 'custom', path: ['start'], message: 'no cell is left to start in; free one' })
    }
    return
  }
  inside(config.start, 'start')
  if (taken.includes(String(config.start))) {
    const message = `cell [${config.start.join(', ')}] is a wall or terminal; start elsewhere`
    context.addIssue({ code: 'custom', path: ['start'], message })
  }
})

/** The layout a config stands for: the preset, with the keys that replace parts of it. */
export function resolveLayout(config: GridworldConfig): GridLayout {
  const base: GridLayout = gridPresets[config.preset]
  return {
    rows: config.rows ?? base.rows,
    columns: config.columns ?? base.columns,
    terminals: config.terminals ?? base.terminals,
    teleports: config.teleports ?? base.teleports,
    walls: config.walls ?? base.walls,
    stepReward: config.stepReward ?? base.stepReward,
    bumpReward: config.bumpReward ?? base.bumpReward,
  }
}
