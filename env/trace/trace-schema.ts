import { z } from 'zod'

/** The only format there is. */
export const TRACE_FORMAT = 'cadre-trace/1'

const numbersPerAgent = z.array(z.array(z.number()))

const stepSchema = z.strictObject({
  actions: z.array(z.int().min(0)).describe('the joint action, one an agent'),
  rewards: z.array(z.number()).describe('one an agent'),
  observations: numbersPerAgent.optional().describe('after the step, one list of numbers an agent'),
  terminated: z.boolean().describe('of the whole environment'),
  truncated: z.boolean().describe('of the whole environment'),
  state: z.json().optional().describe('some or all fields of the state after the step; only these are compared'),
  events: z.json().optional().describe('what was drawn in the step'),
})

const episodeSchema = z.strictObject({
  initial: z.json().describe('the state the episode starts from'),
  initialObservations: numbersPerAgent.optional().describe('before the first step, one list of numbers an agent'),
  steps: z.array(stepSchema).min(1).describe('an episode may stop before its end'),
})

/**
 * A recorded trajectory of an environment (`*.trace.json`). What `initial`, `state` and `events` look like is up to the
 * environment (`EnvEntry.trace`).
 */
export const traceSchema = z.strictObject({
  format: z.literal(TRACE_FORMAT),
  env: z.string().min(1).describe('registered name of the environment'),
  config: z.record(z.string(), z.json()).describe('its settings; defaults fill in the rest'),
  source: z.string().optional().describe('what was recorded, for people'),
  tolerance: z.number().min(0).describe('absolute, for every number'),
  episodes: z.array(episodeSchema).min(1),
})

export type Trace = z.infer<typeof traceSchema>
export type TraceEpisode = z.infer<typeof episodeSchema>
export type TraceStep = z.infer<typeof stepSchema>
