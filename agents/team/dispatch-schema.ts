import { z } from 'zod'
import { routingDispatchSettings } from '#env/routing-dispatch/config.js'
import { pattern } from './pattern.js'

/** How a team with queues is dispatched. */
export const dispatchSchema = z.strictObject({
  environment: routingDispatchSettings
    .optional()
    .describe(
      "settings of routing-dispatch: query types, patience, costs, and the team's seats by their agents' names; each takes the place of what the policy was trained with, those left out stay (for a rule or `optimal`: the defaults of routing-dispatch)",
    ),
  tickMs: z
    .number()
    .min(1)
    .max(3_600_000)
    .optional()
    .describe('milliseconds from one boundary to the next; default: as the environment says'),
  decide: z
    .enum(['ticks', 'events'])
    .default('ticks')
    .describe(
      'ticks: decisions at each boundary, as in the model; events: the moment a query comes or a place becomes free, for latency: what is predicted is for ticks',
    ),
  discount: z
    .number()
    .min(0)
    .lt(1)
    .default(0.97)
    .describe('gamma a tick, which `optimal` is solved for, and by which the discounted utility counts'),
  absentAfterMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .default(60_000)
    .describe('after which an agent that is down counts as absent: `optimal` is solved anew without it'),
  openSeats: z
    .boolean()
    .default(false)
    .describe('whether whoever may call may have agents join and leave while the team runs: see /v1/team/agents'),
  typeHeader: z
    .string()
    .regex(/^[a-z0-9-]{1,100}$/, 'expected the name of a header in lower case')
    .default('x-cadre-type')
    .describe('header of a request that names the type of its query'),
  typeRules: z
    .array(
      z.strictObject({
        match: pattern.describe('regular expression'),
        type: z.string().min(1).describe('name of a query type'),
      }),
    )
    .default([])
    .describe('without the header: the first rule whose expression the prompt matches names the type'),
  typePolicy: z
    .string()
    .min(1)
    .optional()
    .describe(
      "folder of a policy trained on texts whose actions are the types' names (routing-cascade): the best of them is the type of what no rule matches",
    ),
  otherType: z
    .string()
    .min(1)
    .optional()
    .describe('type of all other queries, without typePolicy; default: they get 400'),
})

export type DispatchSettings = z.infer<typeof dispatchSchema>
