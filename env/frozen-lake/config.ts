import { z } from 'zod'

/** The two maps of the original. S start, F frozen, H hole, G goal. */
export const lakeMaps = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': ['SFFFFFFF', 'FFFFFFFF', 'FFFHFFFF', 'FFFFFHFF', 'FFFHFFFF', 'FHHFFFHF', 'FHFFHFHF', 'FFFHFFFG'],
} as const

const rowsSchema = z
  .array(z.string().regex(/^[SFHG]+$/, 'expected a row of the letters S, F, H and G'))
  .min(1)
  .superRefine((rows, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    const odd = rows.findIndex((row) => row.length !== rows[0]!.length)
    if (odd > 0) refuse(`row ${odd} has ${rows[odd]!.length} cells, row 0 has ${rows[0]!.length}; make them equal`)
    const letters = rows.join('')
    if (!letters.includes('S')) refuse('the map has no start; mark one cell S')
    if (!letters.includes('G')) refuse('the map has no goal; mark one cell G')
  })

export const frozenLakeConfig = z.strictObject({
  map: z
    .union([z.enum(['4x4', '8x8']), rowsSchema], {
      error: 'expected 4x4, 8x8 or a list of rows such as ["SF", "HG"]',
    })
    .default('4x4')
    .describe('4x4, 8x8, or rows of the letters S (start), F (frozen), H (hole), G (goal)'),
  slippery: z.boolean().default(true).describe('whether a move goes at right angles with probability 2/3'),
  limitSteps: z
    .int()
    .min(1)
    .nullable()
    .optional()
    .describe('steps after which an episode ends; null = never; where absent 100 up to 16 cells, else 200'),
  limitAs: z
    .enum(['truncated', 'terminated'])
    .default('truncated')
    .describe('which flag the end at the limit sets; truncated keeps the value of the last state'),
})

export type FrozenLakeConfig = z.infer<typeof frozenLakeConfig>

/** The rows of a config's map. */
export function lakeRows(config: FrozenLakeConfig): readonly string[] {
  return typeof config.map === 'string' ? lakeMaps[config.map] : config.map
}
