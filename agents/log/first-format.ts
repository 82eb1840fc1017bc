import { z } from 'zod'
import type { DecisionFields, GapFields, OutcomeFields } from './log-kinds.js'

/** The format of the logs before `cadre-log/2`: one line a request, written at its end. Read for ever, written no more. */
export const FIRST_FORMAT = 'cadre-decision/1'

const milliseconds = z.number().min(0)

/** One line of such a log. */
export const firstDecisionSchema = z.strictObject({
  format: z.literal(FIRST_FORMAT),
  id: z.string().describe('request id, as in x-cadre-request-id'),
  time: z.iso.datetime().describe('when the request came'),
  team: z.string(),
  key: z.string().nullable().describe('name of the key that called; null where none is needed'),
  policy: z.strictObject({
    name: z.string().describe('algorithm of the bundle, or the rule'),
    sha256: z.string().nullable().describe('of the bundle; null for rules'),
    version: z.string().nullable().describe('of the algorithm; null for rules'),
  }),
  state: z.strictObject({
    sha256: z.string().describe('of what the policy read of the prompt, UTF-8'),
    characters: z.int().min(0).describe('length of the prompt, UTF-16 units'),
    read: z.int().min(0).optional().describe('how many of them the policy read; absent in early logs: all'),
    encoder: z.strictObject({ id: z.string(), version: z.string() }).nullable(),
    nonzero: z.int().min(0).nullable(),
    index: z.array(z.int().min(0)).nullable().describe('columns of the encoded prompt'),
    value: z.array(z.number()).nullable().describe('values there, nine digits: exactly the f32 that the policy read'),
    text: z.string().optional().describe('what the policy read; only with log.text'),
  }),
  model: z.string().describe('what the request named'),
  epsilon: z.number().min(0).max(1),
  seed: z.int().min(0).optional().describe('of the draws since the gateway started; absent in early logs'),
  candidates: z.array(
    z.strictObject({
      agent: z.string(),
      score: z.number().nullable(),
      callable: z.boolean().describe('false: left alone by its breaker'),
      propensity: z.number().min(0).max(1).describe('chance of being asked first'),
    }),
  ),
  choice: z.string().nullable().describe('the agent asked first; null where none could be called'),
  reason: z
    .string()
    .describe('policy, explored, requested, requested-unavailable, round-robin, random, always, fallback:breaker-open'),
  attempts: z.array(
    z.strictObject({
      agent: z.string(),
      outcome: z.string(),
      ms: milliseconds,
      status: z.int().nullable(),
      detail: z.string().nullable().optional().describe('why it failed, keys taken out; absent in early logs'),
    }),
  ),
  outcome: z.strictObject({
    kind: z.enum(['answered', 'broken-stream', 'error', 'client-gone']),
    agent: z.string().nullable().describe('who answered, or began to'),
    status: z.int().nullable().describe('HTTP status given; null where the client had gone'),
    code: z.string().nullable().describe('of the error given'),
    ms: milliseconds.describe('from the request to the end of its answer'),
    firstTokenMs: milliseconds.nullable(),
    promptTokens: z.int().nullable(),
    completionTokens: z.int().nullable(),
    costUsd: z.number().nullable(),
  }),
})

/** A line that stands for lines that could not be written. */
export const firstGapSchema = z.strictObject({
  format: z.literal(FIRST_FORMAT),
  lost: z.int().min(1).describe('requests answered without a line'),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
})

type FirstDecision = z.infer<typeof firstDecisionSchema>
type FirstGap = z.infer<typeof firstGapSchema>

/** The decision that such a line tells of. When it was taken isn't known: as good as at once. */
export function decisionOf(line: FirstDecision): DecisionFields {
  const { id, team, key, policy, state, model, epsilon, seed = null, candidates, choice, reason } = line
  const { encoder, index, value, sha256, characters, read = characters, text } = state
  const known = encoder !== null && index !== null && value !== null
  const scored = candidates.some(({ score }) => score !== null)
  return {
    request: id,
    episode: id,
    step: 0,
    waitedMs: 0,
    ...{ team, key, model, policy, choice, reason, epsilon, seed },
    state: {
      numbers: null,
      features: known ? { encoder, index, value } : null,
      text: { sha256, characters, read, ...(text === undefined ? {} : { text }) },
    },
    actions: candidates.map(({ agent }) => agent),
    legal: candidates.map(({ callable }) => callable),
    scores: scored ? candidates.map(({ score }) => score) : null,
    propensities: candidates.map(({ propensity }) => propensity),
    by: deciderOf(reason, policy.name),
  }
}

/** The outcome that the same line tells of. */
export function outcomeOf({ id, outcome, attempts }: FirstDecision): OutcomeFields {
  const { kind, ...rest } = outcome
  return {
    request: id,
    ended: kind,
    ...rest,
    attempts: attempts.map((attempt) => ({ ...attempt, detail: attempt.detail ?? null })),
  }
}

export function gapOf({ lost, from, to }: FirstGap): GapFields {
  return { what: 'unwritten', count: lost, from, to }
}

/** Who decided, by the reason. */
export function deciderOf(reason: string, policy: string): string {
  if (reason === 'requested') return 'client'
  return reason === 'explored' ? 'exploration' : policy
}
