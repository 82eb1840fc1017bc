import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { percentiles } from './latency.js'
import { cli, firstLine, pause, start, stubEndpoint } from './processes.js'

/**
 * `node dist/experiments/benchmarks/overload.js`: how many requests a second a gateway in front of two endpoints that answer at
 * once can take, and what becomes of them when twice as many come, each over a connection of its own.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    times: { type: 'string', default: '2' },
    /** So many processes that never rest, besides. */
    busy: { type: 'string', default: '0' },
    /** Another build's command line, to be compared. */
    cli: { type: 'string', default: cli },
    /** limits.queueMs; default: what teams have. */
    queue: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const patienceMs = 40_000
const body = JSON.stringify({
  model: 'cadre',
  messages: [
    { role: 'user', content: 'When does the shop in Graz open, and what does it cost to park there? '.repeat(8) },
  ],
})
const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json`
const bytes = Buffer.from(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)

interface Ended {
  /** HTTP status; 0 for a connection that ended without one, -1 for one that was given up. */
  readonly status: number
  readonly retryAfter: boolean
  readonly ms: number
}

/** One request over a connection of its own. */
function ask(port: number): Promise<Ended> {
  return new Promise((resolve) => {
    const began = performance.now()
    let head = ''
    let gaveUp = false
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => {
      gaveUp = true
      socket.destroy()
    }, patienceMs)
    socket.on('data', (part) => {
      if (head.length < 1000) head += part.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? (gaveUp ? -1 : 0))
      resolve({ status, retryAfter: /\r\nretry-after: /i.test(head), ms: performance.now() - began })
    })
  })
}

/** The most answers a second: more and more requests come until twice not all are answered. */
async function capacity(port: number): Promise<number> {
  let most = 0
  let misses = 0
  for (let rate = 200; ; rate *= misses === 0 ? 1.3 : 1) {
    const { sent, answered } = await load(port, rate, 3)
    most = Math.max(most, answered)
    process.stderr.write(`${sent.toFixed(0)} requests/s: ${answered.toFixed(0)} answered\n`)
    misses = answered < 0.9 * rate ? misses + 1 : 0
    if (misses === 2) return most
  }
}

/** Requests at a steady rate, whatever becomes of them. @returns them, how many were sent a second, and answered within that time */
async function load(
  port: number,
  rate: number,
  forSeconds: number,
): Promise<{ ended: Ended[]; sent: number; answered: number }> {
  const running: Promise<Ended>[] = []
  let answers = 0
  const began = performance.now()
  while (performance.now() - began < 1000 * forSeconds) {
    const due = Math.floor((rate * (performance.now() - began)) / 1000)
    while (running.length < due) {
      const one = ask(port)
      running.push(one)
      void one.then(({ status }) => {
        if (status === 200) answers++
      })
    }
    await pause(1)
  }
  const took = (performance.now() - began) / 1000
  const [sent, answered] = [running.length / took, answers / took]
  return { ended: await Promise.all(running), sent, answered }
}

const folder = mkdtempSync(join(tmpdir(), 'cadre-overload-'))
const stubs = [start(stubEndpoint, 'ok'), start(stubEndpoint, 'ok')]
const idlers = Array.from({ length: Number(values.busy) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
)
const agents = []
for (const [i, child] of stubs.entries()) {
  agents.push({ name: 'ab'[i], endpoint: `http://127.0.0.1:${await firstLine(child)}/v1` })
}
const limits = values.queue === undefined ? {} : { limits: { queueMs: Number(values.queue) } }
const team = { name: 'overload', policy: { use: 'round-robin' }, listen: { port: 0 }, agents, ...limits }
writeFileSync(join(folder, 'team.yaml'), JSON.stringify(team))
const gateway = start(values.cli, 'serve', join(folder, 'team.yaml'), '--json')
try {
  const { url } = JSON.parse(await firstLine(gateway)) as { url: string }
  const port = Number(new URL(url).port)
  await load(port, 100, 3)
  const can = await capacity(port)
  const { ended, sent, answered: perSecond } = await load(port, can * Number(values.times), seconds)
  const answered = ended.filter(({ status }) => status === 200)
  const refused = ended.filter(({ status, retryAfter }) => (status === 429 || status === 503) && retryAfter)
  const rest = ended.length - answered.length - refused.length
  const result = {
    canPerSecond: can,
    sentPerSecond: sent,
    answeredPerSecond: perSecond,
    answeredOfCan: perSecond / can,
    answered: answered.length,
    refused: refused.length,
    lost: rest,
    gaveUp: ended.filter(({ status }) => status === -1).length,
    answeredMs: percentiles(answered.map(({ ms }) => ms)),
    refusedMs: refused.length === 0 ? null : percentiles(refused.map(({ ms }) => ms)),
    slowestMs: ended.reduce((most, { ms }) => Math.max(most, ms), 0),
  }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
} finally {
  gateway.kill('SIGTERM')
  for (const child of [...stubs, ...idlers]) child.kill('SIGKILL')
  await once(gateway, 'close')
  rmSync(folder, { recursive: true })
}
