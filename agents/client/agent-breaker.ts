import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import type { Clock } from './clock.js'

/**
 * Leaves an agent alone that keeps failing, and lets one request at a time test it later. What counts: failures that say
 * something about the agent, a stream that breaks after its first token among them. A test is passed with the first token,
 * or with the word that the request itself is wrong: an agent that says so is there.
 */
export class AgentBreaker {
  readonly #settings: TeamAgent['breaker']
  readonly #circuit: ReturnType<typeof circuitBreaker>
  /** Failures of tests: one that was given up tells nothing good of the agent. */
  readonly #failedTests = new WeakSet<Error>()
  readonly #clock: Clock
  #openedAt = 0

  constructor(settings: TeamAgent['breaker'], clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    const counts = (error: Error) =>
      error instanceof AgentFailure && (error.countsAgainstAgent || this.#failedTests.has(error))
    this.#circuit = circuitBreaker(handleWhen(counts), {
      halfOpenAfter: settings.halfOpenAfterMs,
      breaker: new ConsecutiveBreaker(settings.failures),
    })
    this.#circuit.onBreak(() => {
      this.#openedAt = clock.elapsedMs()
    })
  }

  /** closed: the agent is called; open: it is left alone; half-open: one request is testing it. */
  get state(): 'closed' | 'open' | 'half-open' {
    const { state } = this.#circuit
    return state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'half-open' : 'open'
  }

  /** Until the agent may be tried again; 0 when it may be called now. */
  get closedForMs(): number {
    if (this.state === 'closed') return 0
    const { halfOpenAfterMs } = this.#settings
    if (this.state === 'half-open') return halfOpenAfterMs
    return Math.max(0, this.#openedAt + halfOpenAfterMs - this.#clock.elapsedMs())
  }

  /**
   * Makes one try. Its answer is there with its first token. A stream's success counts when the stream is over, since an agent
   * whose streams break is no better than one that doesn't answer; but a test doesn't keep the others waiting for so long.
   * @throws BrokenCircuitError where the agent is left alone; else what `attempt` throws
   */
  guard(attempt: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const whole = async () => {
        const testing = this.state !== 'closed'
        const answer = await attempt().catch((error: AgentFailure) => {
          if (testing && error.outcome !== 'bad-request' && error.outcome !== 'unfit') this.#failedTests.add(error)
          throw error
        })
        resolve(answer)
        if (testing) void this.#watch(answer)
        else await keptOrThrow(answer)
      }
      this.#circuit.execute(whole).catch(reject)
    })
  }

  /** Counts a break of a stream that had passed a test as any other failure. */
  async #watch(answer: Answer): Promise<void> {
    try {
      await keptOrThrow(answer)
    } catch (broken) {
      if (this.state === 'closed') await this.#circuit.execute(() => Promise.reject(broken)).catch(() => undefined)
    }
  }
}

async function keptOrThrow(answer: Answer): Promise<void> {
  if (answer.kind === 'stream' && !(await answer.stream.kept)) {
    throw new AgentFailure('broken-stream', 'the stream broke off')
  }
}
