import type { Policy } from '#env/policy.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { Attempt } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import type { AgentAnswer, AgentRequest, Call } from '../contract/agent.js'
import type { QueueOptimum } from '../contract/agent-entry.js'
import type { DecideAt } from '../dispatch/dispatch-core.js'
import { Dispatcher } from '../dispatch/dispatcher.js'
import type { Seat } from '../dispatch/seat-table.js'
import { UnansweredError } from '../dispatch/unanswered.js'
import { attemptFields, type PolicyIdentity } from '../gateway/record-decision.js'
import { Work } from '../gateway/work.js'
import type { LogWriter } from '../log/decision-log.js'
import type { PartQuestion } from './agent-occupant.js'

/** Who hands parts out, by what, and to whom. */
export interface PartDispatchParts {
  /** Of whoever gives requests out, in logs. */
  readonly name: string
  readonly config: RoutingDispatchConfig
  readonly policy: Policy
  readonly identity: PolicyIdentity
  /** Solves anew for those who can be reached; null where another policy leads. */
  readonly optimum: QueueOptimum | null
  /** [N], by seat; null where nobody sits. */
  readonly seats: readonly (Seat<PartQuestion, AgentAnswer> | null)[]
  readonly seed: number
  readonly epsilon: number
  readonly decide: DecideAt
  /** gamma a tick */
  readonly discount: number
  readonly absentAfterMs: number
  readonly log: LogWriter
  readonly clock: Clock
}

/** A part in hand. */
interface InHand {
  readonly work: Work
  readonly over: Promise<unknown>
}

/**
 * Parts of requests in the inbox of a dispatcher whose seats are agents of this process: parts of all requests share the agents' queues.
 * Its time begins with the first part.
 */
export class PartDispatch {
  readonly #parts: PartDispatchParts
  readonly #inHand = new Set<InHand>()
  #dispatcher: Dispatcher<PartQuestion, AgentAnswer> | null = null
  #closing: Promise<void> | null = null
  #count = 0
  /** Grows whenever others can be reached: a solution begun before is out of date. */
  #turn = 0

  constructor(parts: PartDispatchParts) {
    this.#parts = parts
  }

  /** The dispatcher; null before the first part. */
  get dispatcher(): Dispatcher<PartQuestion, AgentAnswer> | null {
    return this.#dispatcher
  }

  /**
   * Has a part answered by whom the policy gives it to.
   * @param type - number of its query type
   * @throws AgentFailure `rate-limited` where the inbox has no place, `timeout` where nobody takes it in its patience or answers by the
   * deadline, `aborted` where nobody waits any more; else what its agent fails with
   */
  handle(part: AgentRequest, type: number, call: Call): Promise<AgentAnswer> {
    const { name, clock } = this.#parts
    if (this.#closing !== null) return Promise.reject(new AgentFailure('down', `${name} is closed`))
    const work = new Work(Math.max(0, call.deadline - clock.elapsedMs()), clock)
    const over = this.#answer(part, type, call, work)
    const inHand = { work, over }
    this.#inHand.add(inHand)
    const leave = () => void this.#inHand.delete(inHand)
    over.then(leave, leave)
    return over
  }

  /** Gives up what is in hand, and stops. */
  close(): Promise<void> {
    this.#closing ??= this.#stop()
    return this.#closing
  }

  async #stop(): Promise<void> {
    this.#turn++
    for (const { work } of this.#inHand) work.giveUp('stopping')
    await Promise.allSettled([...this.#inHand].map(({ over }) => over))
    this.#dispatcher?.stop()
    await this.#parts.optimum?.close()
  }

  async #answer(request: AgentRequest, type: number, call: Call, work: Work): Promise<AgentAnswer> {
    const { name, clock } = this.#parts
    const id = `${request.id}#${this.#count++}`
    const began = clock.elapsedMs()
    const attempts: Attempt[] = []
    let spentUsd = 0
    const question = { request, call, paid: (costUsd: number) => (spentUsd += costUsd) }
    const leave = () => work.giveUp('client-gone')
    if (call.signal.aborted) leave()
    call.signal.addEventListener('abort', leave, { once: true })
    try {
      const query = { id, key: null, model: name, type, question, work, began, attempts }
      const { agent, answer, ended } = await this.#running().submit(query)
      ended(true)
      const costUsd = answer.costUsd + spentUsd
      this.#tell(id, began, attempts, { ended: 'answered', agent: this.#nameOf(agent), code: null, costUsd })
      return { ...answer, costUsd }
    } catch (error) {
      const failure = this.#failureOf(error, work).costing(spentUsd)
      const gone = work.givenUp === 'client-gone'
      this.#tell(id, began, attempts, {
        ended: gone ? 'client-gone' : 'error',
        agent: null,
        code: gone ? null : failure.outcome,
        costUsd: spentUsd,
      })
      throw failure
    } finally {
      work.end()
      call.signal.removeEventListener('abort', leave)
    }
  }

  #tell(
    request: string,
    began: number,
    attempts: readonly Attempt[],
    end: {
      readonly ended: 'answered' | 'client-gone' | 'error'
      readonly agent: string | null
      readonly code: string | null
      readonly costUsd: number
    },
  ): void {
    const { log, clock } = this.#parts
    log.write('outcome', {
      request,
      ...end,
      status: null,
      ms: Math.round(10 * (clock.elapsedMs() - began)) / 10,
      ...{ firstTokenMs: null, promptTokens: null, completionTokens: null },
      attempts: attempts.map((attempt) => attemptFields(attempt, (text) => text)),
    })
  }

  #nameOf(teamIndex: number): string {
    return this.#parts.seats.find((seat) => seat?.teamIndex === teamIndex)!.occupant.name
  }

  #failureOf(error: unknown, work: Work): AgentFailure {
    const { name } = this.#parts
    if (!(error instanceof UnansweredError)) {
      return new AgentFailure('server-error', `${name} failed: ${(error as Error).message}`, { cause: error })
    }
    const { why } = error
    switch (why.kind) {
      case 'full':
        return new AgentFailure('rate-limited', `${name}: every place of the inbox is taken`, why)
      case 'expired': {
        const fault = this.#dispatcher?.status().policyFault?.message
        const cause = fault === undefined ? '' : `: the policy could not decide (${fault})`
        return new AgentFailure('timeout', `${name}: nobody took a part in its patience${cause}`, why)
      }
      case 'given-up':
        return work.givenUp === 'deadline'
          ? new AgentFailure('timeout', `${name}: a part had no answer by the deadline`)
          : new AgentFailure('aborted', `${name} was given up`)
      default:
        return why.failure
    }
  }

  /** The dispatcher, running. */
  #running(): Dispatcher<PartQuestion, AgentAnswer> {
    if (this.#dispatcher !== null) return this.#dispatcher
    const { name, log, clock, optimum } = this.#parts
    const dispatcher = new Dispatcher<PartQuestion, AgentAnswer>({
      ...this.#parts,
      team: name,
      episode: `${name} ${new Date(clock.now()).toISOString()}`,
      ledger: { decided: (fields) => void log.write('decision', fields) },
      // What it would tell is told with the parts that fail.
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    })
    this.#dispatcher = dispatcher
    if (optimum !== null) dispatcher.seats.onReachable = (present) => void this.#solve(dispatcher, optimum, present)
    dispatcher.start()
    return dispatcher
  }

  async #solve(
    dispatcher: Dispatcher<PartQuestion, AgentAnswer>,
    optimum: QueueOptimum,
    present: readonly boolean[],
  ): Promise<void> {
    const turn = ++this.#turn
    if (!present.includes(true)) return
    try {
      const policy = await optimum.without(present)
      if (turn === this.#turn) dispatcher.lead(policy)
    } catch {
      // The one that leads goes on: it knows who is down.
    }
  }
}
