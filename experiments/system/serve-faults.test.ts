import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sleep } from '#agents/testing/sleep.js'
import { type ChatEnd, chatEnd } from '../testing/chat-answer.js'
import { exchange, postBytes, responsesIn } from '../testing/raw-http.js'
import { type StubProcess, startServe, startStubProcess } from '../testing/serve-process.js'

/**
 * CADRE_FAULT_SECONDS=60 is the full length, on a machine that does nothing else: there times count too. The suite runs a short
 * one beside whatever else is going on, in which a deadline may pass because the machine is busy.
 */
const measured = process.env.CADRE_FAULT_SECONDS !== undefined
const seconds = Number(process.env.CADRE_FAULT_SECONDS ?? 5)
const perSecond = 50
// Those who fail take about a second of it.
const deadlineMs = 2000
/** What a busy machine may add to the deadline before a connection ends. */
const slackMs = 1500

const folder = mkdtempSync(join(tmpdir(), 'cadre-faults-'))
const faults = ['hang', '429', '429-long', '500', 'garbage', 'garbage-json', 'break', 'stall', 'reset'] as const
const stubs: StubProcess[] = []
const agents: string[] = []

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const agent = (name: string, endpoint: string, timeoutMs = 300) =>
  // Half of them are left alone when they fail; the others are asked again and again.
  `  - { name: '${name}', endpoint: '${endpoint}', timeoutMs: ${timeoutMs}, retries: 1, breaker: { failures: ${agents.length % 2 === 0 ? 5 : 1000}, halfOpenAfterMs: 500 } }`

interface Ended {
  readonly end: ChatEnd
  readonly id: string
  readonly ms: number
}

/** Sends requests at a steady rate, whatever becomes of them, and holds each answer to what an answer must be. */
async function load(url: string, count: number, rate: number): Promise<Ended[]> {
  const { port } = new URL(url)
  const began = performance.now()
  const running: Promise<Ended>[] = []
  for (let k = 0; k < count; k++) {
    const body = { model: 'cadre', stream: k % 2 === 1, messages: [{ role: 'user', content: `question ${k}` }] }
    const one = async (): Promise<Ended> => {
      const { bytes, ms } = await exchange(Number(port), postBytes('/v1/chat/completions', body), deadlineMs + 60_000)
      const responses = responsesIn(bytes)
      if (responses.length !== 1) throw new Error(`request ${k}: ${responses.length} responses after ${ms} ms`)
      return { end: chatEnd(responses[0]!), id: responses[0]!.headers['x-cadre-request-id']!, ms }
    }
    running.push(one())
    await sleep(Math.max(0, (1000 * (k + 1)) / rate - (performance.now() - began)))
  }
  return Promise.all(running)
}

function tally(ended: readonly Ended[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { end } of ended) counts[end] = (counts[end] ?? 0) + 1
  return counts
}

describe(`endpoints that fail in every way, ${perSecond} requests/s for ${seconds} s`, () => {
  beforeAll(async () => {
    agents.push(agent('dead', `http://127.0.0.1:${await deadPort()}/v1`))
    for (const fault of faults) {
      stubs.push(await startStubProcess(fault))
      agents.push(agent(fault, stubs.at(-1)!.endpoint))
    }
    stubs.push(await startStubProcess('ok'))
  }, 60_000)
  afterAll(() => {
    for (const stub of stubs) stub.close()
    rmSync(folder, { recursive: true })
  })

  it.concurrent.each([
    ['one agent that answers', true, ['whole', 'streamed', 'broken-stream']],
    [
      'none that answers',
      false,
      ['broken-stream', '503 agents_unavailable', '504 deadline_exceeded', '429 rate_limit_exceeded'],
    ],
  ])(
    '%s: every request ends once, and has one line in the log',
    async (_, answers, allowed) => {
      // That a busy machine is slow is no fault of it.
      const good = answers ? [agent('good', stubs.at(-1)!.endpoint, measured ? 300 : deadlineMs - 100)] : []
      const team = [
        'name: faults',
        'policy: { use: random }',
        `deadlineMs: ${deadlineMs}`,
        // That a busy machine is slow is no matter of this test.
        'limits: { queueMs: 60000 }',
        'agents:',
        ...agents,
        ...good,
      ]
      const own = join(folder, String(answers))
      mkdirSync(own)
      const gateway = await startServe(own, team.join('\n'))
      const count = answers ? perSecond * seconds : Math.ceil((perSecond * seconds) / 4)
      const ended = await load(gateway.url, count, answers ? perSecond : perSecond / 4)
      const stopped = await gateway.stop()
      expect([stopped.code, stopped.stderr]).toEqual([0, expect.not.stringContaining('"level":"error"')])
      const counts = tally(ended)
      const slowest = Math.max(...ended.map(({ ms }) => ms))
      process.stderr.write(`${count} requests: ${JSON.stringify(counts)}, slowest ${slowest.toFixed(0)} ms\n`)
      expect(ended).toHaveLength(count)
      const fine = measured ? allowed : [...allowed, '504 deadline_exceeded']
      expect(Object.keys(counts).filter((end) => !fine.includes(end))).toEqual([])
      if (measured) expect(ended.filter(({ ms }) => ms > deadlineMs + slackMs)).toEqual([])
      const logged = gateway.decisions()
      expect(logged.map(({ request }) => request).sort()).toEqual(ended.map(({ id }) => id).sort())
      const tried = new Set(logged.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome)))
      for (const outcome of ['timeout', 'connection', 'rate-limited', 'server-error', 'garbage', 'breaker-open']) {
        expect(tried).toContain(outcome)
      }
      expect(logged.filter(({ outcome }) => outcome.ended === 'broken-stream').length).toBe(
        counts['broken-stream'] ?? 0,
      )
    },
    seconds * 1000 + 120_000,
  )
})
