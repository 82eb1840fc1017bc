import { z } from 'zod'

const probability = z.number().min(0).max(1)

const simulatedAgent = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[!-~]([ -~]*[!-~])?$/, 'expected printable ASCII without spaces at its ends')
    .describe('as in the team file'),
  service: z
    .union([
      z.number().gt(0).max(1),
      z.strictObject({
        quantiles: z
          .array(z.tuple([z.number().min(0).lt(1), z.number().min(0)]))
          .min(1)
          .describe('[share, milliseconds] pairs, rising: [[0.5, 800], [0.95, 3000]]'),
      }),
    ])
    .default(0.5)
    .describe(
      'how fast it answers: the chance a tick that the query in service is finished, or quantiles of its latency',
    ),
  skill: z
    .array(probability)
    .min(1)
    .optional()
    .describe('chance of a good answer, one a query type; absent: all are good'),
  fail: probability.default(0).describe('chance a tick that it goes down'),
  repair: probability.default(1).describe('chance a tick that it comes up again'),
})

/** A simulated team: what `cadre simulate` reads. The numbers mean what they mean in the environment routing-dispatch. */
export const profileSchema = z
  .strictObject({
    seed: z.union([z.string(), z.number()]).default(0).describe('of all draws: the same seed, the same team'),
    tickMs: z.number().positive().max(3_600_000).default(20).describe('milliseconds of a tick'),
    port: z.int().min(0).max(65_535).default(9100).describe('where it listens, on loopback; 0: any free one'),
    types: z
      .array(z.string().min(1))
      .min(1)
      .default(['any'])
      .describe('names of the query types, in the order of the skills'),
    typeHeader: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/, 'expected the name of a header')
      .default('x-cadre-type')
      .transform((name) => name.toLowerCase())
      .describe('header that names the type of a query; without it, the first type named in its last message'),
    agents: z.array(simulatedAgent).min(1).describe('who answers'),
  })
  .superRefine(({ types, agents }, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    const names = agents.map(({ name }) => name)
    names.forEach((name, i) => {
      if (names.indexOf(name) < i) refuse(['agents', i, 'name'], `"${name}" names two agents; names must differ`)
    })
    types.forEach((name, i) => {
      if (types.indexOf(name) < i) refuse(['types', i], `"${name}" names two query types; names must differ`)
    })
    agents.forEach(({ skill, service }, i) => {
      if (skill !== undefined && skill.length !== types.length) {
        const message = `expected ${types.length} skills, one a query type (${types.join(', ')}), got ${skill.length}`
        refuse(['agents', i, 'skill'], message)
      }
      if (typeof service === 'number') return
      const { quantiles } = service
      if (quantiles.length === 1 && quantiles[0]![0] === 0) {
        refuse(['agents', i, 'service', 'quantiles'], 'expected a share above 0, such as [[0.5, 800]], got 0 alone')
      }
      quantiles.forEach(([share, ms], k) => {
        const before = quantiles[k - 1]
        if (before === undefined ? share > 0 && ms === 0 : share <= before[0] || ms <= before[1]) {
          refuse(['agents', i, 'service', 'quantiles', k], 'expected a larger share and time than before it; both rise')
        }
      })
    })
  })

export type Profile = z.infer<typeof profileSchema>
export type SimulatedAgentProfile = Profile['agents'][number]
