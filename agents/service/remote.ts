import { z } from 'zod'
import { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import { askWhole } from '../client/ask-whole.js'
import type { Clock } from '../client/clock.js'
import { hopsHeaders } from '../client/hops.js'
import { JsonEndpoint } from '../client/json-endpoint.js'
import {
  type Agent,
  type AgentAnswer,
  type AgentCard,
  type AgentRequest,
  type Call,
  findingsSchema,
} from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { accessOf } from '../contract/endpoint-fields.js'
import { teamAgentSchema } from '../team/team-schema.js'
import { handleAnswerSchema, handlePath, readFailure } from './native-api.js'

const { endpoint, apiKey, timeoutMs, retries, breaker, probe } = teamAgentSchema.shape
const findings = findingsSchema.keyof()

const remoteConfig = z.strictObject({
  endpoint: endpoint.describe('URL of the service (cadre agent), ending in /v1; or a list of them, one a replica'),
  apiKey: apiKey.describe('the key that the service wants, by the environment variable that holds it'),
  timeoutMs: timeoutMs.describe('for a whole answer'),
  retries: retries.describe('on a broken connection, 408, 409, 425, 429 and 5xx'),
  breaker,
  probe,
  adds: z
    .array(findings)
    .min(1)
    .default([...findings.options])
    .describe('what its answers may add; one that adds something else counts as a failure'),
  needs: z.array(findings).default([]).describe('without which it is not asked; the service says itself what it lacks'),
})

type RemoteConfig = z.infer<typeof remoteConfig>

/** An agent that is a service of its own, called by the native API. */
export const remote = defineAgent<RemoteConfig>({
  name: 'remote',
  aliases: ['service'],
  summary: 'an agent in a process of its own (cadre agent), here or on another machine',
  schema: remoteConfig,
  create: (config, resources) => new RemoteAgent(config, resources),
})

/** Most characters of a question that is sent: the service says itself where it reads fewer. */
const longestQuestion = 1_000_000

class RemoteAgent implements Agent {
  readonly card: AgentCard
  readonly #client: AgentClient
  readonly #clock: Clock

  constructor({ adds, needs, apiKey: key, ...config }: RemoteConfig, resources: AgentResources) {
    const { name, clock } = resources
    this.#clock = clock
    this.#client = new AgentClient(
      teamAgentSchema.parse({ name, ...config }),
      { ...accessOf(key, resources), answerBytes: 16_777_216, clock },
      (url, ms, options) => new JsonEndpoint(url, handlePath, ms, options, readFailure),
    )
    resources.calls(this.#client)
    this.card = {
      name,
      summary: `is a service at ${this.#client.replicas.join(', ')}`,
      adds,
      needs,
      repeats: false,
      longestQuestion,
    }
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name, adds } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    // From the first question on: a team that is only looked at leaves nothing running.
    this.#client.watch(() => {})
    const remainingMs = () => call.deadline - this.#clock.elapsedMs()
    const body = () => {
      const left = remainingMs()
      // JSON has no infinity: without a limit the service's own holds.
      return JSON.stringify(Number.isFinite(left) ? { ...request, deadlineMs: Math.max(1, Math.floor(left)) } : request)
    }
    const { json } = await askWhole(this.#client, {
      body,
      headers: hopsHeaders(call.hops),
      signal: call.signal,
      remainingMs,
      onAttempt: ({ outcome, ms }) => call.trace('asked', { outcome, ms }),
    })
    const parsed = handleAnswerSchema.safeParse(json)
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!
      const where = path.length === 0 ? 'it' : path.join('.')
      throw new AgentFailure('garbage', `${name} gave no answer of an agent: ${where}: ${message}`, { status: 200 })
    }
    const { trace, ...said } = parsed.data
    const other = findings.options.find((what) => said.found[what] !== undefined && !adds.includes(what))
    if (other !== undefined) {
      throw new AgentFailure('garbage', `${name} may add ${adds.join(', ')}, and added ${other}`, { status: 200 })
    }
    for (const { event, detail } of trace) call.trace(event, detail)
    return said
  }

  isUp(): boolean {
    return this.#client.closedForMs === 0
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
