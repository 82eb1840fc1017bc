import { randomUUID } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { ownValue } from '#env/own-value.js'
import { AgentClient } from '../client/agent-client.js'
import { type Clock, machineClock } from '../client/clock.js'
import { noProxies, type Proxies } from '../client/upstream-connections.js'
import { Chooser } from '../control/chooser.js'
import type { Ranker } from '../control/ranking.js'
import { hostAndPort } from '../team/loopback.js'
import type { Team } from '../team/team-schema.js'
import { AgentWarnings } from './agent-warnings.js'
import { ApiError } from './api-error.js'
import { gatewayApp } from './app.js'
import { Chat } from './chat.js'
import { DecisionLog, type LineSink } from './decision-log.js'
import type { GatewayLogger } from './gateway-logger.js'
import { KeyRing } from './key-ring.js'
import type { PolicyIdentity } from './record-decision.js'
import { WorkList } from './work.js'

export interface GatewayOptions {
  readonly team: Team
  /** Ranks the team's agents by their numbers, in the order of the team. */
  readonly ranker: Ranker
  readonly policy: PolicyIdentity
  /** Of the draws of exploration: what `team.exploration.seed` says, else another at each start. In every line of the log. */
  readonly seed: number
  /** Keys of the agents' endpoints, by agent. */
  readonly apiKeys: { readonly [agent: string]: string }
  /** For the calls to endpoints. Default: none. */
  readonly proxies?: Proxies
  /** Where the decision log goes. The gateway closes it. */
  readonly sink: LineSink
  readonly logger: GatewayLogger
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Ids of requests. Default: random UUIDs. */
  readonly newId?: () => string
}

/** A team of agents behind the OpenAI chat-completions API. Everything it needs is given to it. */
export class Gateway {
  readonly #options: GatewayOptions
  readonly #clients: readonly AgentClient[]
  readonly #log: DecisionLog
  readonly #works: WorkList
  readonly #server: Server
  readonly #responses = new WeakMap<Duplex, ServerResponse>()

  constructor(options: GatewayOptions) {
    this.#options = options
    const { team, ranker, policy, seed, apiKeys, proxies = noProxies, logger } = options
    const { clock = machineClock, newId = randomUUID } = options
    const { answerBytes } = team.limits
    this.#clients = team.agents.map(
      (agent) => new AgentClient(agent, { apiKey: ownValue(apiKeys, agent.name), answerBytes, proxies, clock }),
    )
    this.#log = new DecisionLog(options.sink, logger)
    this.#works = new WorkList(team.limits.concurrentRequests, team.deadlineMs, clock)
    const chat = new Chat({
      team,
      policy,
      chooser: new Chooser(ranker, { epsilon: team.exploration.epsilon, seed }),
      seed,
      clients: this.#clients,
      log: this.#log,
      warnings: new AgentWarnings(logger, clock),
      works: this.#works,
      secrets: Object.values(apiKeys),
      clock,
    })
    const app = gatewayApp({
      team,
      chat,
      keys: new KeyRing(team.keys),
      clients: this.#clients,
      logger,
      createdAt: Math.floor(clock.now() / 1000),
      notReady: () => this.#notReady(),
      newId,
    })
    this.#server = this.#createServer((request, env) => app.fetch(request, env))
  }

  /**
   * Starts to listen.
   * @returns where, with the port that was found where 0 was asked for
   * @throws Error of node:net when it can't
   */
  async listen(): Promise<{ readonly url: string; readonly port: number }> {
    const { host, port } = this.#options.team.listen
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const { port: bound } = this.#server.address() as AddressInfo
    return { url: `http://${hostAndPort(host, bound)}/v1`, port: bound }
  }

  /** Takes nothing more in, lets what is in work end within `limits.drainMs`, and closes everything. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#works.drain(this.#options.team.limits.drainMs)
    this.#server.closeAllConnections()
    await closed
    await Promise.all(this.#clients.map((client) => client.close()))
    this.#log.close()
  }

  #notReady(): string | null {
    if (this.#works.stopping) return 'stopping'
    if (!this.#log.ok) return 'decisions are not logged'
    return this.#clients.every(({ closedForMs }) => closedForMs > 0) ? 'every agent is left alone' : null
  }

  #createServer(fetch: Parameters<typeof getRequestListener>[0]): Server {
    const { limits, deadlineMs } = this.#options.team
    const listener = getRequestListener(fetch, {
      overrideGlobalObjects: false,
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
    server.maxConnections = limits.connections
    // Clients that neither read nor write: a deadline ends their request, this their connection.
    server.timeout = deadlineMs + limits.requestTimeoutMs
    server.on('request', (incoming, outgoing) => {
      this.#responses.set(incoming.socket, outgoing)
      void listener(incoming, outgoing)
    })
    server.on('checkExpectation', (_, outgoing) => {
      const { status, body } = new ApiError(417, 'only 100-continue can be expected', { code: 'expectation_failed' })
      outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
    })
    server.on('clientError', (error, socket) => this.#refuse(error, socket))
    server.on('connect', (_, socket) => {
      socket.on('error', () => undefined)
      writeError(
        socket,
        new ApiError(405, 'this is no proxy', { code: 'method_not_allowed', headers: { allow: 'POST' } }),
      )
    })
    return server
  }

  /** What isn't HTTP, or comes too slowly, gets an error in the API's form where one can still be said. */
  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const begun = this.#responses.get(socket)
    const answered = begun?.headersSent === true && !begun.writableFinished
    if (error.code === 'ECONNRESET' || !socket.writable || answered) {
      socket.destroy()
      return
    }
    writeError(
      socket,
      refusals[error.code ?? ''] ?? new ApiError(400, 'not a valid HTTP request', { code: 'invalid_http' }),
    )
  }
}

const refusals: { readonly [code: string]: ApiError } = {
  HPE_HEADER_OVERFLOW: new ApiError(431, 'the headers are longer than limits.headerBytes', {
    code: 'headers_too_large',
  }),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(408, 'the request did not come in time', { code: 'request_timeout' }),
}

const phrases: { readonly [status: number]: string } = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** A response by hand, on a connection that no response object belongs to. */
function writeError(socket: Duplex, { status, body, headers }: ApiError): void {
  const text = JSON.stringify(body)
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} ${phrases[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${text}`)
}
