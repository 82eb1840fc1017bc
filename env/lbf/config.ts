import { z } from 'zod'

const plainSchema = z.strictObject({
  gridSize: z.int().min(3).max(100).default(8).describe('rows, and columns, of the grid'),
  numAgents: z.int().min(1).max(100).default(2).describe('agents, p in the names of the benchmark tasks'),
  numFood: z.int().min(1).max(100).default(2).describe('items of food at the start (fewer where no more find room)'),
  cooperative: z
    .boolean()
    .default(true)
    .describe('whether all food is as high as the three lowest agents together; else 1 up to that, at random'),
  sight: z
    .int()
    .min(0)
    .optional()
    .describe('how many rows and columns away an agent sees; where absent all of the grid (the -2s tasks have 2)'),
  minAgentLevel: z.int().min(1).default(1).describe('lowest level of an agent'),
  maxAgentLevel: z.int().min(1).max(1000).default(2).describe('highest level of an agent'),
  normalizeReward: z.boolean().default(true).describe('whether all the food of an episode is worth 1 to the team'),
  penalty: z
    .number()
    .min(0)
    .default(0)
    .describe('what an attempt to load costs each agent whose levels do not suffice'),
  maxSteps: z.int().min(1).default(50).describe('steps after which an episode ends'),
  limitAs: z
    .enum(['terminated', 'truncated'])
    .default('terminated')
    .describe('which flag the end at the limit sets; the original terminates, truncated keeps the last value'),
})

export type LbfConfig = z.infer<typeof plainSchema>

/** What decides a run: the schema with the checks that need more than one key. */
export const lbfConfig = plainSchema.superRefine((config, context) => {
  const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  const { gridSize, numAgents, minAgentLevel, maxAgentLevel } = config
  if (minAgentLevel > maxAgentLevel) {
    refuse('minAgentLevel', `${minAgentLevel} lies above maxAgentLevel ${maxAgentLevel}; swap them`)
  }
  const room = Math.floor((gridSize * gridSize) / 2)
  if (numAgents > room) {
    refuse('numAgents', `${numAgents} agents would fill a ${gridSize} x ${gridSize} grid; give at most ${room}`)
  }
})
