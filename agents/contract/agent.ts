import { z } from 'zod'
import { rememberedSchema, shownMemorySchema } from './memory.js'
import { offset, sourceSchema } from './source.js'

export type { Source } from './source.js'

/** What an agent of a team is asked and what it answers: one contract for all of them, in process and over HTTP. */

const confidence = z.number().min(0).max(1)
/** A piece of a document. */
export const passageSchema = z.strictObject({
  id: z.string().min(1),
  text: z.string().min(1),
  score: z.number().describe('how well it fits, as its finder counts; higher is better'),
  source: sourceSchema,
})

/** What a question means: what is wanted, and with what. */
export const frameSchema = z.strictObject({
  intent: z.string().nullable().describe('null: none of those known'),
  confidence,
  slots: z.array(
    z.strictObject({
      name: z.string().min(1),
      text: z.string().min(1).describe('as it stands in the question'),
      from: offset.describe('where it begins in the question, UTF-16 units'),
      to: offset.describe('where it ends, exclusive'),
      confidence,
    }),
  ),
})

/** An answer to a question, by one agent. */
export const draftSchema = z.strictObject({
  agent: z.string().min(1),
  text: z.string(),
  confidence,
  provenance: z.array(sourceSchema),
})

/** What is known of a question so far. An agent reads what it needs, and adds what it finds. */
export const findingsSchema = z.strictObject({
  frame: frameSchema.optional(),
  passages: z.array(passageSchema).optional().describe('the best first'),
  context: z.array(passageSchema).optional().describe('those that a writer is given'),
  drafts: z.array(draftSchema).optional().describe('the one that counts first'),
})

export const agentRequestSchema = z.strictObject({
  id: z.string().min(1).describe('of the question: the same for all agents that work on it'),
  question: z.string().min(1),
  history: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), text: z.string() }))
    .default([])
    .describe('what was said before, oldest first'),
  found: findingsSchema.default({}),
  memory: shownMemorySchema
    .optional()
    .describe('what is known in the conversation; absent: this agent has no part in it'),
})

export const agentAnswerSchema = z.strictObject({
  found: findingsSchema.describe('what this agent adds or replaces'),
  confidence: confidence.describe('how sure it is that what it adds is right'),
  costUsd: z.number().min(0),
  provenance: z.array(sourceSchema).describe('what it stands on; empty where it stands on nothing but the question'),
  remember: rememberedSchema.optional().describe('what the conversation is to keep, where the request lets it'),
})

export type Passage = z.infer<typeof passageSchema>
export type Frame = z.infer<typeof frameSchema>
export type Draft = z.infer<typeof draftSchema>
export type Findings = z.infer<typeof findingsSchema>
export type AgentRequest = z.infer<typeof agentRequestSchema>
export type AgentAnswer = z.infer<typeof agentAnswerSchema>

/** What a team knows of an agent before it asks it. */
export interface AgentCard {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /** What it adds to the findings. */
  readonly adds: readonly (keyof Findings)[]
  /** What has to be found before it can work. */
  readonly needs: readonly (keyof Findings)[]
  /** Whether it answers the same to the same request: a program, not a draw. */
  readonly repeats: boolean
  /** Most characters of a question that it reads; longer ones it refuses. */
  readonly longestQuestion: number
}

/** Tells what an agent does, for logs and pages; nothing in it may be secret. */
export type Trace = (event: string, detail?: Readonly<Record<string, string | number | boolean>>) => void

/** How an agent is called. */
export interface Call {
  /** Ends the work: the agent rejects with an AgentFailure `aborted` and lets everything go. */
  readonly signal: AbortSignal
  /** When the answer must be there, by the `elapsedMs` of the team's clock; later the agent rejects with `timeout`. */
  readonly deadline: number
  /** Gateways that the question has come through, oldest first: whoever asks another endpoint tells it, so that loops end. */
  readonly hops?: readonly string[]
  readonly trace: Trace
}

/** Somebody of a team: a program or a model, here or elsewhere. */
export interface Agent {
  readonly card: AgentCard
  /**
   * Works on a question.
   * @throws AgentFailure where it can't: too long, nothing to stand on, out of time, its endpoint failed
   */
  handle(request: AgentRequest, call: Call): Promise<AgentAnswer>
  /** Whether it can be called now; absent: always. */
  isUp?(): boolean
  /** Lets go of what it holds. */
  close?(): Promise<void>
}
