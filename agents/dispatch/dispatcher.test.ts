import { afterEach, describe, expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway, type TestGateway } from '../testing/test-gateway.js'

const seat = (name: string) => ({ name, capacity: 2, skill: [0.9, 0.5], price: 1, service: 0.5, fail: 0, repair: 1 })
const environment = {
  observation: 'full',
  inbox: 2,
  patience: 3,
  tickMs: 20,
  limitSteps: null,
  agents: [seat('a'), seat('b')],
  types: [
    { name: 'easy', value: 6, arrival: 0.4, loss: 1 },
    { name: 'hard', value: 12, arrival: 0.3, loss: 2 },
  ],
}

/** The agents named claim whatever they may. */
const claiming = (...who: number[]): Policy => ({
  observes: 'local',
  act: ({ mask }, _, out) => {
    out.fill(0)
    for (const i of who) out[i] = mask[2 * i + 1]!
  },
})

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function startTeam(
  behaviours: readonly string[],
  policy: Policy,
  more: { environment?: object; team?: object; agent?: object } = {},
): Promise<TestGateway & { stubs: StubEndpoint[] }> {
  const stubs: StubEndpoint[] = []
  for (const behaviour of behaviours) stubs.push(await startStub(behaviour))
  const agents = stubs.map(({ endpoint }, i) => ({ name: 'ab'[i], endpoint, ...more.agent }))
  const config = routingDispatchConfig.parse({ ...environment, ...more.environment })
  const team = makeTeam(agents, { dispatch: { environment: config }, ...more.team })
  const seats = config.agents!.map((_, i) => (i < agents.length ? i : null))
  const test = await startGateway(team, { lead: { kind: 'dispatch', config, policy, seats } })
  open.push(async () => {
    await test.gateway.stop()
    for (const stub of stubs) await stub.close()
  })
  return { ...test, stubs }
}

const easy = { 'x-cadre-type': 'easy' }

describe('a dispatched team', () => {
  it('gives each query to the agent that claims it, and its answer to the client', async () => {
    const { post, stubs, sink, gateway } = await startTeam(['ok', 'ok'], claiming(1))
    const response = await post(ask('What?'), easy)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-cadre-agent')).toBe('b')
    expect(await response.json()).toMatchObject({ object: 'chat.completion' })
    expect(stubs.map(({ requests }) => requests)).toEqual([0, 1])
    await gateway.stop()
    open.pop()
    const kinds = sink.lines.map((line) => (JSON.parse(line) as { kind: string }).kind)
    expect(kinds).toEqual(expect.arrayContaining(['start', 'decision', 'tick', 'outcome', 'stop']))
  })

  it('streams, and counts the query as served when the stream is over', async () => {
    const { post, gateway } = await startTeam(['ok', 'ok'], claiming(0))
    const response = await post(ask('What?', { stream: true }), easy)
    expect(await response.text()).toMatch(/data: \[DONE\]/)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(gateway.dispatcher!.queues()).toMatchObject([
      { queue: 0, inService: 0, claims: 1 },
      { queue: 0, inService: 0, claims: 0 },
    ])
  })
})
