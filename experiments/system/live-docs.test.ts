import { type ChildProcess, execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import type { ReplayDocument } from '../cli/commands/replay.js'
import { fencedBlocks, fileOf } from '../docs/fenced-blocks.js'
import { packageRoot } from '../modules/package-root.js'
import { startCli } from '../testing/compiled-cli.js'
import { startServe } from '../testing/serve-process.js'

const run = promisify(execFile)
const root = fileURLToPath(packageRoot())
const cli = join(root, 'dist/experiments/cli/bin.js')
const blocksOf = (page: string) => fencedBlocks(readFileSync(join(root, page), 'utf8'))
const blocks = blocksOf('docs/live.md')
const fileBlock = (name: string, of = blocks) => of.find((one) => fileOf(one) === name)!.text
const folder = mkdtempSync(join(tmpdir(), 'cadre-live-docs-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true })
})

describe('docs/live.md', () => {
  it('goes from a training to a live team, whose log agrees with the environment', async () => {
    // The training as the page has it, shortened.
    mkdirSync(join(folder, 'docs'))
    cpSync(join(root, 'docs/examples'), join(folder, 'docs/examples'), { recursive: true })
    const trained = await run(
      process.execPath,
      [cli, 'train', 'docs/examples/live.yaml', '--workers', '0', '--set', 'steps=64000'],
      { cwd: folder },
    )
    const policy = trainedPolicy(trained.stdout)

    writeFileSync(join(folder, 'profile.yaml'), fileBlock('profile.yaml'))
    const simulation = startCli(['simulate', 'profile.yaml', '--port', '0', '--json'], { cwd: folder })
    children.push(simulation.child)
    const simulated = JSON.parse(await firstText(simulation.child)) as { agents: { endpoint: string }[] }
    const port = new URL(simulated.agents[0]!.endpoint).port
    const yaml = fileBlock('team.yaml')
      .replace(/policy: \S+/, `policy: ${policy}`)
      .replaceAll(':9100/', `:${port}/`)
    const gateway = await startServe(folder, yaml)
    children.push(gateway.child)
    expect(gateway.printed).toMatchObject({
      agents: ['agent-0', 'agent-1', 'agent-2'],
      policy: { name: 'independent-q' },
    })

    const curl = blocks
      .find(({ text }) => text.startsWith('curl'))!
      .text.replaceAll('http://127.0.0.1:8080/v1', gateway.url)
    let answers = 0
    for (let k = 0; k < 10; k++) {
      const { stdout } = await run('bash', ['-c', curl], { cwd: folder })
      // A team may be down, all of it, for as long as a query waits.
      if (stdout.includes('query_expired')) continue
      answers++
      expect(stdout).toMatch(/"object":"chat.completion"/)
      expect(stdout).toMatch(/agent-\d gives a (good|bad) answer to query \d+, type B/)
    }
    expect(answers).toBeGreaterThan(0)
    const read = async () => (await (await fetch(`${gateway.url}/team`)).json()) as TeamStatus
    let status = await read()
    // What is predicted is worked out beside the running team.
    for (
      const limit = performance.now() + 60_000;
      status.dispatch!.utility.predictedPerTick === null;
      status = await read()
    ) {
      if (performance.now() > limit) throw new Error('nothing was ever predicted')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(status).toMatchObject({
      mode: 'dispatch',
      dispatch: { tickMs: 20, solving: null, utility: { unjudged: 0 } },
    })
    expect(status.dispatch!.utility.predictedPerTick).toBeGreaterThan(0)

    expect((await gateway.stop()).code).toBe(0)
    const replayed = await run(process.execPath, [cli, 'replay', 'decisions.jsonl', '--json'], { cwd: folder })
    const { ok, runs, problems } = JSON.parse(replayed.stdout) as ReplayDocument
    expect({ ok, problems, runs: runs.length }).toEqual({ ok: true, problems: [], runs: 1 })
    expect(runs[0]).toMatchObject({ policy: 'independent-q', difference: null, agrees: true, interrupted: [] })
    expect(runs[0]!.decisions).toBeGreaterThanOrEqual(answers)
    expect(readdirSync(folder)).toContain('headers.txt')
  }, 120_000)
})

describe('docs/own-team.md', () => {
  it('trains a team of four, serves its policy and the optimum, and puts load on them', async () => {
    const own = blocksOf('docs/own-team.md')
    const place = mkdtempSync(join(folder, 'own-'))
    mkdirSync(join(place, 'docs'))
    cpSync(join(root, 'docs/examples'), join(place, 'docs/examples'), { recursive: true })
    const training = [cli, 'train', 'docs/examples/help.yaml', '--workers', '0', '--set', 'steps=64000']
    const { stdout } = await run(process.execPath, training, { cwd: place })
    const policy = trainedPolicy(stdout)

    writeFileSync(join(place, 'profile.yaml'), fileBlock('profile.yaml', own))
    const simulation = startCli(['simulate', 'profile.yaml', '--port', '0', '--json'], { cwd: place })
    children.push(simulation.child)
    const simulated = JSON.parse(await firstText(simulation.child)) as { agents: { endpoint: string }[] }
    const { port } = new URL(simulated.agents[0]!.endpoint)
    const load = own
      .find(({ text }) => text.startsWith('node docs/examples/load.mjs'))!
      .text.trim()
      .split(' ')
    for (const [name, led] of [
      ['team.yaml', 'decomposed-q'],
      ['optimal.yaml', 'optimal'],
    ] as const) {
      const yaml = fileBlock(name, own)
        .replace(/policy: results\S+/, `policy: ${policy}`)
        .replaceAll(':9100/', `:${port}/`)
      const gateway = await startServe(place, yaml)
      children.push(gateway.child)
      expect(gateway.printed).toMatchObject({ agents: ['tiny', 'mid', 'coder', 'big'], policy: { name: led } })
      const [, script, , tickMs, , ...rates] = load
      const loaded = await run(process.execPath, [script!, gateway.url, tickMs!, '3', ...rates], { cwd: place })
      const { counts, predictedPerTick, arrivals } = JSON.parse(loaded.stdout) as {
        counts: { answered: number }
        predictedPerTick: number | null
        arrivals: { type: string; observed: number; assumed: number }[]
      }
      expect(counts.answered).toBeGreaterThan(10)
      expect(arrivals.map(({ type, assumed }) => [type, assumed])).toEqual([
        ['help', 0.35],
        ['code', 0.2],
        ['legal', 0.1],
      ])
      expect(arrivals.every(({ observed }) => observed > 0)).toBe(true)
      if (predictedPerTick !== null) expect(predictedPerTick).toBeGreaterThan(0)
      expect((await gateway.stop()).code).toBe(0)
    }
  }, 180_000)
})

/** The folder of the policy that a training names last. So short a training may well lose to a rule. */
function trainedPolicy(printed: string): string {
  return /^best (?:learned )?policy on .*: (\S+)$/m.exec(printed)![1]!
}

/** What a process prints first, up to a line's end that closes it. */
async function firstText(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout!) {
    text += String(part)
    if (text.trimEnd().endsWith('}')) return text
  }
  return text
}
