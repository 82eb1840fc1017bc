import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import { machineClock } from '../client/clock.js'
import { noProxies } from '../client/upstream-connections.js'
import type { Agent } from '../contract/agent.js'
import { AnsweringTeam } from '../pipeline/answering-team.js'
import { ConfidenceJudge } from '../pipeline/stage-judge.js'
import { teamAgentSchema } from '../team/team-schema.js'
import { listenInTest } from '../testing/listen-in-test.js'
import { makeTeam, startGateway } from '../testing/test-gateway.js'

const rows = [
  [1, 0],
  [0, 1],
]
const one = (name: string) => ({
  name,
  agents: [{ name: 'one', price: 0, latencyS: 0, timeoutS: 1, outcome: rows }],
})
const config = routingPipelineConfig.parse({
  stages: [one('understand'), one('write')],
  entry: [0.5, 0.5],
  success: [0.1, 0.9],
  ask: { price: 0.5, outcome: rows },
})
const rules = new PipelineRules(config)

/** A team of two stages: `write/far` is at an endpoint with a probe. Asks back where a question has more than two words. */
async function startTeam(handle: Agent['handle'], endpoint: string) {
  const client = new AgentClient(
    teamAgentSchema.parse({ name: 'write/far', endpoint, probe: { everyMs: 20, down: 1, timeoutMs: 500 } }),
    { apiKey: undefined, answerBytes: 1000, clock: machineClock, proxies: noProxies },
  )
  const card = { summary: 'stands in', adds: [], needs: [], repeats: true, longestQuestion: 1000 }
  const member = (agent: Agent) => ({
    agent,
    timeoutMs: 1000,
    expectedMs: 0,
    expectedUsd: 0,
    isUp: () => agent.isUp?.() ?? true,
  })
  const answer = { found: {}, confidence: 0.9, costUsd: 0, provenance: [] }
  const read: Agent = { card: { ...card, name: 'understand/words' }, handle: async () => answer }
  const write: Agent = {
    card: { ...card, name: 'write/far' },
    handle,
    isUp: () => client.closedForMs === 0,
    close: () => client.close(),
  }
  return startGateway(makeTeam([{ name: 'nobody', endpoint: 'http://127.0.0.1:9/v1' }], { name: 'shop' }), {
    lead: {
      kind: 'pipeline',
      clients: [client],
      answeringTeam: (parts) =>
        new AnsweringTeam({
          identity: { team: 'shop', policy: { name: 'steady', sha256: null, version: null } },
          leader: {
            name: 'steady',
            choose({ best, grade }, legal) {
              if (grade === 0 && legal[rules.ask]) return { action: rules.ask, scores: null }
              const wanted = best > 0 ? rules.accept : 0
              return { action: legal[wanted] ? wanted : rules.handOver, scores: null }
            },
          },
          ...{ config, rules },
          difficulty: { looks: [], words: [2] },
          texts: { ask: 'Which?', handOver: 'A person will answer. {ticket}' },
          handOvers: { add: () => {} },
          stages: [
            { name: 'understand', judge: new ConfidenceJudge([[0.5]]), members: [member(read)] },
            { name: 'write', judge: new ConfidenceJudge([[0.5]]), members: [member(write)] },
          ],
          ...parts,
        }),
    },
  })
}

const draft = { agent: 'write/far', text: 'Yes.', confidence: 0.9, provenance: [] }
const writes: Agent['handle'] = async () => ({
  found: { drafts: [draft] },
  confidence: 0.9,
  costUsd: 0,
  provenance: [],
})
const alive = async () => `${await listenInTest(createServer((_, response) => void response.end('{"data":[]}')))}/v1`

describe('a gateway whose team answers itself', () => {
  it('tells questions that were asked back or handed over from those that were answered, in the log and in metrics', async () => {
    let has = true
    const { url, post, sink } = await startTeam(
      async (...given) => {
        if (has) return writes(...given)
        throw new AgentFailure('unfit', 'write/far finds no answer in the passages')
      },
      await alive(),
    )
    const say = async (content: string) => {
      const response = await post({ model: 'cadre', messages: [{ role: 'user', content }] })
      return ((await response.json()) as { cadre: { kind: string; calls: { detail: string | null }[] } }).cadre
    }
    expect((await say('it works')).kind).toBe('answer')
    expect((await say('so many words here')).kind).toBe('ask')
    has = false
    const { kind, calls } = await say('does it')
    expect(kind).toBe('handOver')
    // Whoever asks is told why an agent has nothing to say.
    expect(calls.at(-1)!.detail).toBe('write/far finds no answer in the passages')
    const lines = sink.lines.map((line) => JSON.parse(line))
    const outcomes = lines.filter((line) => line.kind === 'outcome')
    expect(outcomes.map(({ ended }) => ended)).toEqual(['answered', 'asked', 'handed-over'])
    expect(outcomes[2].attempts.at(-1)).toMatchObject({
      outcome: 'unfit',
      detail: 'write/far finds no answer in the passages',
    })
    expect(lines.findLast((line) => line.kind === 'call')).toMatchObject({
      outcome: 'unfit',
      detail: 'write/far finds no answer in the passages',
    })
    const metrics = await (await fetch(url.replace('/v1', '/metrics'))).text()
    expect(metrics).toContain('cadre_requests_total{outcome="answered",agent="write/far"} 1')
    expect(metrics).toContain('cadre_requests_total{outcome="asked",agent=""} 1')
    expect(metrics).toContain('cadre_requests_total{outcome="handed-over",agent=""} 1')
  })

  it('keeps to itself why an agent broke', async () => {
    const { post, sink } = await startTeam(() => Promise.reject(new TypeError('a secret of mine')), await alive())
    const response = await post({ model: 'cadre', messages: [{ role: 'user', content: 'does it' }] })
    const text = await response.text()
    expect(text).toContain('server-error')
    expect(text).not.toContain('a secret of mine')
    expect(sink.lines.join('')).toContain('a secret of mine')
  })

  it('looks at the endpoints of its agents, and says how they are', async () => {
    const { url, sink } = await startTeam(writes, 'http://127.0.0.1:9/v1')
    const ready = async () =>
      (await (await fetch(url.replace('/v1', '/readyz'))).json()) as Record<'remark' | 'status' | 'agents', unknown>
    await expect.poll(async () => (await ready()).remark).toContain('nobody can be called at stage write')
    const { status, agents } = await ready()
    // A person still answers.
    expect(status).toBe('ready')
    expect(agents).toEqual([
      { name: 'understand/words', up: true, breaker: 'closed', reason: null },
      { name: 'write/far', up: false, breaker: 'closed', reason: expect.stringContaining('connection') },
    ])
    const line = sink.lines.map((text) => JSON.parse(text)).find(({ kind }) => kind === 'health')
    expect(line).toMatchObject({ agent: 'write/far', up: false })
    const metrics = await (await fetch(url.replace('/v1', '/metrics'))).text()
    expect(metrics).toContain('cadre_agent_up{agent="write/far"} 0')
    const team = (await (await fetch(`${url}/team`)).json()) as { agents: unknown[] }
    expect(team.agents[1]).toMatchObject({ name: 'write/far', up: false, breaker: 'closed' })
  })
})
