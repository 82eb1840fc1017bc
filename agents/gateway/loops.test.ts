import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readHops } from '../client/hops.js'
import { startStub } from '../testing/stub-endpoint.mjs'
import { ask, contentOf, makeTeam, startGateway, startStubbed } from '../testing/test-gateway.js'

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const endpointAt = (port: number) => `http://127.0.0.1:${port}/v1`

/** A gateway at a port that asks these endpoints in their order; three tries each. */
async function gatewayAt(port: number, endpoints: readonly string[]) {
  const agents = endpoints.map((endpoint, i) => ({ name: 'ab'[i], endpoint, retries: 2, timeoutMs: 1400 }))
  const test = await startGateway(makeTeam(agents, { listen: { port } }))
  onTestFinished(() => test.gateway.stop())
  return test
}

const attemptsOf = ({ sink }: Awaited<ReturnType<typeof gatewayAt>>) =>
  sink.lines
    .map((line) => JSON.parse(line) as { kind: string; attempts?: { outcome: string; status: number | null }[] })
    .flatMap(({ kind, attempts }) => (kind === 'outcome' ? (attempts ?? []) : []))
    .map(({ outcome, status }) => `${outcome} ${status}`)

const decisionsOf = ({ sink }: Awaited<ReturnType<typeof gatewayAt>>) =>
  sink.lines.filter((line) => (JSON.parse(line) as { kind: string }).kind === 'decision').length

describe('gateways whose agents lead back to them', () => {
  it('end after one round where an agent is the gateway itself: it counts as failed, and is not tried again', async () => {
    const port = await freePort()
    const gateway = await gatewayAt(port, [endpointAt(port)])
    const response = await gateway.post(ask('round and round'))
    expect(response.status).toBe(508)
    expect(await response.json()).toMatchObject({ error: { code: 'loop_detected' } })
    expect(attemptsOf(gateway)).toEqual(['refused 508'])
    expect(decisionsOf(gateway)).toBe(1)
  })

  it('go on with the next agent', async () => {
    const port = await freePort()
    const stub = await startStub()
    onTestFinished(() => stub.close())
    const gateway = await gatewayAt(port, [endpointAt(port), stub.endpoint])
    const response = await gateway.post(ask('hello'))
    expect(response.headers.get('x-cadre-reason')).toBe('fallback:refused')
    expect(await contentOf(response)).toContain('hello')
  })

  it('end as 508 the whole way back, each gateway asked once, however many they are', async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const ring = []
    for (const [k, port] of ports.entries()) {
      ring.push(await gatewayAt(port, [endpointAt(ports[(k + 1) % ports.length]!)]))
    }
    const response = await ring[0]!.post(ask('round and round'))
    expect(response.status).toBe(508)
    expect(await response.json()).toMatchObject({
      error: {
        code: 'loop_detected',
        message: 'this request goes in a circle: a leads back to a gateway that it has come through',
      },
    })
    for (const gateway of ring) {
      expect(decisionsOf(gateway)).toBe(1)
      expect(attemptsOf(gateway)).toEqual(['refused 508'])
    }
  })

  it('are no reason to give up where another agent only is down for now', async () => {
    const port = await freePort()
    const gateway = await gatewayAt(port, [endpointAt(port), endpointAt(await freePort())])
    expect((await gateway.post(ask('hello'))).status).toBe(503)
  })

  it('say so in the form of the API, and read nothing of the request before', async () => {
    const gateway = await startStubbed(['ok'])
    await gateway.post(ask('first'))
    const hops = readHops(gateway.stubs[0]!.headers['x-cadre-hops'])
    expect(hops).toHaveLength(1)
    const again = await gateway.post('no JSON', { 'x-cadre-hops': `other, ${hops[0]}` })
    expect(again.status).toBe(508)
    expect(await again.json()).toEqual({
      error: {
        message: 'this request has come through this gateway before: an agent of the team leads back to it',
        type: 'server_error',
        param: 'x-cadre-hops',
        code: 'loop_detected',
      },
    })
    expect(gateway.stubs[0]!.requests).toBe(1)
  })

  it('tell the next the way so far, and refuse one that is too long', async () => {
    const gateway = await startStubbed(['ok'])
    const way = (length: number) => Array.from({ length }, (_, k) => `gateway-${k}`).join(', ')
    expect((await gateway.post(ask('far'), { 'x-cadre-hops': way(15) })).status).toBe(200)
    expect(readHops(gateway.stubs[0]!.headers['x-cadre-hops']).slice(0, 15).join(', ')).toBe(way(15))
    expect((await gateway.post(ask('too far'), { 'x-cadre-hops': way(16) })).status).toBe(508)
    // What no gateway writes goes no further.
    expect((await gateway.post(ask('odd'), { 'x-cadre-hops': 'a b, "c", d' })).status).toBe(200)
    expect(readHops(gateway.stubs[0]!.headers['x-cadre-hops'])).toHaveLength(2)
  })
})
