import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import {
  type Agent,
  type AgentAnswer,
  type AgentCard,
  type AgentRequest,
  agentAnswerSchema,
  type Call,
} from './agent.js'
import { isWithin } from './memory.js'

/**
 * Holds an agent to its contract, whoever wrote it: it isn't asked after the deadline or once the call is given up, its answer is waited
 * for no longer, what it says has the shape of an answer, and it names no source that isn't there.
 */
export class CheckedAgent implements Agent {
  readonly card: AgentCard
  readonly #agent: Agent
  readonly #clock: Clock

  constructor(agent: Agent, clock: Clock) {
    this.card = agent.card
    this.#agent = agent
    this.#clock = clock
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name, longestQuestion, needs } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was not asked: the call was given up`)
    const remaining = call.deadline - this.#clock.elapsedMs()
    if (remaining <= 0) throw new AgentFailure('timeout', `${name} was not asked: the deadline has passed`)
    if (request.question.length > longestQuestion) {
      const got = request.question.length
      throw new AgentFailure('unfit', `${name} reads questions of at most ${longestQuestion} characters, got ${got}`)
    }
    const missing = needs.filter((what) => request.found[what] === undefined)
    if (missing.length > 0)
      throw new AgentFailure('unfit', `${name} needs ${missing.join(' and ')}, which nobody has found`)
    const answer = await this.#inTime(request, call, remaining)
    return checkedAnswer(name, request, answer)
  }

  isUp(): boolean {
    return this.#agent.isUp?.() ?? true
  }

  async close(): Promise<void> {
    await this.#agent.close?.()
  }

  async #inTime(request: AgentRequest, call: Call, remaining: number): Promise<AgentAnswer> {
    const { name } = this.card
    const own = new AbortController()
    let settle: (failure: AgentFailure) => void = () => {}
    const over = new Promise<never>((_, reject) => {
      settle = reject
    })
    const late = this.#clock.later(remaining, () => {
      settle(new AgentFailure('timeout', `${name} did not answer within ${Math.round(remaining)} ms`))
      own.abort()
    })
    const giveUp = () => {
      settle(new AgentFailure('aborted', `${name} was given up`))
      own.abort()
    }
    call.signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await Promise.race([this.#agent.handle(request, { ...call, signal: own.signal }), over])
    } catch (error) {
      if (error instanceof AgentFailure) throw error
      throw new AgentFailure('server-error', `${name} failed: ${(error as Error).message}`, { cause: error })
    } finally {
      late()
      call.signal.removeEventListener('abort', giveUp)
    }
  }
}

/** @throws AgentFailure `garbage` where it isn't an answer, or names what isn't there */
function checkedAnswer(name: string, { question, found, memory }: AgentRequest, given: unknown): AgentAnswer {
  const parsed = agentAnswerSchema.safeParse(given)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new AgentFailure('garbage', `${name} answered with something else: ${path.join('.')}: ${message}`)
  }
  const answer = parsed.data
  const { frame, drafts = [] } = answer.found
  for (const { name: slot, text, from, to } of frame?.slots ?? []) {
    if (question.slice(from, to) !== text) {
      throw new AgentFailure('garbage', `${name} found slot "${slot}" where the question does not have it`)
    }
  }
  const forbidden = answer.remember?.find(({ key }) => !isWithin(memory?.mayWrite ?? [], key))
  if (forbidden !== undefined) {
    const may = memory === undefined || memory.mayWrite.length === 0 ? 'nothing' : memory.mayWrite.join(', ')
    throw new AgentFailure('garbage', `${name} may not write "${forbidden.key}"; it may write ${may}`)
  }
  // A draft, or a fact, stands on passages that somebody found: an invented source is worse than none.
  const passages = [...(found.passages ?? []), ...(found.context ?? []), ...(answer.found.passages ?? [])]
  const earlier = (found.drafts ?? []).flatMap(({ provenance }) => provenance)
  const remembered = (answer.remember ?? []).flatMap(({ source }) => (source === null ? [] : [source]))
  for (const source of [...drafts.flatMap(({ provenance }) => provenance), ...remembered]) {
    const isKnown =
      passages.some((passage) => passage.source.document === source.document) ||
      earlier.some(({ document }) => document === source.document)
    if (!isKnown) throw new AgentFailure('garbage', `${name} names a source that nobody found: ${source.document}`)
    if (source.quote === undefined) continue
    const isThere =
      passages.some(({ text, source: { document } }) => document === source.document && text.includes(source.quote!)) ||
      earlier.some(({ document, quote }) => document === source.document && quote === source.quote)
    if (!isThere) throw new AgentFailure('garbage', `${name} quotes what ${source.document} does not say`)
  }
  return answer
}
