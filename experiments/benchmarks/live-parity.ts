import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { readLog } from '#agents/log/read-log.js'
import { Rng } from '#env/rng.js'
import { resolveInstance, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { packageRoot } from '../modules/package-root.js'
import { replayDispatch } from '../replay/replay-dispatch.js'

/**
 * `node dist/experiments/benchmarks/live-parity.js [--seconds 300] [POLICY...]`: runs the quickstart's team live, in real time, over HTTP, with
 * simulated endpoints in a process of their own, and prints what each policy earned beside what the model predicts. A policy is a
 * rule of routing-dispatch, `optimal`, or the folder of a bundle.
 */
const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    tick: { type: 'string', default: '20' },
    seed: { type: 'string', default: 'live-parity' },
  },
  allowPositionals: true,
})
const seconds = Number(values.seconds)
const tickMs = Number(values.tick)
const policies = positionals.length > 0 ? positionals : ['optimal', 'margin-minus-delay', 'shortest-queue']
const cli = fileURLToPath(new URL('dist/experiments/cli/bin.js', packageRoot()))
const { agents, types } = resolveInstance(routingDispatchConfig.parse({}))
const names = agents.map((_, i) => `agent-${i}`)

/** A command that prints one JSON document once it is ready. */
async function start(args: readonly string[]): Promise<{ child: ChildProcess; printed: { [key: string]: unknown } }> {
  const child = spawn(process.execPath, [cli, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const part of child.stdout!) {
    text += String(part)
    try {
      const printed = JSON.parse(text) as { [key: string]: unknown }
      if (printed.agents !== undefined) return { child, printed }
    } catch {
      // More of it is to come.
    }
  }
  throw new Error(`cadre ${args.join(' ')} ended before it was ready: ${text}`)
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Queries as the environment draws them: at most one a tick, in its middle; says of each answer whether it was good. */
async function load(url: string, rng: Rng): Promise<void> {
  const begin = performance.now() + 2.5 * tickMs - (Date.now() % tickMs)
  const open: Promise<void>[] = []
  for (let tick = 0; tick * tickMs < seconds * 1000; tick++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + tick * tickMs - performance.now())))
    let draw = rng.uniform()
    const type = types.find(({ arrival }) => {
      draw -= arrival
      return draw < 0
    })
    if (type !== undefined) open.push(ask(url, type.name))
  }
  await Promise.all(open)
}

async function ask(url: string, type: string): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cadre-type': type },
      body: JSON.stringify(body),
    })
  const messages = [{ role: 'user', content: `What about ${type}?` }]
  const response = await post('chat/completions', { model: 'cadre', messages })
  const text = await response.text()
  if (response.status !== 200) return
  const score = text.includes(' a good answer ') ? 1 : 0
  await (await post('feedback', { request: response.headers.get('x-cadre-request-id'), score })).text()
}

interface Outcome {
  readonly policy: string
  readonly perTick: number
}

async function run(policy: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-live-parity-'))
  const profile = {
    ...{ seed: `${values.seed} ${policy}`, tickMs, port: 0, types: types.map(({ name }) => name) },
    agents: agents.map(({ service, skill, fail, repair }, i) => ({ name: names[i], service, skill, fail, repair })),
  }
  writeFileSync(join(folder, 'profile.yaml'), JSON.stringify(profile))
  const simulated = await start(['simulate', join(folder, 'profile.yaml')])
  const isRule = !policy.includes('/')
  const team = {
    name: 'live-parity',
    policy: isRule ? { use: policy } : resolve(policy),
    deadlineMs: 60_000,
    // The best average reward, to compare with: at the quickstart's discount the optimum earns 2.8% less of it.
    dispatch: { tickMs, ...(policy === 'optimal' ? { discount: 0.999 } : {}) },
    agents: (simulated.printed.agents as { name: string; endpoint: string }[]).map((agent) => ({
      ...agent,
      timeoutMs: 30_000,
      probe: { everyMs: tickMs / 2, timeoutMs: 5000, down: 1, up: 1 },
    })),
  }
  writeFileSync(join(folder, 'team.yaml'), JSON.stringify(team))
  const gateway = await start(['serve', join(folder, 'team.yaml'), '--port', '0'])
  const url = gateway.printed.url as string
  await load(url, new Rng(`${values.seed} load`))
  const status = (await (await fetch(`${url}/team`)).json()) as TeamStatus
  await stop(gateway.child)
  await stop(simulated.child)
  const reading = readLog(readFileSync(join(folder, 'decisions.jsonl'), 'utf8'), dispatchSchemas)
  const replay = replayDispatch(reading)[0]!
  const { perTick, low, high } = replay.utility
  const predicted = status.dispatch!.utility.predictedPerTick
  const half = high === null ? Number.NaN : (high - perTick) / Math.abs(perTick)
  const inside = predicted !== null && low !== null && low <= predicted && predicted <= high!
  const late = (100 * (replay.lateTicks ?? 0)) / replay.ticks
  process.stdout.write(
    `${policy.padEnd(22)} ${replay.ticks} ticks, ${replay.decisions} decisions: observed ${perTick.toFixed(3)} a tick (99% +-${(100 * half).toFixed(1)}%), predicted ${predicted?.toFixed(3) ?? 'unknown'}: ${low === null ? 'too short for an interval' : inside ? 'inside' : 'OUTSIDE'}; late ${late.toFixed(2)}%; replay ${replay.agrees === true ? `agrees in ${replay.states} states and in utility` : `DIFFERS: ${replay.difference ?? 'in utility'}`}\n`,
  )
  if (reading.problems.length > 0) process.stdout.write(`  ${reading.problems.length} malformed lines in the log\n`)
  rmSync(folder, { recursive: true })
  return { policy, perTick }
}

const outcomes: Outcome[] = []
for (const policy of policies) outcomes.push(await run(policy))
process.stdout.write(
  `order: ${[...outcomes]
    .sort((a, b) => b.perTick - a.perTick)
    .map(({ policy }) => policy)
    .join(' > ')}\n`,
)
