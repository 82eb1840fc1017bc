import { z } from 'zod'

const count = z.int().min(0)

/** A team that walks a pipeline begins: everything that its decisions follow from. */
export const pipelineFields = z.object({
  team: z.string(),
  policy: z.string().describe('who decides'),
  environment: z.record(z.string(), z.json()).describe('settings of routing-pipeline'),
  agents: z.array(z.array(z.string())).describe('[stage][agent], names in the order of the environment'),
})

/** What became of a decision to call somebody. */
export const callFields = z.object({
  request: z.string().min(1),
  step: count.describe('the decision that it belongs to'),
  stage: z.string(),
  agent: z.string(),
  outcome: z.string().describe('answered; unfit where the agent says that it has no answer; else how the call failed'),
  detail: z.string().nullable().default(null).describe('why there is no answer'),
  ms: z.number().min(0),
  costUsd: z.number().min(0),
  confidence: z.number().min(0).max(1).nullable().describe('what the agent says of itself'),
  grade: count.nullable().describe('of the answer, judged'),
})

/** How a question ended. */
export const endFields = z.object({
  request: z.string().min(1),
  how: z.enum(['answer', 'ask', 'handOver']),
  confidence: z.number().min(0).max(1),
  costUsd: z.number().min(0),
  waitedMs: z.number().min(0),
  why: z.string().nullable().describe('why a person takes over'),
})

/** The kinds of line that only a pipeline writes. */
export const pipelineSchemas = { pipeline: pipelineFields, call: callFields, end: endFields } as const

export type PipelineFields = z.infer<typeof pipelineFields>
export type CallFields = z.infer<typeof callFields>
export type EndFields = z.infer<typeof endFields>

declare module '../log/log-kinds.js' {
  interface LogKinds {
    pipeline: PipelineFields
    call: CallFields
    end: EndFields
  }
}
