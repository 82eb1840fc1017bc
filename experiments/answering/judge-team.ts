import { randomUUID } from 'node:crypto'
import type { Clock } from '#agents/client/clock.js'
import type { DecisionLog } from '#agents/log/decision-log.js'
import type { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import type { Turn } from '#agents/pipeline/sessions.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { Conversation } from './conversations.js'

/** What a team earned on conversations, by the numbers of its pipeline. */
export interface Judged {
  readonly conversations: number
  /** Mean utility a conversation, reward units, and its standard error. */
  readonly utility: number
  readonly error: number
  /** Shares of all: answered, of these right; handed over; asked back. */
  readonly answered: number
  readonly right: number
  readonly handedOver: number
  readonly asked: number
  /** Mean seconds and reward units a conversation. */
  readonly seconds: number
  readonly costUsd: number
  /** [conversation], utility of each. */
  readonly each: Float64Array
}

/** Who judges. */
export interface Judge<C> {
  /** The team's own. */
  readonly clock: Clock
  /** Hears the judgements as feedback; null where they aren't kept. */
  readonly log: DecisionLog | null
  /** Whether an answer is right. */
  right(text: string, conversation: C): boolean
}

/**
 * Has a team answer conversations and judges what it says. A right answer, a person, a question back, time and prices count as the
 * pipeline's settings say; a person is never wrong.
 */
export async function judgeTeam<C extends Pick<Conversation, 'question' | 'reply'>>(
  answering: AnsweringTeam,
  { value, handOver, delayPrice, ask }: RoutingPipelineConfig,
  conversations: readonly C[],
  { clock, log, right: isRight }: Judge<C>,
): Promise<Judged> {
  const each = new Float64Array(conversations.length)
  const sums = { answered: 0, right: 0, handedOver: 0, asked: 0, seconds: 0, costUsd: 0 }
  for (const [k, conversation] of conversations.entries()) {
    const turns: Turn[] = [{ role: 'user', text: conversation.question }]
    let session: string | null = null
    for (let over = false; !over; ) {
      const id = randomUUID()
      const began = clock.elapsedMs()
      const limits = { signal: new AbortController().signal, deadline: began + 60_000 }
      const reply = await answering.answer({ id, turns, session, key: null, model: 'judged', began }, limits)
      // What the pipeline charges for: the time that agents took, not that of this machine between them.
      const seconds = reply.end.calls.reduce((sum, { ms }) => sum + ms, 0) / 1000
      each[k]! -= reply.end.costUsd + delayPrice * seconds
      sums.seconds += seconds
      sums.costUsd += reply.end.costUsd
      if (reply.kind === 'ask') {
        each[k]! -= ask!.price
        sums.asked++
        turns.push({ role: 'assistant', text: reply.text }, { role: 'user', text: conversation.reply })
        session = reply.session
        continue
      }
      over = true
      if (reply.kind === 'handOver') {
        each[k]! += handOver
        sums.handedOver++
        continue
      }
      const score = isRight(reply.text, conversation) ? 1 : 0
      each[k]! += value * score
      sums.answered++
      sums.right += score
      log?.write('feedback', {
        request: id,
        source: 'judge',
        score,
        label: null,
        comment: null,
        key: null,
        known: true,
      })
    }
  }
  const n = conversations.length
  const utility = each.reduce((sum, one) => sum + one, 0) / n
  const variance = each.reduce((sum, one) => sum + (one - utility) ** 2, 0) / Math.max(1, n - 1)
  const { answered, right, handedOver, asked, seconds, costUsd } = sums
  return {
    conversations: n,
    utility,
    error: Math.sqrt(variance / n),
    answered: answered / n,
    right: answered === 0 ? 0 : right / answered,
    handedOver: handedOver / n,
    asked: asked / n,
    seconds: seconds / n,
    costUsd: costUsd / n,
    each,
  }
}
