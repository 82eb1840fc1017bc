import { StateError } from '#env/errors.js'
import type { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import type { Answer } from '../client/answer.js'
import type { RelayedQuestion } from '../gateway/relay.js'
import type { QueueStatus } from '../gateway/team-status.js'
import type { DispatchRecorder } from './dispatch-recorder.js'
import type { Occupant } from './occupant.js'

/** A seat of the team that somebody has taken. */
export interface Seat<Q = RelayedQuestion, A = Answer> {
  readonly occupant: Occupant<Q, A>
  /** Its place among the team's agents. */
  readonly teamIndex: number
  /** Most queries that it is asked at once. */
  readonly concurrency: number
  /** Tries of one query beyond the first. */
  readonly retries: number
}

/** Who has each seat of a dispatched team, how each of them is, and how much each does. Seats by their numbers. */
export class SeatTable<Q = RelayedQuestion, A = Answer> {
  /** Hears who can be reached, by seat, whenever that changes: who is absent, or has been down for long, can't. */
  onReachable: ((present: readonly boolean[]) => void) | null = null
  /** Hears of each agent that has left, when its queue is over. */
  onLeft: ((seat: Seat<Q, A>) => void) | null = null
  /** [N], those of the environment's agents. */
  readonly names: readonly string[]
  /** [N], queries that each agent is answering. */
  readonly serving: Int32Array
  /** [N], queries that each agent has claimed since it took its seat. */
  readonly claims: Int32Array
  readonly #seated: (Seat<Q, A> | null)[]
  /** [N], whether each agent is about to leave: it takes nothing new. */
  readonly #leaving: boolean[]
  /** [N], whether each agent was up when it was last looked at. */
  readonly #up: boolean[]
  readonly #reachable: boolean[]
  /** f64 [N], since when each agent is down, by the clock's `elapsedMs`; NaN while it is up. */
  readonly #downSince: Float64Array
  readonly #absentAfterMs: number
  readonly #recorder: DispatchRecorder

  /** @param absentAfterMs - after which an agent that is down counts as absent */
  constructor(
    names: readonly string[],
    seated: readonly (Seat<Q, A> | null)[],
    absentAfterMs: number,
    recorder: DispatchRecorder,
  ) {
    this.names = names
    this.#seated = [...seated]
    this.#absentAfterMs = absentAfterMs
    this.#recorder = recorder
    this.serving = new Int32Array(names.length)
    this.claims = new Int32Array(names.length)
    this.#downSince = new Float64Array(names.length).fill(Number.NaN)
    this.#leaving = seated.map(() => false)
    this.#up = seated.map((seat) => seat !== null)
    this.#reachable = [...this.#up]
  }

  /** [N], who has each seat now; null where nobody has. */
  get seated(): readonly (Seat<Q, A> | null)[] {
    return this.#seated
  }

  /** [N], who can be reached: who is absent, or has been down for long, can't. */
  get reachable(): readonly boolean[] {
    return [...this.#reachable]
  }

  /** An agent takes a seat that nobody has: it is up from the next boundary on. @throws StateError where somebody has it */
  join(i: number, seat: Seat<Q, A>): void {
    if (this.#seated[i] !== null) throw new StateError(`seat ${this.names[i]} is taken`)
    this.#seated[i] = seat
    this.#recorder.seatChanged(i, seat.occupant.name, 'joined')
  }

  /** An agent takes nothing new from the next boundary on, and leaves when its queue is over: at once where that is given back. */
  leave(i: number): void {
    const seat = this.#seated[i]
    if (seat === null || seat === undefined || this.#leaving[i]) return
    this.#leaving[i] = true
    this.#recorder.seatChanged(i, seat.occupant.name, 'leaving')
  }

  /** An agent that is about to leave does so when it has nothing more to do. @param queue - queries in its queue */
  vacate(i: number, queue: number): void {
    if (!this.#leaving[i] || queue > 0 || this.serving[i]! > 0) return
    const seat = this.#seated[i]!
    this.#seated[i] = null
    this.#leaving[i] = false
    this.claims[i] = 0
    this.#recorder.seatChanged(i, seat.occupant.name, 'left')
    this.onLeft?.(seat)
  }

  /** Whether an agent was up when it was last looked at: one that leaves counts as down. */
  isUp(i: number): boolean {
    return this.#up[i]!
  }

  /** Looks how everybody is. @param now - by the clock's `elapsedMs` */
  look(now: number): void {
    let changed = false
    for (const [i, seat] of this.#seated.entries()) {
      const isHere = seat !== null && !this.#leaving[i]
      this.#up[i] = isHere && seat.occupant.isUp
      if (this.#up[i]) this.#downSince[i] = Number.NaN
      else if (Number.isNaN(this.#downSince[i]!)) this.#downSince[i] = now
      const reachable = isHere && !(now - this.#downSince[i]! >= this.#absentAfterMs)
      changed ||= reachable !== this.#reachable[i]
      this.#reachable[i] = reachable
    }
    if (changed) this.onReachable?.(this.reachable)
  }

  /** When an agent that is left alone may be called again, by the clock's `elapsedMs`; Infinity where that isn't known of anybody. */
  nextOpening(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const seat of this.#seated) if (seat !== null) next = Math.min(next, now + seat.occupant.opensInMs)
    return next
  }

  /** [team's agents], what is known of their queues. */
  queues({ queue, rules }: DispatchState): QueueStatus[] {
    const known: QueueStatus[] = []
    for (const [i, seat] of this.#seated.entries()) {
      if (seat === null) continue
      known[seat.teamIndex] = {
        queue: queue[i]!,
        capacity: rules.capacity[i]!,
        inService: this.serving[i]!,
        claims: this.claims[i]!,
      }
    }
    return known
  }
}
