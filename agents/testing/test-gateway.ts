import type { Ranker } from '../control/ranking.js'
import { Always } from '../control/rules.js'
import { Gateway, type GatewayOptions, type Lead } from '../gateway/gateway.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import { type Team, teamSchema } from '../team/team-schema.js'
import { MemorySink } from './memory-sink.js'
import { type StubEndpoint, startStub } from './stub-endpoint.mjs'

export const ruleIdentity: PolicyIdentity = { name: 'always', sha256: null, version: null, encoder: null }

/** What a team file says, in parts. */
export type TeamInput = Partial<Record<keyof Team, unknown>>

/** A team with a short deadline on a free port. */
export function makeTeam(agents: readonly object[], input: TeamInput = {}): Team {
  return teamSchema.parse({
    name: 'test',
    policy: { use: 'round-robin' },
    deadlineMs: 1500,
    listen: { port: 0 },
    agents: agents.map((agent) => ({ timeoutMs: 250, retries: 0, ...agent })),
    ...input,
  })
}

/** A gateway that listens, with what it logs. */
export interface TestGateway {
  readonly gateway: Gateway
  readonly url: string
  readonly sink: MemorySink
  /** What it told whoever runs it: level, message and fields. */
  readonly told: string[]
  post(body: unknown, headers?: Record<string, string>): Promise<Response>
}

/** Starts a gateway whose first agent is always asked first, unless told otherwise. */
export async function startGateway(
  team: Team,
  parts: { ranker?: Ranker; lead?: Lead } & Partial<
    Pick<GatewayOptions, 'policy' | 'apiKeys' | 'proxies' | 'clock' | 'idleMs'>
  > = {},
): Promise<TestGateway> {
  const sink = new MemorySink()
  const told: string[] = []
  const tell = (level: string) => (fields: object, message: string) => {
    told.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }
  const gateway = new Gateway({
    team,
    lead: parts.lead ?? { kind: 'router', ranker: parts.ranker ?? new Always(team.agents.length, 0) },
    policy: parts.policy ?? ruleIdentity,
    seed: team.exploration.seed ?? 0,
    apiKeys: parts.apiKeys ?? {},
    ...(parts.proxies === undefined ? {} : { proxies: parts.proxies }),
    // A test's clients and endpoints are busy in the same thread: that is no overload.
    idleMs: parts.idleMs ?? (() => performance.now()),
    ...(parts.clock === undefined ? {} : { clock: parts.clock }),
    sink,
    logger: { info: tell('info'), warn: tell('warn'), error: tell('error') },
  })
  const { url } = await gateway.listen()
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { gateway, url, sink, told, post }
}

/** A gateway in front of stubs with these behaviours: agents a, b, ... asked in this order. */
export async function startStubbed(
  behaviours: readonly string[],
  input: TeamInput = {},
  agent: object = {},
): Promise<TestGateway & { readonly stubs: StubEndpoint[]; close(): Promise<void> }> {
  const stubs: StubEndpoint[] = []
  for (const behaviour of behaviours) stubs.push(await startStub(behaviour))
  const agents = stubs.map(({ endpoint }, i) => ({ name: 'abcd'[i], endpoint, ...agent }))
  const test = await startGateway(makeTeam(agents, input))
  const close = async () => {
    await test.gateway.stop()
    for (const stub of stubs) await stub.close()
  }
  return { ...test, stubs, close }
}

/** A request with one message. */
export function ask(content: unknown, more: object = {}): object {
  return { model: 'cadre', messages: [{ role: 'user', content }], ...more }
}
