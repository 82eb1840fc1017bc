import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../client/clock.js'
import type { Team } from '../team/team-schema.js'
import { ApiError } from './api-error.js'
import type { Door } from './door.js'
import { refuse } from './refuse.js'

export interface GatewayServerParts {
  readonly limits: Team['limits']
  readonly deadlineMs: number
  readonly door: Door
  readonly fetch: Parameters<typeof getRequestListener>[0]
  readonly clock: Clock
  newId(): string
  /** Hears of every error told to a client here. */
  onRefused(status: number): void
}

/** The HTTP server of a gateway: what isn't HTTP, comes too slowly or isn't let in is answered here, in the API's form. */
export function createGatewayServer(parts: GatewayServerParts): Server {
  const { limits, deadlineMs, door, fetch, clock, newId, onRefused } = parts
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    // What isn't read of a request is `refuse`'s matter.
    autoCleanupIncoming: false,
    errorHandler: () =>
      new ApiError(400, 'a malformed request line or Host header', { code: 'invalid_request' }).response(),
  })
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.requestTimeoutMs),
    keepAliveTimeout: 30_000,
    // Node's own answer to a request without Host has no body.
    requireHostHeader: false,
  })
  // Those beyond limits.connections are told so; those beyond twice as many are closed.
  server.maxConnections = 2 * limits.connections
  // Clients that neither read nor write: a deadline ends their request, this their connection.
  server.timeout = deadlineMs + limits.requestTimeoutMs
  server.on('connection', (socket) => door.connected(socket))
  const responses = new WeakMap<Duplex, ServerResponse>()
  const say = (incoming: IncomingMessage, outgoing: ServerResponse, error: ApiError) => {
    onRefused(error.status)
    refuse(incoming, outgoing, error, newId())
  }
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    responses.set(incoming.socket, outgoing)
    const refusal = door.refusal(incoming)
    if (refusal === null) void listener(incoming, outgoing)
    else say(incoming, outgoing, refusal)
  }
  server.on('request', take)
  // Who waits for leave to send its body gets it where the body is read, see Chat.
  server.on('checkContinue', take)
  server.on('checkExpectation', (incoming, outgoing) => {
    const error = new ApiError(417, 'only 100-continue can be expected', { code: 'expectation_failed' })
    say(incoming, outgoing, error)
  })
  const refused = new WeakSet<Duplex>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    // What a client still sends that was told what is wrong is no news.
    if (refused.has(socket) && !late && error.code !== 'ECONNRESET') return
    const begun = responses.get(socket)
    const answered = begun?.headersSent === true && !begun.writableFinished
    if (error.code === 'ECONNRESET' || !socket.writable || answered) {
      socket.destroy()
      return
    }
    refused.add(socket)
    const known = refusals.get(error.code ?? '')
    hangUp(socket, known ?? new ApiError(400, 'not a valid HTTP request', { code: 'invalid_http' }))
  })
  server.on('connect', (_, socket) => {
    socket.on('error', () => undefined).resume()
    const headers = { allow: 'POST' }
    hangUp(socket, new ApiError(405, 'this is no proxy', { code: 'method_not_allowed', headers }))
  })

  /** A response by hand, on a connection that no response object belongs to; it is closed when the client has had time to read it. */
  function hangUp(socket: Duplex, { status, body, headers }: ApiError): void {
    onRefused(status)
    const text = JSON.stringify(body)
    const lines = Object.entries({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      connection: 'close',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`)
    const cancel = clock.later(limits.requestTimeoutMs, () => socket.destroy())
    socket.once('close', cancel)
    socket.end(`HTTP/1.1 ${status} ${phrases[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${text}`)
  }
  return server
}

const refusals: ReadonlyMap<string, ApiError> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    new ApiError(431, 'the headers are longer than limits.headerBytes', { code: 'headers_too_large' }),
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', new ApiError(408, 'the request did not come in time', { code: 'request_timeout' })],
])

const phrases: { readonly [status: number]: string } = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
