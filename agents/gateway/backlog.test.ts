import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { GivenClock } from '../testing/given-clock.js'
import { startStub } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway } from '../testing/test-gateway.js'
import { Backlog, probeOf } from './backlog.js'

/** A process on a clock that is given, whose probes are served when the test says so. */
function begin(limitMs = 500) {
  const state = { idle: 0, accepted: 0, perCall: 100 }
  const probes: { served: () => void; given: boolean }[] = []
  const clock = new GivenClock()
  const backlog = new Backlog(
    limitMs,
    clock,
    () => state.idle,
    () => state.accepted,
    (served) => {
      const probe = { served, given: false }
      probes.push(probe)
      return () => {
        probe.given = true
      }
    },
  )
  /** Whether the process is behind, so many ms later. */
  const behindIn = (ms: number) => {
    clock.pass(ms)
    state.accepted += state.perCall
    return backlog.behind
  }
  return { state, probes, behindIn }
}

describe('Backlog', () => {
  it('tries how long others wait only when the process has been busy for a while', () => {
    const { state, probes, behindIn } = begin()
    for (let k = 0; k < 10; k++) {
      state.idle++
      expect(behindIn(49)).toBe(false)
    }
    expect(behindIn(49)).toBe(false)
    expect(probes).toHaveLength(0)
    expect(behindIn(1)).toBe(false)
    expect(probes).toHaveLength(1)
  })

  it('is behind once a probe waits for longer than the limit, wherever it waits', () => {
    const { probes, behindIn } = begin()
    behindIn(50)
    expect([behindIn(500), behindIn(1), probes.length]).toEqual([false, true, 1])
  })

  it('stays behind until clients wait for less than half as long', () => {
    const { probes, behindIn } = begin()
    behindIn(50)
    expect(behindIn(600)).toBe(true)
    probes[0]!.served()
    // The next one goes its way at once, while the last one's wait counts.
    expect([behindIn(1), probes.length]).toEqual([true, 2])
    behindIn(251)
    probes[1]!.served()
    expect(behindIn(0)).toBe(true)
    behindIn(250)
    probes[2]!.served()
    expect(behindIn(0)).toBe(false)
    // From here on it takes the whole limit again.
    behindIn(500)
    probes[3]!.served()
    expect(behindIn(0)).toBe(false)
  })

  it('is not behind where only a few wait, however long: that is a slow machine', () => {
    const { state, probes, behindIn } = begin()
    state.perCall = 0
    behindIn(50)
    state.accepted += 31
    expect([behindIn(5000), probes.length]).toEqual([false, 1])
    probes[0]!.served()
    expect([behindIn(0), probes.length]).toEqual([false, 2])
    state.accepted += 32
    expect(behindIn(501)).toBe(true)
    // Now others accept beside it: that few come here tells nothing.
    probes[1]!.served()
    expect([behindIn(0), probes.length]).toEqual([true, 3])
    behindIn(400)
    probes[2]!.served()
    expect(behindIn(0)).toBe(true)
  })

  it('is not behind after a pause, however long, in which nobody was seen to wait', () => {
    const { behindIn, probes } = begin()
    expect([behindIn(30_000), probes.length]).toEqual([false, 1])
    probes[0]!.served()
    expect(behindIn(10)).toBe(false)
  })

  it('is not behind any more when the process had nothing to do', () => {
    const { state, probes, behindIn } = begin()
    behindIn(50)
    expect(behindIn(10_000)).toBe(true)
    state.idle++
    expect(behindIn(0)).toBe(false)
    // A probe of before says nothing about now, nor does the wait of another.
    expect(probes[0]!.given).toBe(true)
    probes[0]!.served()
    expect(behindIn(0)).toBe(false)
    behindIn(50)
    behindIn(600)
    probes[1]!.served()
    expect(behindIn(0)).toBe(true)
    state.idle++
    expect(behindIn(0)).toBe(false)
  })

  it('is never behind at its limit, with 64 clients that ask again and again', () => {
    const { probes, behindIn } = begin()
    let served = 0
    for (let ms = 0; ms < 60_000; ms++) {
      expect(behindIn(1)).toBe(false)
      // Each probe has 64 others before it, a millisecond each.
      if (probes.length > served && ms % 64 === 63) probes[served++]!.served()
    }
    expect(served).toBeGreaterThan(400)
  })
})

it('a probe comes in like a client', async () => {
  const asked: string[] = []
  const server: Server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    outgoing.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  await new Promise<void>((resolve) => probeOf(server)(resolve))
  expect(asked).toEqual(['HEAD /healthz'])
  let served = false
  probeOf(server)(() => {
    served = true
  })()
  await new Promise((resolve) => server.close(resolve))
  expect(served).toBe(false)
  expect((server.address() as AddressInfo | null) ?? null).toBeNull()
})

it('a gateway that is behind has others told so by a process of its own, until it is not', async () => {
  const stub = await startStub()
  let now = 0
  const team = makeTeam([{ name: 'a', endpoint: stub.endpoint, timeoutMs: 20_000 }], { deadlineMs: 30_000 })
  let jump = 0
  const test = await startGateway(team, {
    clock: { ...machineClock, elapsedMs: () => (now += jump) },
    idleMs: () => 0,
  })
  const { port } = new URL(test.url)
  const statuses = new Set<string>()
  const askOnce = async () => {
    // Connections of their own: open ones stay with whom they are.
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(ask('What?')),
    })
    const text = await response.text()
    const code = response.status === 200 ? '200' : `${response.status} ${/"code":"(\w+)"/.exec(text)?.[1]}`
    statuses.add(`${code} ${response.headers.get('retry-after')}`)
    return response.status
  }
  expect(await askOnce()).toBe(200)
  // From now on each look at the clock finds a second gone.
  jump = 1000
  do await Promise.all(Array.from({ length: 100 }, askOnce))
  while (statuses.size === 1)
  expect(await (await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } })).json()).toEqual({
    status: 'ok',
  })
  jump = 0
  // Thirty in a row: nobody else answers any more.
  for (let inRow = 0; inRow < 30; ) inRow = (await askOnce()) === 200 ? inRow + 1 : 0
  expect([...statuses].sort()).toEqual(['200 null', '503 overloaded 1'])
  await test.gateway.stop()
  await stub.close()
})
