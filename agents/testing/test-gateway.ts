import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Ranker } from '../control/ranking.js'
import { Always } from '../control/rules.js'
import { Gateway, type GatewayOptions } from '../gateway/gateway.js'
import type { Lead } from '../gateway/lead.js'
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

/** A gateway in front of stubs with these behaviours, until the running test is over: agents a, b, ... asked in this order. */
export async function startStubbed(
  behaviours: readonly string[],
  input: TeamInput = {},
  agent: object = {},
): Promise<TestGateway & { readonly stubs: StubEndpoint[] }> {
  const stubs: StubEndpoint[] = []
  for (const behaviour of behaviours) {
    const stub = await startStub(behaviour)
    onTestFinished(() => stub.close())
    stubs.push(stub)
  }
  const agents = stubs.map(({ endpoint }, i) => ({ name: 'abcd'[i], endpoint, ...agent }))
  const test = await startGateway(makeTeam(agents, input))
  onTestFinished(() => test.gateway.stop())
  return { ...test, stubs }
}

/** Two gateways in front of one stub: one that anybody may call, and one that wants a key. */
export interface OpenAndClosed {
  readonly stub: StubEndpoint
  readonly open: TestGateway
  readonly closed: TestGateway
  close(): Promise<void>
}

/** @param key - what the closed one wants @param agent - settings of the only agent of both */
export async function startOpenAndClosed(
  key: string,
  agent: object,
  inputs: { readonly open?: TeamInput; readonly both?: TeamInput } = {},
): Promise<OpenAndClosed> {
  const stub = await startStub()
  const agents = [{ name: 'a', endpoint: stub.endpoint, ...agent }]
  const open = await startGateway(makeTeam(agents, { ...inputs.both, ...inputs.open }))
  const closed = await startGateway(makeTeam(agents, { ...inputs.both, keys: [teamKey(key)] }))
  const close = async () => {
    await open.gateway.stop()
    await closed.gateway.stop()
    await stub.close()
  }
  return { stub, open, closed, close }
}

/** A client's key as a team file holds it. */
export function teamKey(key: string): { readonly name: string; readonly sha256: string } {
  return { name: 'ci', sha256: createHash('sha256').update(key).digest('hex') }
}

/** A request with one message. */
export function ask(content: unknown, more: object = {}): object {
  return { model: 'cadre', messages: [{ role: 'user', content }], ...more }
}

/** What the message of a whole answer says. */
export async function contentOf(response: Response): Promise<string> {
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] }
  return choices[0]!.message.content
}
