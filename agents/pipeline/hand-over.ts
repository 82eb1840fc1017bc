import type { Findings, Source } from '../contract/agent.js'

/** A question for a person. */
export interface HandOver {
  /** What the user is told, to come back with. */
  readonly ticket: string
  readonly request: string
  readonly question: string
  /** Why no agent answered. */
  readonly why: string
  /** What the agents found: a person needn't begin anew. */
  readonly intent: string | null
  readonly slots: Readonly<Record<string, string>>
  readonly sources: readonly Source[]
}

/** Where questions for people go. */
export interface HandOverQueue {
  /** @throws where it can't be kept: the user is then told that nobody will come back to it */
  add(handOver: HandOver): void
}

/** What is known of a question, for whoever takes it over. */
export function handOverOf(ticket: string, request: string, question: string, why: string, found: Findings): HandOver {
  const { frame, passages = [] } = found
  return {
    ticket,
    request,
    question,
    why,
    intent: frame?.intent ?? null,
    slots: Object.fromEntries((frame?.slots ?? []).map(({ name, text }) => [name, text])),
    sources: passages.slice(0, 3).map(({ source }) => source),
  }
}
