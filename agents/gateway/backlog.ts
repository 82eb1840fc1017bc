import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Clock } from '../client/clock.js'

/** So many connections must be before a probe: a few that wait long are those of a slow machine, which refusing makes no faster. */
const crowd = 32
/** For how long the process must have been busy before it is tried how long others wait. */
const busyMs = 50

/**
 * Comes in as any client does, over a connection of its own.
 * @param served - called when its turn has come
 * @returns what gives it up
 */
export type Probe = (served: () => void) => () => void

/**
 * Whether this process keeps up with its clients. Where more comes than it can take, most of the
 * waiting is done out of its sight: the system keeps connections until they are accepted, and Node accepts one in each round of
 * its loop. So, while the process is busy without a pause, it stands in its own queue: a probe comes in like a client and tells how
 * long that takes. A process that has found nothing to do has nobody waiting.
 */
export class Backlog {
  readonly #limitMs: number
  readonly #clock: Clock
  readonly #idleMs: () => number
  readonly #accepted: () => number
  readonly #probe: Probe
  #idle: number
  #emptyAt: number
  /** The probe on its way, and since when. */
  #sent: { readonly at: number; readonly accepted: number; readonly giveUp: () => void } | null = null
  /** How long the last one took, where others were before it. */
  #waitedMs = 0
  #behind = false

  /**
   * @param limitMs - longest time that clients may wait for the process
   * @param idleMs - how long the process has been idle in all
   * @param accepted - how many connections it has accepted in all
   */
  constructor(limitMs: number, clock: Clock, idleMs: () => number, accepted: () => number, probe: Probe) {
    this.#limitMs = limitMs
    this.#clock = clock
    this.#idleMs = idleMs
    this.#accepted = accepted
    this.#probe = probe
    this.#idle = idleMs()
    this.#emptyAt = clock.elapsedMs()
  }

  /** Whether clients wait too long: from beyond the limit on until they wait for less than half as long. */
  get behind(): boolean {
    this.#behind = this.#waitMs() > (this.#behind ? this.#limitMs / 2 : this.#limitMs)
    return this.#behind
  }

  /** How long whoever comes waits, as far as is known. */
  #waitMs(): number {
    const [idle, now] = [this.#idleMs(), this.#clock.elapsedMs()]
    if (idle > this.#idle) {
      this.#emptyAt = now
      this.#waitedMs = 0
      this.#sent?.giveUp()
      this.#sent = null
    }
    this.#idle = idle
    if (this.#sent === null && now - this.#emptyAt >= busyMs) this.#send(now)
    return Math.max(this.#waitedMs, this.#soFarMs(now))
  }

  /** How long the probe on its way has waited behind others. */
  #soFarMs(now: number): number {
    if (this.#sent === null) return 0
    // Once somebody else accepts beside us, it isn't known how many there were.
    const crowded = this.#behind || this.#accepted() - this.#sent.accepted >= crowd
    return crowded ? now - this.#sent.at : 0
  }

  #send(at: number): void {
    const giveUp = this.#probe(() => {
      if (this.#sent !== sent) return
      this.#waitedMs = this.#soFarMs(this.#clock.elapsedMs())
      this.#sent = null
    })
    const sent = { at, accepted: this.#accepted(), giveUp }
    this.#sent = sent
  }
}

/** Asks a server that listens whether it lives. */
export function probeOf(server: Server): Probe {
  return (served) => {
    const { address, port, family } = server.address() as AddressInfo
    const any = family === 'IPv6' ? '::1' : '127.0.0.1'
    const socket = connect({ port, host: /^[0:.]+$/.test(address) ? any : address })
    socket.unref()
    socket
      .once('data', served)
      .once('close', served)
      .on('error', () => undefined)
    socket.write('HEAD /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    return () => void socket.off('close', served).destroy()
  }
}

/** How long this thread has waited for something to do, ms, since it began. */
export function machineIdleMs(): number {
  return performance.eventLoopUtilization().idle
}
