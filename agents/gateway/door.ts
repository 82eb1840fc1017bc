import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, retryAfter } from './api-error.js'
import type { Backlog } from './backlog.js'
import type { WorkList } from './work.js'

/** Of so many requests that come while the gateway is behind and nobody helps, one is let in: it then still answers some. */
const letIn = 16

/** What clients are told while the gateway is behind. */
export const overloaded = new ApiError(503, 'the gateway gets more requests than it can take; try again', {
  code: 'overloaded',
  headers: retryAfter(1000),
})

/** Headers that may stand once only: of two, whoever comes next may read the other one. */
const once = ['host', 'authorization', 'content-type', 'content-encoding', 'content-length']

const work = /^\/v1\/(chat\/completions|agent\/handle)(\?|$)/

/**
 * Says no before anything of a request is read, where that can be known: as cheaply as possible, so that a gateway to which more
 * comes than it can take goes on answering what it can.
 */
export class Door {
  readonly #works: WorkList
  readonly #backlog: Backlog
  readonly #connections: number
  readonly #tooMany: ApiError
  readonly #help: () => boolean
  readonly #strangers = new WeakSet<Socket>()
  #open = 0
  #accepted = 0
  #unhelped = 0

  /**
   * @param connections - how many may be open at once; requests over more are refused
   * @param help - asks for help while the gateway is behind; says whether somebody else refuses then
   */
  constructor(works: WorkList, backlog: Backlog, connections: number, help: () => boolean) {
    this.#works = works
    this.#help = help
    this.#backlog = backlog
    this.#connections = connections
    const headers = retryAfter(1000)
    // Made once: they carry a stack.
    this.#tooMany = new ApiError(503, `more than ${connections} connections; try again, or raise limits.connections`, {
      code: 'too_many_connections',
      headers: { ...headers, connection: 'close' },
    })
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Counts a connection while it is open. */
  connected(socket: Socket): void {
    this.#accepted++
    if (++this.#open > this.#connections) this.#strangers.add(socket)
    socket.once('close', () => this.#open--)
  }

  /** What to tell the client instead; null where the request is let in. */
  refusal(incoming: IncomingMessage): ApiError | null {
    if (this.#strangers.has(incoming.socket)) return this.#tooMany
    if (work.test(incoming.url ?? '')) {
      const full = this.#works.refusal
      if (full !== null) return full
      if (this.#backlog.behind && !this.#help() && ++this.#unhelped % letIn !== 0) return overloaded
    }
    const { headersDistinct } = incoming
    const twice = once.find((name) => (headersDistinct[name]?.length ?? 0) > 1)
    if (twice === undefined) return null
    return new ApiError(400, `the header ${twice} stands more than once; send it once`, { code: 'duplicate_header' })
  }
}
