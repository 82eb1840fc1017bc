import type { AgentClient, Question } from './agent-client.js'
import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import { parseJson } from './completion.js'

/** What is asked of an endpoint that gives JSON back, whole. */
export interface WholeQuestion extends Pick<Question, 'signal' | 'remainingMs'> {
  /** Made anew for each try. */
  body(): string
  readonly headers?: Question['headers']
  readonly onAttempt?: Question['onAttempt']
}

/**
 * Asks for JSON, whole.
 * @returns what was said, undefined where that is no JSON, and what it used up
 * @throws AgentFailure where there is no answer
 */
export async function askWhole(
  client: AgentClient,
  { body, headers = [], signal, remainingMs, onAttempt = () => {} }: WholeQuestion,
): Promise<{ readonly json: unknown; readonly usage: (Answer & { kind: 'whole' })['usage'] }> {
  const answer = await client.ask({
    ...{ body, headers, signal, remainingMs, onAttempt },
    canAskUsage: false,
    stream: false,
    othersWait: () => false,
  })
  if (answer.kind !== 'whole') throw new AgentFailure('garbage', 'a stream that nobody asked for')
  return { json: parseJson(new TextDecoder().decode(answer.bytes)), usage: answer.usage }
}
