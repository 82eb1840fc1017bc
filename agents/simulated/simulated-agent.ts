import { Rng } from '#env/rng.js'
import { type ServiceLaw, serviceLaw } from '#env/routing-dispatch/service-law.js'
import type { Clock } from '../client/clock.js'
import type { SimulatedAgentProfile } from './profile-schema.js'

/** Times of all agents of a team. */
export interface SimulatedTime {
  readonly clock: Clock
  readonly tickMs: number
  /** A moment at which a tick begins, by the clock's `elapsedMs`. */
  readonly origin: number
}

/** Where in a tick an agent goes down or comes up: after the answers, which come in its middle. */
const flipAt = 0.75
/** Timers of the machine can't be set for longer. */
const longestTimerMs = 1e9

interface Query {
  readonly type: number
  answered(good: boolean): void
}

/** The query in service: it is worked on until its answer, and then keeps the agent until the end of that tick. */
interface Service {
  readonly query: Query
  phase: 'work' | 'rest'
  /** By the clock; while the agent is down it moves along. */
  dueAt: number
  cancel: (() => void) | null
}

/**
 * One agent by its profile, as routing-dispatch has it. A query takes k ticks, k geometric with the chance `service` (or as the
 * quantiles say); its answer comes k - 1/2 ticks after work on it began, in the middle of a tick, so that whoever looks at
 * the ticks' ends sees it at the k-th. One query at a time, in the order in which they came; work on the next begins half a tick after
 * an answer. While the agent is down work rests, and goes on after repair. It goes down and comes up at three quarters of a tick.
 * All times follow from each other, not from when timers call: late timers don't add up.
 */
export class SimulatedAgent {
  readonly #profile: SimulatedAgentProfile
  readonly #time: SimulatedTime
  readonly #law: ServiceLaw
  readonly #services: Rng
  readonly #successes: Rng
  readonly #health: Rng
  readonly #waiting: Query[] = []
  #inService: Service | null = null
  /** Since when it works, or until when it did. */
  #works = true
  #downSince = 0
  #up = true
  #forced: boolean | null = null
  #cancelFlip = () => {}

  /** @param seed - of its draws: of services, of successes, and of going down and coming up, each of their own */
  constructor(profile: SimulatedAgentProfile, time: SimulatedTime, seed: string) {
    this.#profile = profile
    this.#time = time
    this.#law = serviceLaw(profile.service, time.tickMs)
    const rng = new Rng(seed)
    this.#services = rng.fork('service')
    this.#successes = rng.fork('success')
    this.#health = rng.fork('health')
  }

  get up(): boolean {
    return this.#works
  }

  /** Queries that wait or are in service. */
  get queue(): number {
    return this.#waiting.length + (this.#inService?.phase === 'work' ? 1 : 0)
  }

  /** Begins to go down and come up. */
  start(): void {
    const { clock, origin, tickMs } = this.#time
    const ticks = Math.ceil((clock.elapsedMs() - origin) / tickMs - flipAt)
    this.#flipLater(origin + (ticks - 1 + flipAt) * tickMs)
  }

  /** Answers nobody any more. */
  stop(): void {
    this.#cancelFlip()
    this.#inService?.cancel?.()
    this.#inService = null
    this.#waiting.length = 0
  }

  /** Holds it down or up, whatever its own process does meanwhile; null lets go. */
  force(up: boolean | null): void {
    this.#forced = up
    this.#settle(this.#time.clock.elapsedMs())
  }

  /**
   * Takes a query.
   * @param answered - called when its answer is there, with whether it is a good one
   * @returns what takes the query back, as if it had never come (draws excepted)
   */
  take(type: number, answered: (good: boolean) => void): () => void {
    const query = { type, answered }
    this.#waiting.push(query)
    this.#next(this.#time.clock.elapsedMs())
    return () => this.#leave(query)
  }

  #next(at: number): void {
    if (this.#inService !== null) return
    const query = this.#waiting.shift()
    if (query === undefined) return
    const { tickMs } = this.#time
    const from = this.#works ? at : this.#downSince
    this.#inService = { query, phase: 'work', dueAt: from + (this.#ticks() - 0.5) * tickMs, cancel: null }
    this.#run()
  }

  #run(): void {
    const service = this.#inService
    if (service === null || !this.#works) return
    service.cancel = this.#callAt(service.dueAt, () => this.#due(service))
  }

  #due(service: Service): void {
    service.cancel = null
    if (service.phase === 'rest') {
      this.#inService = null
      this.#next(service.dueAt)
      return
    }
    const { dueAt } = service
    service.phase = 'rest'
    service.dueAt = dueAt + this.#time.tickMs / 2
    const { query } = service
    query.answered(this.#successes.uniform() < (this.#profile.skill?.[query.type] ?? 1))
    if (this.#inService === service) this.#run()
  }

  #leave(query: Query): void {
    const place = this.#waiting.indexOf(query)
    if (place >= 0) this.#waiting.splice(place, 1)
    if (this.#inService?.query !== query || this.#inService.phase === 'rest') return
    this.#inService.cancel?.()
    this.#inService = null
    this.#next(this.#time.clock.elapsedMs())
  }

  /** k >= 1 ticks of service. */
  #ticks(): number {
    const { hazard } = this.#law
    for (let k = 0; ; k++) if (this.#services.uniform() < hazard[Math.min(k, hazard.length - 1)]!) return k + 1
  }

  /** Draws when the other of down and up comes: at least a tick after `from`. */
  #flipLater(from: number): void {
    const chance = this.#up ? this.#profile.fail : this.#profile.repair
    if (chance === 0) return
    const u = this.#health.uniform()
    const ticks = chance === 1 ? 1 : Math.max(1, Math.ceil(Math.log1p(-u) / Math.log1p(-chance)))
    const at = from + ticks * this.#time.tickMs
    this.#cancelFlip = this.#callAt(at, () => {
      this.#up = !this.#up
      this.#settle(at)
      this.#flipLater(at)
    })
  }

  /** Lets work rest or go on, as the agent is now. */
  #settle(at: number): void {
    const works = this.#forced ?? this.#up
    if (works === this.#works) return
    // A timer that is late must not take from the other's time.
    while (this.#works && this.#inService !== null && this.#inService.dueAt <= at) {
      this.#inService.cancel?.()
      this.#due(this.#inService)
    }
    this.#works = works
    const service = this.#inService
    if (works) {
      if (service !== null) service.dueAt += at - this.#downSince
      this.#run()
      return
    }
    this.#downSince = at
    service?.cancel?.()
  }

  /** Calls at a moment of the clock, however far. @returns what cancels it */
  #callAt(at: number, call: () => void): () => void {
    const { clock } = this.#time
    let cancel = () => {}
    const wait = () => {
      const ms = at - clock.elapsedMs()
      cancel = ms <= longestTimerMs ? clock.later(Math.max(0, ms), call) : clock.later(longestTimerMs, wait)
    }
    wait()
    return () => cancel()
  }
}
