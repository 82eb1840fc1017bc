import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { Clock } from '../client/clock.js'
import type { Ledger } from '../gateway/ledger.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import type { LogWriter } from '../log/decision-log.js'
import type { DecideAt, DispatchCore } from './dispatch-core.js'
import type { SeatFields, StartFields, TickFields } from './dispatch-lines.js'
import type { Utility } from './utility-book.js'

export interface RecorderParts {
  readonly team: string
  readonly config: RoutingDispatchConfig
  readonly identity: PolicyIdentity
  readonly seed: number
  readonly epsilon: number
  readonly decide: DecideAt
  readonly discount: number
  readonly log: LogWriter
  readonly ledger: Pick<Ledger, 'decided'>
  readonly clock: Clock
  readonly episode: string
}

/** A query on which a decision is made. */
interface Offered {
  readonly id: string
  readonly key: string | null
  readonly model: string
  readonly type: number
  readonly began: number
}

/** What nobody is called where a query is left waiting. */
const NOBODY = 'nobody'

type Events = { -readonly [K in keyof TickFields['events']]?: NonNullable<TickFields['events'][K]>[number][] }

/** Writes what a dispatcher does: a line for each decision, and one for each boundary at which something happened. */
export class DispatchRecorder {
  readonly #parts: RecorderParts
  readonly #agents: readonly string[]
  readonly #types: readonly string[]
  #events: Events = {}
  #requests: string[] = []
  #returned: string[] = []
  #lost: string[] = []
  #offers: NonNullable<TickFields['offers']> = []
  #state: TickFields['state']
  #decisions = 0
  /** What leads the team now. */
  #identity: PolicyIdentity

  constructor(parts: RecorderParts, agents: readonly string[], types: readonly string[]) {
    this.#parts = parts
    this.#identity = parts.identity
    this.#agents = agents
    this.#types = types
  }

  /** @param present - [N], whether somebody has each seat */
  started(present: readonly boolean[]): void {
    const { log, episode, team, config, seed, epsilon, decide, discount } = this.#parts
    log.write('start', {
      episode,
      team,
      policy: namedIn(this.#identity),
      environment: JSON.parse(JSON.stringify(config)),
      agents: [...this.#agents],
      present: this.#agents.filter((_, i) => present[i]),
      seed,
      epsilon,
      tickMs: config.tickMs,
      ...{ decide, discount },
    })
  }

  /**
   * Other settings, and the policy that came with them, hold from the decisions of this boundary on.
   * @param core - at a boundary whose tick is not yet over for it
   */
  adopted(
    { ticks, state }: DispatchCore,
    config: RoutingDispatchConfig,
    identity: PolicyIdentity,
    discount: number,
  ): void {
    const { log, episode } = this.#parts
    const at = state.timed ? { tick: ticks, ms: state.now } : { tick: ticks + 1 }
    this.#identity = identity
    const environment = JSON.parse(JSON.stringify(config))
    log.write('settings', { episode, ...at, policy: namedIn(identity), environment, discount })
  }

  stopped({ ticks, state }: DispatchCore, lateTicks: number, { total, discounted, unjudged }: Utility): void {
    const { log, episode } = this.#parts
    const at = state.timed ? { tick: ticks, ms: state.now } : { tick: ticks }
    log.write('stop', { episode, ...at, lateTicks, total, discounted, unjudged })
  }

  seatChanged(seat: number, agent: string, change: SeatFields['change']): void {
    const { log, episode } = this.#parts
    log.write('seat', { episode, seat: this.#agents[seat]!, agent, change })
  }

  completed(agent: number, place: number): void {
    this.#note('served', place === 0 ? agent : { agent, place })
  }

  wentDown(agent: number, begun: readonly number[]): void {
    this.#note('failed', begun.length === 0 ? agent : { agent, begun: [...begun] })
  }

  cameUp(agent: number): void {
    this.#note('repaired', agent)
  }

  withdrew(place: number): void {
    this.#note('withdrawn', place)
  }

  arrived(type: number, request: string): void {
    this.#note('arrivals', type)
    this.#requests.push(request)
  }

  returned(request: string): void {
    this.#returned.push(request)
  }

  lost(request: string): void {
    this.#lost.push(request)
  }

  /**
   * A decision was made on the head of the inbox, which is still there.
   * @returns why, as in x-cadre-reason
   */
  decided(core: DispatchCore, query: Offered, claims: number, winner: number): string {
    const { state, view, decider } = core
    const claimants = [...view.claimants.subarray(0, claims)]
    this.#state ??= {
      inbox: Array.from({ length: state.waiting }, (_, k) => [state.type[k]!, state.left[k]!]),
      queue: [...state.queue],
      down: [...state.down],
    }
    this.#offers.push({ request: query.id, claims: claimants, winner: winner === NONE ? null : winner })
    const reason = decider.explored ? 'explored' : decider.failed ? 'policy-failed' : 'policy'
    this.#log(core, query, claimants, winner, reason)
    return reason
  }

  /** Writes the line of a boundary, or of a moment, at which something happened. */
  boundary({ ticks, state }: DispatchCore): void {
    const hasEvents = Object.keys(this.#events).length > 0
    if (hasEvents || this.#offers.length > 0 || this.#lost.length > 0) {
      const { log, episode } = this.#parts
      const fields = {
        episode,
        events: this.#events,
        ...(this.#requests.length > 0 ? { requests: this.#requests } : {}),
        ...(this.#returned.length > 0 ? { returned: this.#returned } : {}),
        ...(this.#state === undefined ? {} : { state: this.#state }),
        ...(this.#offers.length > 0 ? { offers: this.#offers } : {}),
        ...(this.#lost.length > 0 ? { lost: this.#lost } : {}),
      }
      if (state.timed) log.write('event', { ...fields, ms: state.now })
      else log.write('tick', { ...fields, tick: ticks })
    }
    this.#events = {}
    this.#requests = []
    this.#returned = []
    this.#lost = []
    this.#offers = []
    this.#state = undefined
  }

  #note<K extends keyof Events>(kind: K, event: NonNullable<Events[K]>[number]): void {
    const events = (this.#events[kind] ?? []) as (typeof event)[]
    events.push(event)
    Object.assign(this.#events, { [kind]: events })
  }

  #log(core: DispatchCore, query: Offered, claimants: readonly number[], winner: number, reason: string): void {
    const { ledger, episode, team, epsilon, seed, clock } = this.#parts
    const { state, decider } = core
    const choice = winner === NONE ? NOBODY : this.#agents[winner]!
    const actions = [...this.#agents, NOBODY]
    const fields = {
      request: query.id,
      episode,
      step: this.#decisions++,
      waitedMs: Math.round(10 * (clock.elapsedMs() - query.began)) / 10,
      team,
      key: query.key,
      model: query.model,
      type: this.#types[query.type]!,
      policy: namedIn(this.#identity),
      state: { numbers: [decider.stateId, ...decider.numbers], features: null, text: null },
      actions,
      legal: [...this.#agents.map((_, i) => state.eligible[i] === 1), true],
      scores: bidsOf(decider.scores(), this.#agents.length, decider.actions.length),
      propensities: [...decider.propensities()],
      choice,
      by: decider.explored ? 'exploration' : this.#identity.name,
      reason,
      epsilon,
      seed,
    }
    ledger.decided(
      fields,
      claimants.map((i) => this.#agents[i]!),
    )
  }
}

/** A policy as lines name it. */
function namedIn({ name, sha256, version }: PolicyIdentity): StartFields['policy'] {
  return { name, sha256, version }
}

/**
 * What each agent bids, and 0 for nobody: the score of its claim less that of its pass; null where the policy has no scores.
 * @param scores - f64 [N, 2] of agents that claim or pass, or [1, N + 1] of a central dispatcher
 */
function bidsOf(scores: Float64Array | null, agents: number, deciders: number): (number | null)[] | null {
  if (scores === null) return null
  const finite = (bid: number) => (Number.isFinite(bid) ? bid : null)
  const central = deciders === 1 && scores.length === agents + 1
  const bids = Array.from({ length: agents }, (_, i) =>
    finite(central ? scores[i + 1]! - scores[0]! : scores[2 * i + 1]! - scores[2 * i]!),
  )
  return [...bids, 0]
}
