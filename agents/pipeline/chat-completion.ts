import type { Reply } from './answering-team.js'

/** What a completion says of itself. */
interface Head {
  readonly id: string
  readonly model: string
  /** Seconds since the epoch. */
  readonly created: number
}

/** A reply in the form of the OpenAI API, with what it stands on and who did what beside it. */
export function wholeCompletion(head: Head, reply: Reply): object {
  return {
    ...shapeOf(head, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content: reply.text }, finish_reason: 'stop' }],
    usage: noUsage,
    cadre: detailsOf(reply),
  }
}

/** A reply as a stream of one piece: it is checked before any of it is told. */
export function completionEvents(head: Head, reply: Reply, includeUsage: boolean): string {
  const chunk = (delta: object, finish: string | null = null) => ({
    ...shapeOf(head, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const events: object[] = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: reply.text }),
    { ...chunk({}, 'stop'), cadre: detailsOf(reply) },
  ]
  if (includeUsage) events.push({ ...shapeOf(head, 'chat.completion.chunk'), choices: [], usage: noUsage })
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
}

/** Agents that are programs count no tokens. */
const noUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

function shapeOf({ id, model, created }: Head, object: string): object {
  return { id: `chatcmpl-${id}`, object, created, model }
}

function detailsOf({ kind, confidence, provenance, session, ticket, end }: Reply): object {
  const { kept, calls, costUsd, waitedMs, why } = end
  return { kind, confidence, provenance, session, ticket, kept, calls, costUsd, waitedMs, why }
}
