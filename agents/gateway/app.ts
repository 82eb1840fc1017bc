import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { SeatDesk } from '../dispatch/seat-desk.js'
import { type Metrics, metricsType } from '../metrics/metrics.js'
import type { AgentDesk } from '../service/agent-desk.js'
import { isLoopback } from '../team/loopback.js'
import type { Team } from '../team/team-schema.js'
import { ApiError } from './api-error.js'
import type { ChatDesk } from './chat.js'
import { chatPage } from './chat-page.js'
import type { FeedbackDesk } from './feedback.js'
import type { GatewayLogger } from './gateway-logger.js'
import type { KeyRing } from './key-ring.js'
import type { AgentHealth } from './members-health.js'
import { refuse } from './refuse.js'
import { statusPage } from './status-page.js'
import type { TeamStatus } from './team-status.js'

export interface AppParts {
  readonly team: Team
  readonly chat: ChatDesk
  readonly feedback: FeedbackDesk
  /** Answers by the native API where one agent is served; else null. */
  readonly agent: AgentDesk | null
  readonly keys: KeyRing
  /** Of the agents that are there now. */
  agents(): readonly AgentHealth[]
  /** Has agents join and leave; null where a router chooses. */
  readonly seats: SeatDesk | null
  readonly logger: GatewayLogger
  /** Seconds since the epoch at which the gateway was made. */
  readonly createdAt: number
  /** Why the gateway shouldn't get requests now; null when it should. */
  notReady(): string | null
  /** What whoever runs it should know, though it gets requests; null: nothing. */
  remark(): string | null
  newId(): string
  readonly metrics: Metrics
  /** How the team is now. */
  status(): TeamStatus
  /** Hears of every error told to a client. */
  onRefused(status: number): void
}

export interface GatewayEnv {
  Bindings: HttpBindings
  Variables: { id: string; key: string | null }
}

/** The routes of the gateway: the OpenAI API's, and those that say how it is. Every error is in the OpenAI API's form. */
export function gatewayApp(parts: AppParts): Hono<GatewayEnv> {
  const { team, keys } = parts
  const app = new Hono<GatewayEnv>()
  app.use(async (c, next) => {
    c.set('id', parts.newId())
    c.set('key', null)
    await next()
    c.res.headers.set('x-cadre-request-id', c.get('id'))
    if (parts.notReady() === 'stopping') c.res.headers.set('connection', 'close')
  })
  app.onError((error, c) => {
    if (error instanceof ApiError) return refused(parts, c, error)
    parts.logger.error({ id: c.get('id'), cause: error.stack ?? error.message }, 'a request failed unexpectedly')
    const message = 'an unexpected error; the log of the gateway has its cause'
    return refused(parts, c, new ApiError(500, message, { code: 'internal_error' }))
  })
  app.notFound((c) => {
    const path = c.req.path.slice(0, 200)
    return refused(
      parts,
      c,
      new ApiError(404, `there is no ${path}; try /v1/chat/completions, or /chat and /team in a browser`, {
        code: 'unknown_url',
      }),
    )
  })

  // Without keys the only fence is the loopback address: a page in a browser must not get over it by another name.
  const fenced = keys.open && isLoopback(team.listen.host)
  const checkHost = ({ incoming }: HttpBindings) => {
    if (!fenced || isLoopback(hostOf(incoming.headers.host))) return
    throw new ApiError(403, 'without keys only requests to a loopback name are answered', { code: 'host_not_allowed' })
  }
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.use('/readyz', async (c, next) => {
    checkHost(c.env)
    await next()
  })
  app.get('/readyz', (c) => readiness(parts, c))

  const knownOnly: MiddlewareHandler<GatewayEnv> = async (c, next) => {
    const { incoming } = c.env
    checkHost(c.env)
    if (!keys.open) {
      const key = keys.nameOf(incoming.headers.authorization)
      if (key === null) {
        const headers = { 'www-authenticate': 'Bearer' }
        throw new ApiError(401, 'expected a known key: authorization: Bearer KEY', { code: 'invalid_api_key', headers })
      }
      c.set('key', key)
    }
    await next()
  }
  app.use('/metrics', knownOnly)
  app.get('/metrics', (c) => c.body(parts.metrics.render(), 200, { 'content-type': metricsType }))

  app.use('/v1/*', knownOnly)
  app.post('/v1/chat/completions', (c) => parts.chat.answer({ id: c.get('id'), key: c.get('key'), ...c.env }))
  app.post('/v1/agent/handle', (c) => {
    if (parts.agent !== null) return parts.agent.handle({ id: c.get('id'), key: c.get('key'), ...c.env })
    throw new ApiError(404, 'this serves a team, not one agent; see cadre agent', { code: 'unknown_url' })
  })
  app.post('/v1/feedback', (c) => parts.feedback.take({ id: c.get('id'), key: c.get('key'), ...c.env }))
  app.get('/v1/team', (c) => c.json(parts.status(), 200, { 'cache-control': 'no-store' }))
  const seats = (): SeatDesk => {
    if (parts.seats !== null) return parts.seats
    throw new ApiError(404, 'agents join and leave only where the team is dispatched', { code: 'unknown_url' })
  }
  app.post('/v1/team/agents', (c) => seats().join({ id: c.get('id'), key: c.get('key'), ...c.env }))
  app.put('/v1/team/agents/:name{.+}', (c) =>
    seats().reach({ id: c.get('id'), key: c.get('key'), ...c.env }, c.req.param('name')),
  )
  app.delete('/v1/team/agents/:name{.+}', (c) => seats().leave(c.req.param('name')))
  for (const [path, { html, headers }] of [
    ['/team', statusPage],
    ['/chat', chatPage],
  ] as const) {
    app.use(path, async (c, next) => {
      checkHost(c.env)
      await next()
    })
    app.get(path, (c) => c.body(html, 200, headers))
  }
  // Where queues are dispatched nobody can be asked past the dispatcher.
  const named = team.dispatch === undefined ? team.agents.map(({ name }) => name) : []
  const models = [team.model, ...named].map((id) => ({
    id,
    object: 'model',
    created: parts.createdAt,
    owned_by: 'cadre',
  }))
  app.get('/v1/models', (c) => c.json({ object: 'list', data: models }))
  app.get('/v1/models/:id{.+}', (c) => {
    const model = models.find(({ id }) => id === c.req.param('id'))
    if (model !== undefined) return c.json(model)
    throw new ApiError(404, 'there is no such model; GET /v1/models lists them', {
      code: 'model_not_found',
      param: 'model',
    })
  })

  for (const [path, method] of [
    ['/v1/chat/completions', 'POST'],
    ['/v1/feedback', 'POST'],
    ['/v1/agent/handle', 'POST'],
    ['/v1/models', 'GET'],
    ['/v1/models/:id{.+}', 'GET'],
    ['/healthz', 'GET'],
    ['/readyz', 'GET'],
    ['/metrics', 'GET'],
    ['/v1/team', 'GET'],
    ['/v1/team/agents', 'POST'],
    ['/v1/team/agents/:name{.+}', 'PUT, DELETE'],
    ['/team', 'GET'],
    ['/chat', 'GET'],
  ] as const) {
    app.all(path, () => {
      throw new ApiError(405, `this takes ${method}`, { code: 'method_not_allowed', headers: { allow: method } })
    })
  }
  return app
}

/** 200 where requests should come, 503 where they should go elsewhere. Agents are named only to those who may call. */
function readiness(parts: AppParts, c: Context<GatewayEnv>): Response {
  const reason = parts.notReady()
  const known = parts.keys.open || parts.keys.nameOf(c.env.incoming.headers.authorization) !== null
  const state = { status: reason === null ? 'ready' : 'not ready', ...(reason === null ? {} : { reason }) }
  const remark = parts.remark()
  const more = { ...(remark === null ? {} : { remark }), agents: parts.agents() }
  return c.json(known ? { ...state, ...more } : state, reason === null ? 200 : 503)
}

/** An error for a client that may still be sending its request. */
function refused(parts: AppParts, c: Context<GatewayEnv>, error: ApiError): Response {
  parts.onRefused(error.status)
  const { incoming, outgoing } = c.env
  if (incoming.complete) return error.response()
  refuse(incoming, outgoing, error, c.get('id'))
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

function hostOf(header: string | undefined): string {
  return (header ?? '').replace(/:\d*$/, '')
}
