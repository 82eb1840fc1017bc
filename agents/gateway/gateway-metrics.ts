import type { AgentClient } from '../client/agent-client.js'
import type { DecisionLog } from '../log/decision-log.js'
import type { DecisionFields, OutcomeFields } from '../log/log-kinds.js'
import type { Counter, Histogram, Metrics } from '../metrics/metrics.js'
import { addProcessMetrics } from '../metrics/process-metrics.js'

/** Upper ends of the ranges of latencies, seconds. */
const latencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export interface MeasuredParts {
  /** Of the agents that are there now. */
  clients(): readonly AgentClient[]
  readonly log: DecisionLog
  /** Requests in work now. */
  inWork(): number
}

/** What a gateway counts of requests, decisions and agents. */
export class GatewayMetrics {
  readonly #requests: Counter
  readonly #decisions: Counter
  readonly #attempts: Counter
  readonly #errors: Counter
  readonly #feedback: Counter
  readonly #latency: Histogram
  readonly #firstToken: Histogram

  constructor(metrics: Metrics, { clients, log, inWork }: MeasuredParts) {
    this.#requests = metrics.counter(
      'cadre_requests_total',
      'Requests that were decided on, by how they ended and who answered.',
      ['outcome', 'agent'],
    )
    this.#decisions = metrics.counter('cadre_decisions_total', 'Decisions, by the action taken and why.', [
      'choice',
      'reason',
    ])
    this.#attempts = metrics.counter('cadre_attempts_total', 'Tries at agents, by how they ended.', [
      'agent',
      'outcome',
    ])
    this.#errors = metrics.counter('cadre_error_responses_total', 'Errors told to clients, by HTTP status.', ['status'])
    this.#feedback = metrics.counter(
      'cadre_feedback_total',
      'Feedback, by whether it was new, changed, repeated or lost.',
      ['status'],
    )
    const help = 'From the first byte of a request to'
    this.#latency = metrics.histogram('cadre_request_seconds', `${help} the end of its answer.`, latencyBounds, [
      'agent',
    ])
    this.#firstToken = metrics.histogram('cadre_first_token_seconds', `${help} the first token.`, latencyBounds, [
      'agent',
    ])
    metrics.read('cadre_requests_in_work', 'Requests in work.', [], () => [[inWork()]])
    metrics.read('cadre_agent_up', '0 where the health probe of an agent finds it down.', ['agent'], () =>
      clients().map(({ name, down }) => [Number(down === null), name]),
    )
    metrics.read('cadre_agent_breaker', 'The state of each breaker: 1 for the one it is in.', ['agent', 'state'], () =>
      clients().flatMap(({ name, breaker }) =>
        (['closed', 'half-open', 'open'] as const).map((state) => [Number(state === breaker), name, state] as const),
      ),
    )
    metrics.read('cadre_log_ok', '0 where decisions are not logged, or were not lately.', [], () => [[Number(log.ok)]])
    const lost = 'Lines of the decision log that could not be written.'
    metrics.read('cadre_log_lost_lines_total', lost, [], () => [[log.lost]], 'counter')
    addProcessMetrics(metrics)
  }

  decided({ choice, reason }: DecisionFields): void {
    this.#decisions.add(1, choice ?? '', reason)
  }

  ended({ ended, agent, ms, firstTokenMs, attempts }: OutcomeFields): void {
    this.#requests.add(1, ended, agent ?? '')
    for (const { agent: asked, outcome } of attempts) this.#attempts.add(1, asked, outcome)
    if (agent === null) return
    if (ended === 'answered') this.#latency.observe(ms / 1000, agent)
    if (firstTokenMs !== null) this.#firstToken.observe(firstTokenMs / 1000, agent)
  }

  told(status: string): void {
    this.#feedback.add(1, status)
  }

  refused(status: number): void {
    this.#errors.add(1, String(status))
  }
}
