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
const blocks = fencedBlocks(readFileSync(join(root, 'docs/live.md'), 'utf8'))
const fileBlock = (name: string) => blocks.find((one) => fileOf(one) === name)!.text
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
    const policy = /best policy on routing-dispatch, independent-q seed 0: (\S+)/.exec(trained.stdout)![1]!

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

/** What a process prints first, up to a line's end that closes it. */
async function firstText(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout!) {
    text += String(part)
    if (text.trimEnd().endsWith('}')) return text
  }
  return text
}
