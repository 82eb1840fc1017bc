import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, retryAfter } from './api-error.js'
import type { Backlog } from './backlog.js'
import type { WorkList } from './work.js'

/** Headers that may stand once only: of two, whoever comes next may read the other one. */
const once = ['host', 'authorization', 'content-type', 'content-encoding', 'content-length']

const work = /^\/v1\/chat\/completions(\?|$)/

/**
 * Says no before anything of a request is read, where that can be known: as cheaply as possible, so that a gateway to which more
 * comes than it can take goes on answering what it can.
 */
export class Door {
  readonly #works: WorkList
  readonly #backlog: Backlog
  readonly #connections: number
  readonly #tooMany: ApiError
  readonly #behind: ApiError
  readonly #strangers = new WeakSet<Socket>()
  #open = 0

  /** @param connections - how many may be open at once; requests over more are refused */
  constructor(works: WorkList, backlog: Backlog, connections: number) {
    this.#works = works
    this.#backlog = backlog
    this.#connections = connections
    const headers = retryAfter(1000)
    // Made once: they carry a stack.
    this.#tooMany = new ApiError(503, `more than ${connections} connections; try again, or raise limits.connections`, {
      code: 'too_many_connections',
      headers: { ...headers, connection: 'close' },
    })
    this.#behind = new ApiError(503, 'the gateway gets more requests than it can take; try again', {
      code: 'overloaded',
      headers,
    })
  }

  /** Counts a connection while it is open. */
  connected(socket: Socket): void {
    if (++this.#open > this.#connections) this.#strangers.add(socket)
    socket.once('close', () => this.#open--)
  }

  /** What to tell the client instead; null where the request is let in. */
  refusal(incoming: IncomingMessage): ApiError | null {
    if (this.#strangers.has(incoming.socket)) return this.#tooMany
    if (work.test(incoming.url ?? '')) {
      const full = this.#works.refusal
      if (full !== null) return full
      if (this.#backlog.refuses()) return this.#behind
    }
    const { headersDistinct } = incoming
    const twice = once.find((name) => (headersDistinct[name]?.length ?? 0) > 1)
    if (twice === undefined) return null
    return new ApiError(400, `the header ${twice} stands more than once; send it once`, { code: 'duplicate_header' })
  }
}
