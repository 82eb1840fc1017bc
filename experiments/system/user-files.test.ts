import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'
import { type Ended, runCli } from '../testing/compiled-cli.js'
import type { TrainResult } from '../train.js'

const examples = fileURLToPath(new URL('docs/examples/', packageRoot()))
const folder = mkdtempSync(join(tmpdir(), 'cadre-user-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The compiled command line in a folder outside the project that has nothing but the user's files. */
async function cadre(...argv: string[]): Promise<Ended> {
  const ended = await runCli(argv, { cwd: folder })
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: ended.stderr })
  return ended
}

it('the examples are short enough to be copied', () => {
  const lines = (name: string) => readFileSync(join(examples, name), 'utf8').trimEnd().split('\n').length
  expect(lines('lights-env.mjs')).toBeLessThanOrEqual(60)
  expect(lines('expected-sarsa.mjs')).toBeLessThanOrEqual(80)
  expect(lines('policy-gradient.mjs')).toBeLessThanOrEqual(80)
})

describe("a user's environment and algorithm", () => {
  let trained: TrainResult

  beforeAll(async () => {
    cpSync(examples, folder, { recursive: true })
    const { stdout } = await cadre('train', 'experiment.yaml', '--seeds', '3', '--set', 'steps=50000', '--json')
    trained = JSON.parse(stdout) as TrainResult
  }, 60_000)

  it('pass the check', async () => {
    const { stdout } = await cadre('check', './lights-env.mjs', '--json')
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; ok: boolean }[] }
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['mask', 'model-frequencies']))
  })

  it('train: the lights learn to take turns', () => {
    expect(trained.run).toBe(join(folder, 'results/runs', trained.run.split('/').at(-1)!))
    expect(trained.summary.map(({ algorithm, seeds }) => [algorithm, seeds])).toEqual([
      ['expected-sarsa', 3],
      ['independent-q', 3],
    ])
    for (const { algorithm, regret } of trained.summary) {
      expect([algorithm, regret! < 0.05]).toEqual([algorithm, true])
    }
    expect(trained.trials.map(({ status }) => status)).toEqual(Array(6).fill('done'))
  })

  it('bench: what was learned is ahead of random play', async () => {
    cpSync(join(trained.run, 'trials', trained.trials[0]!.id, 'policy'), join(folder, 'learned'), { recursive: true })
    const { stdout } = await cadre('bench', 'bench.yaml', '--json')
    const { rows } = JSON.parse(stdout) as { rows: { policy: string; low: number; high: number; regret: number }[] }
    const [learned, random] = ['learned', 'random'].map((policy) => rows.find((row) => row.policy === policy)!)
    expect(learned!.low).toBeGreaterThan(random!.high)
    expect(learned!.regret).toBeLessThan(0.05)
    expect(random!.regret).toBeCloseTo(1, 6)
  })

  it('solve: the optimum that the summary is held against', async () => {
    const { stdout } = await cadre('solve', './lights-env.mjs', '--set', 'arrival=0.7', '--gamma', '0.95', '--json')
    const { start, states } = JSON.parse(stdout) as { start: number; states: number }
    expect(states).toBe(25)
    const final = trained.trials.map((trial) => trial.final!)
    expect(Math.max(...final)).toBeLessThanOrEqual(start + 1e-6)
  })

  it('plot: a page with both curves', async () => {
    await cadre('plot', trained.run, '--out', 'lights.html')
    const page = readFileSync(join(folder, 'lights.html'), 'utf8')
    const curves = ['expected-sarsa', 'independent-q'].filter((name) => page.includes(name))
    expect(curves).toEqual(['expected-sarsa', 'independent-q'])
    expect(statSync(trained.report!).size).toBeGreaterThan(100_000)
  })
})
