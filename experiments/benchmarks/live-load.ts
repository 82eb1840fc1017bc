import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import type { DecisionFields } from '#agents/log/log-kinds.js'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import { type Fault, faults } from '#agents/simulated/faults.js'
import { Rng } from '#env/rng.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import { InspectedHeap } from './inspected-heap.js'
import { type Percentiles, percentiles } from './latency.js'
import { cli, firstLine, pause, start } from './processes.js'

/**
 * `node dist/experiments/benchmarks/live-load.js`: a dispatched team under a steady load while one of its agents after the other fails
 * in another way. Three processes: the gateway, the simulated agents, and this one, which asks. Half of the requests are streamed.
 * Every request must end exactly once, for its client and in the log, and the log must agree with the environment.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    /** Requests a second. */
    rate: { type: 'string', default: '200' },
    policy: { type: 'string', default: 'random' },
    /** When decisions are made: ticks or events. */
    decide: { type: 'string', default: 'ticks' },
    /** Writes a profile of the gateway's processor time into this folder. */
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const rate = Number(values.rate)
const tickMs = 2
/** Of an agent, without the way to it and back. */
const serviceMs = 10
const numAgents = 5
/** Before the load, at a quarter of it: code is compiled meanwhile, and nothing counts. */
const warmUpSeconds = 3
/** A request that has no end by then never gets one. */
const patienceMs = 20_000
const names = Array.from({ length: numAgents }, (_, i) => `agent-${i}`)

const profile = {
  tickMs,
  port: 0,
  types: ['any'],
  agents: names.map((name) => ({
    name,
    service: {
      quantiles: [
        [0.5, serviceMs / 2],
        [0.95, 2 * serviceMs],
      ],
    },
  })),
}

const teamOf = (agents: readonly object[]) => ({
  name: 'live-load',
  policy: { use: values.policy },
  deadlineMs: 3000,
  listen: { port: 0 },
  exploration: { seed: 1 },
  dispatch: {
    tickMs,
    decide: values.decide,
    environment: {
      ...{ observation: 'local', inbox: 32, offersPerTick: 16, patience: 500, onDown: 'giveBack' },
      arrivals: { kind: 'poisson' },
      types: [{ name: 'any', value: 5, arrival: (rate * tickMs) / 1000, loss: 1 }],
      ...{ hold: 0.01, wait: 0.01 },
      agents: names.map((name) => ({
        ...{ name, capacity: 4, skill: [1], price: 1, service: tickMs / serviceMs, fail: 0.0001, repair: 0.001 },
      })),
    },
  },
  agents: agents.map((agent) => ({
    ...agent,
    ...{ timeoutMs: 500, retries: 3, concurrency: 2, breaker: { failures: 1, halfOpenAfterMs: 500 } },
    probe: { everyMs: 100, timeoutMs: 400, down: 1 },
  })),
})

/** How a request ended for its client. */
interface Ended {
  /** answered, broken (a stream with an error in it), the code of an error, reset, or never. */
  readonly how: string
  readonly id: string | null
  readonly phase: string
  readonly ms: number
}

const connections = new Agent({ keepAlive: true, maxSockets: 512 })

function ask(port: number, stream: boolean, phase: string): Promise<Ended> {
  const began = performance.now()
  const body = JSON.stringify({ model: 'cadre', stream, messages: [{ role: 'user', content: 'When does it open?' }] })
  return new Promise((resolve) => {
    let id: string | null = null
    let ends = 0
    const end = (how: string) => {
      clearTimeout(timer)
      if (++ends === 1) resolve({ how, id, phase, ms: performance.now() - began })
    }
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      agent: connections,
      headers,
    })
    const timer = setTimeout(() => {
      end('never')
      sent.destroy()
    }, patienceMs)
    sent.on('error', () => end('reset'))
    sent.on('response', (response) => {
      id = (response.headers['x-cadre-request-id'] as string | undefined) ?? null
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('error', () => end('reset'))
      response.on('end', () => end(howEnded(response.statusCode ?? 0, stream, text)))
    })
    sent.end(body)
  })
}

function howEnded(status: number, stream: boolean, text: string): string {
  if (status !== 200) return (JSON.parse(text) as { error: { code: string } }).error.code
  if (!stream) return (JSON.parse(text) as { object?: string }).object === 'chat.completion' ? 'answered' : 'garbage'
  if (!text.endsWith('data: [DONE]\n\n')) return 'garbage'
  return text.includes('"error"') ? 'broken' : 'answered'
}

/** Which agent fails how, from when on: a tenth of the time all are well, then each fault has its turn, with a pause after it. */
function plan(): { readonly at: number; readonly agent: string; readonly fault: Fault | null }[] {
  const turn = (0.85 * seconds) / faults.length
  return faults.flatMap((fault, k) => {
    const at = 0.1 * seconds + k * turn
    const agent = names[k % numAgents]!
    return [
      { at, agent, fault },
      { at: at + 0.7 * turn, agent, fault: null },
    ]
  })
}

/** Numbers of the gateway's process. */
async function readGateway(url: string): Promise<{ rss: number; fds: number; cpuSeconds: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const of = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  return {
    rss: of('process_resident_memory_bytes'),
    fds: of('process_open_fds'),
    cpuSeconds: of('process_cpu_seconds_total'),
  }
}

/** Descriptors of the gateway's process while no client of ours has a connection to it. */
async function fdsWithoutClients(url: string): Promise<number> {
  connections.destroy()
  await pause(500)
  return (await readGateway(url)).fds
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Of each request, how long it had waited when the first of these decisions was made. */
function waitedMs(reading: LogReading, counts: (decision: DecisionFields) => boolean): Percentiles | null {
  const times = [...reading.requests.values()].flatMap(({ decisions }) => decisions.find(counts)?.waitedMs ?? [])
  return times.length === 0 ? null : percentiles(times)
}

function counted<T>(list: readonly T[], key: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of list) counts[key(one)] = (counts[key(one)] ?? 0) + 1
  return counts
}

const folder = mkdtempSync(join(tmpdir(), 'cadre-live-load-'))
writeFileSync(join(folder, 'profile.yaml'), JSON.stringify(profile))
const simulated = start(cli, 'simulate', join(folder, 'profile.yaml'), '--json')
const { control, agents } = JSON.parse(await firstLine(simulated)) as { control: string; agents: object[] }
const inspectPort = await freePort()
writeFileSync(join(folder, 'team.yaml'), JSON.stringify(teamOf(agents)))
const profiling = values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile]
const gateway = start(`--inspect=${inspectPort}`, ...profiling, cli, 'serve', join(folder, 'team.yaml'), '--json')
try {
  const { url } = JSON.parse(await firstLine(gateway)) as { url: string }
  const port = Number(new URL(url).port)
  const origin = new URL(url).origin
  const heap = await InspectedHeap.of(inspectPort)
  const gaps = new Rng('live-load')
  const gap = () => -Math.log(1 - gaps.uniform()) / rate
  const changes = plan()
  const running: Promise<Ended>[] = []
  const seen: { readonly second: number; readonly rss: number; readonly heap: number; readonly fds: number }[] = []
  const warmUp: Promise<Ended>[] = []
  for (let k = 0; k < (warmUpSeconds * rate) / 4; k++) {
    warmUp.push(ask(port, k % 2 === 1, 'warm-up'))
    await pause(4000 / rate)
  }
  await Promise.all(warmUp)
  const fdsBefore = await fdsWithoutClients(origin)
  const cpuBefore = (await readGateway(origin)).cpuSeconds
  let phase = 'healthy'
  let next = 0
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  const look = async () => {
    const { rss, fds } = await readGateway(origin)
    seen.push({ second: elapsed(), rss, heap: await heap.usedBytes(), fds })
  }
  let nextLook = 0.1 * seconds
  let due = 0
  while (elapsed() < seconds) {
    for (; changes[next] !== undefined && changes[next]!.at <= elapsed(); next++) {
      const { agent, fault } = changes[next]!
      phase = fault ?? 'after'
      const headers = { 'content-type': 'application/json' }
      await fetch(control, { method: 'POST', headers, body: JSON.stringify({ agent, fault }) })
    }
    for (; due <= elapsed(); due += gap()) {
      running.push(ask(port, running.length % 2 === 1, phase))
    }
    if (elapsed() >= nextLook) {
      nextLook += seconds / 5
      void look()
    }
    await pause(1)
  }
  const took = elapsed()
  const ended = await Promise.all(running)
  await pause(500)
  await look()
  const fdsAfter = await fdsWithoutClients(origin)
  heap.close()
  const { dispatch } = (await (await fetch(`${url}/team`)).json()) as { dispatch: { lateTicks: number; tick: number } }
  const { cpuSeconds } = await readGateway(origin)
  gateway.kill('SIGTERM')
  await once(gateway, 'close')

  const text = createReadStream(join(folder, 'decisions.jsonl'), 'utf8')
  const parts: string[] = []
  for await (const part of text) parts.push(part as string)
  const reading = readLog(parts, dispatchSchemas)
  const [replay] = replayDispatch(reading)
  const known = new Set([...ended, ...(await Promise.all(warmUp))].map(({ id }) => id))
  const gapLines = reading.records.filter(({ kind }) => kind === 'gap').length
  const answered = ended.filter(({ how }) => how === 'answered')
  const phases = [...new Set(ended.map((one) => one.phase))]
  const result = {
    seconds: took,
    sent: ended.length,
    sentPerSecond: ended.length / took,
    ends: counted(ended, ({ how }) => how),
    answeredShare: answered.length / ended.length,
    answeredMs: percentiles(answered.map(({ ms }) => ms)),
    /** From the first byte of a request to the first decision on it, and to the first that gave it to an agent. */
    decidedMs: waitedMs(reading, () => true),
    dispatchedMs: waitedMs(reading, ({ choice }) => choice !== 'nobody'),
    answeredShareByPhase: Object.fromEntries(
      phases.map((name) => {
        const those = ended.filter((one) => one.phase === name)
        return [name, those.filter(({ how }) => how === 'answered').length / those.length]
      }),
    ),
    /** Of those sent: the log tells their end. Those that are refused before they are read, as the gateway is overloaded, have none. */
    logged: ended.filter(({ id }) => id !== null && (reading.requests.get(id)?.outcome ?? null) !== null).length,
    /** Requests in the log that no client knows. */
    unknown: [...reading.requests.keys()].filter((id) => !known.has(id)).length,
    problems: reading.problems.length,
    replay: replay === undefined ? null : { difference: replay.difference, agrees: replay.agrees, ticks: replay.ticks },
    lateTicks: dispatch.lateTicks,
    gapLines,
    logBytes: parts.reduce((sum, part) => sum + part.length, 0),
    processorShare: (cpuSeconds - cpuBefore) / took,
    seen,
    /** Descriptors without the connections of clients, which stay open for 30 s: as many as requests were ever on their way at once. */
    fds: { before: fdsBefore, after: fdsAfter },
  }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
} finally {
  connections.destroy()
  gateway.kill('SIGKILL')
  simulated.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
