import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import { readLog } from '#agents/log/read-log.js'
import { sleep } from '#agents/testing/sleep.js'
import type { ReplayDocument } from '../cli/commands/replay.js'
import { runCli } from '../testing/compiled-cli.js'
import { startServe } from '../testing/serve-process.js'
import { startSimulate } from '../testing/simulate-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-dispatch-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const names = ['agent-0', 'agent-1', 'agent-2']
const profile = {
  tickMs: 5,
  types: ['A', 'B'],
  agents: names.map((name) => ({ name, service: { quantiles: [[0.5, 20]] }, skill: [0.9, 0.5] })),
}
const team = (agents: readonly object[]) =>
  JSON.stringify({
    name: 'killed',
    policy: { use: 'margin-minus-delay' },
    dispatch: { tickMs: 5, environment: { inbox: 3, offersPerTick: 4, patience: 20, onDown: 'giveBack' } },
    agents: agents.map((agent) => ({ ...agent, timeoutMs: 2000, retries: 1 })),
  })

it('a dispatched team whose gateway is killed under load leaves a log that tells the fate of every query', {
  timeout: 90_000,
}, async () => {
  const simulated = await startSimulate(folder, profile)
  onTestFinished(() => simulated.stop())
  const own = mkdtempSync(join(folder, 'team-'))
  /** Ids of requests whose status the client saw. */
  const seen: string[] = []
  let running = true
  const client = async (url: string, k: number) => {
    while (running) {
      const type = k % 3 === 0 ? 'B' : 'A'
      try {
        const response = await fetch(`${url}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-cadre-type': type },
          body: JSON.stringify({
            model: 'cadre',
            stream: k % 2 === 1,
            messages: [{ role: 'user', content: `Is ${k}?` }],
          }),
        })
        seen.push(response.headers.get('x-cadre-request-id')!)
        await response.text()
      } catch {
        await sleep(2)
      }
    }
  }

  const first = await startServe(own, team(simulated.agents))
  onTestFinished(() => void first.child.kill('SIGKILL'))
  let clients = Array.from({ length: 8 }, (_, k) => client(first.url, k))
  while (seen.length < 150) await sleep(5)
  first.child.kill('SIGKILL')
  await first.ended
  running = false
  await Promise.all(clients)

  const file = join(own, 'decisions.jsonl')
  const before = readFileSync(file, 'utf8')
  const second = await startServe(own, team(simulated.agents))
  onTestFinished(() => void second.child.kill('SIGKILL'))
  const atKill = seen.length
  running = true
  clients = Array.from({ length: 4 }, (_, k) => client(second.url, k))
  while (seen.length < atKill + 20) await sleep(5)
  running = false
  await Promise.all(clients)
  expect((await second.stop()).code).toBe(0)

  // Nothing of the first run is lost but a torn last line, and the second goes on after it.
  const text = readFileSync(file, 'utf8')
  expect(text.startsWith(before.slice(0, before.lastIndexOf('\n') + 1))).toBe(true)
  const reading = readLog(text, dispatchSchemas)
  expect([reading.problems, reading.torn]).toEqual([[], null])
  const starts = reading.records.filter(({ kind }) => kind === 'start')
  const stops = reading.records.filter(({ kind }) => kind === 'stop')
  expect([starts.length, stops.length]).toEqual([2, 1])

  const { code, stdout } = await runCli(['replay', file, '--json'])
  const { ok, runs, problems } = JSON.parse(stdout) as ReplayDocument
  expect([code, ok, problems, runs.length]).toEqual([0, true, [], 2])
  expect(runs.map(({ difference, agrees, booked }) => [difference, agrees, booked !== null])).toEqual([
    [null, null, false],
    [null, true, true],
  ])
  expect(runs[1]!.interrupted).toEqual([])

  // Whoever got an answer stands in the log, ended; what came to a boundary has ended, or was interrupted.
  const interrupted = new Set(runs[0]!.interrupted)
  expect(interrupted.size).toBeGreaterThan(0)
  const accepted = reading.records.flatMap(({ kind, fields }) => (kind === 'tick' ? (fields.requests ?? []) : []))
  const fates = new Map<string, number>()
  for (const id of [...seen, ...accepted]) {
    const known = reading.requests.get(id)
    const ended = (known?.outcome ?? null) !== null
    expect([id, ended, interrupted.has(id)]).toEqual([id, ended, !ended])
    const fate = ended ? known!.outcome!.ended : 'interrupted'
    fates.set(fate, (fates.get(fate) ?? 0) + 1)
  }
  for (const { request, outcome } of reading.requests.values()) {
    if (outcome === null) expect(interrupted.has(request)).toBe(true)
  }
  expect(fates.get('answered')).toBeGreaterThan(100)
})
