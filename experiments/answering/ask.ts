import { randomUUID } from 'node:crypto'
import { machineClock } from '#agents/client/clock.js'
import type { Fact } from '#agents/contract/memory.js'
import type { Reply } from '#agents/pipeline/answering-team.js'
import type { Turn } from '#agents/pipeline/sessions.js'
import { explanationLines } from '../explain/describe-explanation.js'
import { type Explanation, explainRequest } from '../explain/explain-request.js'
import type { OpenTeam } from './open-team.js'

/** How long a question may take. */
const deadlineMs = 60_000

/** What `cadre ask --json` prints. */
export interface AskDocument {
  readonly request: string
  readonly team: string
  readonly kind: Reply['kind']
  readonly text: string
  readonly confidence: number
  readonly provenance: Reply['provenance']
  readonly session: string | null
  readonly ticket: string | null
  /** Where the question waits for a person under the ticket; absolute, null without one. */
  readonly handOverFile: string | null
  readonly calls: Reply['end']['calls']
  readonly costUsd: number
  readonly waitedMs: number
  /** What is known in the conversation now. */
  readonly known: readonly Fact[]
  readonly explanation?: Explanation
}

/** Asks a team. @param turns - all that was said, the question last */
export async function ask(
  { name, answering, handOverFile, log }: OpenTeam,
  turns: readonly Turn[],
  session: string | null,
  explain: boolean,
): Promise<{ readonly reply: Reply; readonly document: AskDocument; readonly lines: string[] }> {
  const id = randomUUID()
  const began = machineClock.elapsedMs()
  const limits = { signal: new AbortController().signal, deadline: began + deadlineMs }
  const reply = await answering.answer({ id, turns, session, key: null, model: name, began }, limits)
  const { kind, text, confidence, provenance, ticket, end } = reply
  const { calls, costUsd, waitedMs } = end
  const explanation = explain ? explainRequest(log(), id) : null
  const document: AskDocument = {
    ...{ request: id, team: name, kind, text, confidence, provenance },
    ...{ session: reply.session, ticket, handOverFile: ticket === null ? null : handOverFile },
    ...{ calls, costUsd, waitedMs, known: end.memory.facts },
    ...(explanation === null ? {} : { explanation }),
  }
  const sources = provenance.map(({ document: of, title, quote }) => {
    return `  ${title ?? of}${quote === undefined ? '' : `: "${quote}"`}`
  })
  const who = end.kept.map(({ agent }) => agent).join(', ')
  const lines = [
    text,
    ...(sources.length > 0 ? ['', 'stands on', ...sources] : []),
    ...(ticket === null ? [] : ['', `waits in ${handOverFile}`]),
    ...(kind === 'answer' ? ['', `by ${who}, confidence ${confidence.toFixed(2)}`] : []),
    ...(explanation === null ? [] : ['', ...explanationLines(explanation)]),
  ]
  return { reply, document, lines }
}
