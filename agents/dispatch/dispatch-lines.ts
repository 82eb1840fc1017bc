import { z } from 'zod'
import { dispatchEvents } from '#env/routing-dispatch/events.js'

const count = z.int().min(0)

const policy = z.object({ name: z.string(), sha256: z.string().nullable(), version: z.string().nullable() })

/** A dispatcher begins: everything that its decisions follow from. */
export const startFields = z.object({
  episode: z.string().describe('the run of the dispatcher that the following lines belong to'),
  team: z.string(),
  policy,
  environment: z.record(z.string(), z.json()).describe('settings of routing-dispatch'),
  agents: z.array(z.string()).describe('the seats, in the order of the environment'),
  present: z.array(z.string()).describe('seats that somebody has taken'),
  seed: count,
  epsilon: z.number().min(0).max(1),
  tickMs: z.number().positive(),
  decide: z.enum(['ticks', 'events']).default('ticks').describe('when decisions are made: at boundaries, or at events'),
  discount: z.number().min(0).lt(1).optional().describe('gamma a tick; absent in older logs'),
})

const sinceStart = z.number().min(0).describe('ms since the start')

/** What happened at a boundary, or at a moment. */
const happened = z.object({
  episode: z.string(),
  events: dispatchEvents
    .pick({ served: true, failed: true, repaired: true, withdrawn: true, arrivals: true })
    .partial(),
  requests: z.array(z.string()).optional().describe('ids of what arrived, in the order of `arrivals`'),
  returned: z
    .array(z.string())
    .optional()
    .describe('requests given back by agents that went down, those lost among them; absent in older logs'),
  state: z
    .object({
      inbox: z.array(z.tuple([count, count])).describe('[type, decisions left], head first'),
      queue: z.array(count),
      down: z.array(count),
    })
    .optional()
    .describe('that the first decision was made in, where one was made'),
  offers: z
    .array(
      z.object({
        request: z.string(),
        claims: z.array(count).describe('agents that claimed it'),
        winner: count.nullable(),
      }),
    )
    .optional(),
  lost: z.array(z.string()).optional().describe('requests given up since the boundary before, their patience over'),
})

/** A boundary at which something happened: what a replay needs to go through it again. */
export const tickFields = happened.extend({ tick: count.describe('ticks since the start') })

/** The same of a moment, where decisions are made at events. */
export const eventFields = happened.extend({ ms: sinceStart })

/** Other numbers hold from the decisions of a boundary on. */
export const settingsFields = z.object({
  episode: z.string(),
  tick: count,
  ms: sinceStart.optional().describe('where decisions are made at events: from when on'),
  policy: policy.optional().describe('that leads from then on; absent in older logs: the one before'),
  environment: z.record(z.string(), z.json()).describe('settings of routing-dispatch'),
  discount: z.number().min(0).lt(1).optional().describe('gamma a tick; absent in older logs: the one before'),
})

/** A dispatcher ends. */
export const stopFields = z.object({
  episode: z.string(),
  tick: count.describe('ticks since the start'),
  ms: sinceStart.optional().describe('where decisions are made at events'),
  lateTicks: count,
  discounted: z.number().optional().describe('the utility, discounted from the start; absent in older logs'),
  total: z.number().describe('utility; claims that nobody judged count at the skill that the settings give'),
  unjudged: count,
})

/** A seat of the team changes hands. */
export const seatFields = z.object({
  episode: z.string(),
  seat: z.string(),
  agent: z.string().describe('who joins or leaves'),
  change: z.enum(['joined', 'leaving', 'left']).describe('leaving: it takes nothing new; left: its queue is over'),
})

/** The kinds of line that only a dispatcher writes. */
export const dispatchSchemas = {
  start: startFields,
  tick: tickFields,
  event: eventFields,
  settings: settingsFields,
  seat: seatFields,
  stop: stopFields,
} as const

export type StartFields = z.infer<typeof startFields>
export type TickFields = z.infer<typeof tickFields>
export type EventFields = z.infer<typeof eventFields>
export type SettingsFields = z.infer<typeof settingsFields>
export type SeatFields = z.infer<typeof seatFields>
export type StopFields = z.infer<typeof stopFields>

declare module '../log/log-kinds.js' {
  interface LogKinds {
    start: StartFields
    tick: TickFields
    event: EventFields
    settings: SettingsFields
    seat: SeatFields
    stop: StopFields
  }
}
