import { z } from 'zod'

/** Changes whenever older readers would misunderstand a line. Stands first in every line. */
export const LOG_FORMAT = 'cadre-log/2'

const count = z.int().min(0)
const milliseconds = z.number().min(0)
const time = z.iso.datetime()

/** What was decided on a request, written before anybody is asked: with everything needed to learn from it. */
export const decisionFields = z.object({
  request: z.string().min(1).describe('id of the request, as in x-cadre-request-id'),
  episode: z.string().describe('what decisions belong together: a request, or the run of a dispatcher'),
  step: count.describe('number of the decision in its episode'),
  waitedMs: milliseconds.describe('from the first byte of the request to this decision'),
  team: z.string(),
  key: z.string().nullable().describe('name of the key that called; null where none is needed'),
  model: z.string().describe('what the request named'),
  type: z.string().nullable().optional().describe('of the query, where the team tells types'),
  policy: z.object({
    name: z.string().describe('algorithm of the bundle, or the rule'),
    sha256: z.string().nullable().describe('of the bundle; null for rules'),
    version: z.string().nullable().describe('of the algorithm; null for rules'),
  }),
  state: z.object({
    numbers: z.array(z.number()).nullable().describe("the slot's numbers; null where the policy reads texts only"),
    features: z
      .object({
        encoder: z.object({ id: z.string(), version: z.string() }),
        index: z.array(count).describe('columns of the encoded prompt'),
        value: z.array(z.number()).describe('values there, nine digits: exactly the f32 that the policy read'),
      })
      .nullable(),
    text: z
      .object({
        sha256: z.string().describe('of what the policy read of the prompt, UTF-8'),
        characters: count.describe('length of the prompt, UTF-16 units'),
        read: count.describe('how many of them the policy read'),
        text: z.string().optional().describe('what the policy read; only with log.text'),
      })
      .nullable(),
  }),
  actions: z.array(z.string()).describe('what could be chosen, mostly names of agents'),
  legal: z.array(z.boolean()).describe('of each action: false where the agent could not be called'),
  scores: z.array(z.number().nullable()).nullable().describe('of each action; null where the policy has none'),
  propensities: z.array(z.number().min(0).max(1)).describe('of each action: the chance of being chosen'),
  choice: z.string().nullable().describe('the action taken; null where none was legal'),
  by: z.string().describe('who decided: the policy or rule by name, `exploration`, `client`, or an agent'),
  reason: z.string().describe('why, as in x-cadre-reason'),
  epsilon: z.number().min(0).max(1).describe('chance of exploring'),
  seed: count.nullable().describe('of the draws since the gateway started'),
})

/** What became of a request. A request with a decision and without an outcome was interrupted, or is still in work. */
export const outcomeFields = z.object({
  request: z.string().min(1),
  ended: z
    .enum(['answered', 'asked', 'handed-over', 'broken-stream', 'error', 'client-gone'])
    .describe('asked: the user was asked back; handed-over: a person takes over'),
  agent: z.string().nullable().describe('who answered, or began to'),
  status: z.int().nullable().describe('HTTP status given; null where the client had gone, and for a part of a request'),
  code: z.string().nullable().describe('of the error given'),
  ms: milliseconds.describe('from the first byte of the request to the end of its answer'),
  firstTokenMs: milliseconds.nullable(),
  promptTokens: z.int().nullable(),
  completionTokens: z.int().nullable(),
  costUsd: z.number().nullable(),
  attempts: z.array(
    z.object({
      agent: z.string(),
      outcome: z.string(),
      ms: milliseconds,
      status: z.int().nullable(),
      detail: z.string().nullable().describe('why it failed, keys taken out'),
    }),
  ),
})

/** How good an answer was, said later. Of several from one source the last one counts. */
export const feedbackFields = z.object({
  request: z.string().min(1),
  source: z.string().min(1).describe('who says so'),
  score: z.number().min(0).max(1).describe('good is 1, bad is 0'),
  label: z.enum(['good', 'bad']).nullable().describe('null where a score was given'),
  comment: z.string().nullable(),
  key: z.string().nullable().describe('name of the key that called'),
  known: z.boolean().describe('false: the request is none of those that the gateway remembers'),
})

/** What is missing in the log, or was late. */
export const gapFields = z.object({
  what: z.enum(['unwritten', 'late']).describe('lines that could not be written, or ticks that came late'),
  count: z.int().min(1).describe('how many lines or ticks'),
  from: time,
  to: time,
  ms: milliseconds.optional().describe('how late, the latest of them'),
  kinds: z.record(z.string(), z.int().min(1)).optional().describe('how many lines of each kind'),
})

/** An agent that its health probe found down, or up again. */
export const healthFields = z.object({
  agent: z.string(),
  up: z.boolean(),
  reason: z.string().describe('what the probe saw, keys taken out'),
})

/** The kinds of line that every gateway may write; a dispatcher brings schemas of its own beside them. */
export const logSchemas = {
  decision: decisionFields,
  outcome: outcomeFields,
  feedback: feedbackFields,
  gap: gapFields,
  health: healthFields,
} as const

export type DecisionFields = z.infer<typeof decisionFields>
export type OutcomeFields = z.infer<typeof outcomeFields>
export type FeedbackFields = z.infer<typeof feedbackFields>
export type GapFields = z.infer<typeof gapFields>
export type HealthFields = z.infer<typeof healthFields>

/**
 * What a line of each kind holds beside `format`, `kind` and `time`. Open for more: a module that writes kinds of its own adds them
 * with `declare module`, and gives their schemas to whoever reads them.
 */
export interface LogKinds {
  decision: DecisionFields
  outcome: OutcomeFields
  feedback: FeedbackFields
  gap: GapFields
  health: HealthFields
}
