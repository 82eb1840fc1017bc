import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stubRegistry } from '../config/testing/stub-registry.js'
import { packageVersion } from '../modules/package-root.js'
import type { Solution } from './commands/solution.js'
import type { FailureDocument } from './failure.js'
import { main } from './main.js'
import { FakeIo } from './testing/fake-io.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io, stubRegistry), io }
}

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const experiment = `name: demo
discount: 0.9
steps: 1000
rows: 2
seeds: 2
environments:
  coin: { prize: 2 }
algorithms:
  q: { table: 4 }
`

describe('usage', () => {
  it('prints help with examples, and the version', async () => {
    const help = await cadre('--help')
    expect(help.code).toBe(0)
    expect(help.io.out).toContain('cadre train experiments/configs/quickstart.yaml')
    for (const name of ['envs', 'algorithms', 'train', 'bench', 'solve', 'check', 'plot', 'report']) {
      expect(help.io.out).toMatch(new RegExp(`^ {2}${name} `, 'm'))
      expect((await cadre(name, '--help')).io.out).toContain('--json')
    }
    const version = await cadre('--version')
    expect([version.code, version.io.out]).toEqual([0, `${packageVersion()}\n`])
  })

  it.each([
    [['trian'], /^cadre: unknown command 'trian'; Did you mean train\?$/],
    [['envs', '--jsn'], /^cadre: unknown option '--jsn'; Did you mean --json\?$/],
    [
      ['solve', 'coin'],
      /^cadre: required option '--gamma <number>' not specified; or --average for the average reward$/,
    ],
    [
      ['solve', 'coin', '--gamma', '1.5'],
      /'--gamma <number>' argument '1.5' is invalid\. Expected a number in \[0, 1\]\.$/,
    ],
    [['solve', 'coin', '--gamma', '0.9', '--epsilon', '0'], /Expected a number > 0\.$/],
    [['solve', 'coin', '--gamma', '0.9', '--method', 'magic'], /Allowed choices are auto, value-iteration, policy-it/],
    [['solve', 'coin', '--average', '--gamma', '0.9'], /--average has no discount, horizon or other method/],
    [['solve', 'coin', '--gamma', '1', '--horizon', '3', '--method', 'value-iteration'], /--horizon has one method/],
    [['check'], /missing required argument 'entry'$/],
    [['train', 'x.yaml', '--seeds', '0'], /Expected an integer of at least 1\.$/],
    [['train', 'x.yaml', '--resume', '--fresh'], /--resume goes on and --fresh starts anew; give one of them$/],
  ])('refuses %j with exit code 2', async (argv, message) => {
    const { code, io } = await cadre(...argv)
    expect(code).toBe(2)
    expect(io.err.trim()).toMatch(message)
    expect(io.out).toBe('')
    const json = await cadre(...argv, '--json')
    expect(json.code).toBe(2)
    expect(json.io.json<FailureDocument>().error.code).toBe('ERR_USAGE')
  })

  it('shows help on standard error when no command is given', async () => {
    const { code, io } = await cadre()
    expect([code, io.out]).toEqual([2, ''])
    expect(io.err).toContain('Usage: cadre')
  })
})

describe('envs and algorithms', () => {
  it('list entries with their settings and defaults', async () => {
    const { code, io } = await cadre('envs', '--json')
    expect(code).toBe(0)
    expect(io.json()).toEqual([
      {
        name: 'coin-toss',
        aliases: ['coin'],
        summary: 'a coin',
        version: '3',
        defaults: { prize: 1, view: 'full' },
        options: [
          { name: 'prize', type: 'number', default: 1, description: 'what heads pay' },
          { name: 'sides', type: 'list of settings { name, weight }', default: null, description: '' },
          { name: 'view', type: '"full" | "local" | "none"', default: 'full', description: '' },
        ],
      },
    ])
    const algorithms = (await cadre('algorithms', '--json')).io.json<{ name: string; defaults: object }[]>()
    expect(algorithms.map(({ name, defaults }) => ({ name, defaults }))).toEqual([
      { name: 'table-q', defaults: { learningRate: 0.1, exploration: 0.2, table: 8 } },
    ])
  })

  it('print them for people', async () => {
    expect((await cadre('envs')).io.out).toBe(
      'coin-toss (also coin): a coin\n    prize  1       what heads pay\n    sides  -       list of settings { name, weight }\n    view   "full"  "full" | "local" | "none"\n',
    )
  })
})

describe('solve', () => {
  it("answers in the environment's own state numbers", async () => {
    const { code, io } = await cadre('solve', 'coin', '--set', 'prize=7', '--gamma', '0.9', '--json')
    expect(code).toBe(0)
    const solution = io.json<Solution>()
    expect(Object.keys(solution)).toEqual([
      'start',
      'value',
      'policy',
      'bounds',
      'iterations',
      'seconds',
      'states',
      'actions',
      'method',
      'reason',
      'form',
      'backend',
    ])
    // State 0 pays 7 at once, state 1 can't be reached, state 2 is the end.
    expect(solution.start).toBeCloseTo(7, 6)
    expect(solution.value).toEqual([expect.closeTo(7, 6), null, 0])
    expect(solution.policy).toEqual([1, null, -1])
    expect(solution.bounds.lower).toEqual([expect.closeTo(7, 6), null, 0])
    expect(solution.bounds.upper).toEqual([expect.closeTo(7, 6), null, 0])
    expect([solution.states, solution.actions]).toEqual([2, 2])
  })

  it('says what it found in words', async () => {
    expect((await cadre('solve', 'coin', '--gamma', '0.9')).io.out).toMatch(/^coin, gamma 0\.9: V\*\(start\) = 1\.0000/)
  })

  it.each([
    [['coin-tos'], 'ERR_UNKNOWN_NAME', 'unknown environment "coin-tos"; did you mean "coin-toss"? (known: coin-toss)'],
    [['coin', '--set', 'prise=1'], 'ERR_CONFIG', '--set prise=1: prise: unknown key; did you mean "prize"?'],
    [['coin', '--set', 'prize=-1'], 'ERR_SPACE', 'coin-toss: the prize is negative'],
    [
      ['./none.mjs'],
      'ERR_USER_MODULE',
      `${join(process.cwd(), 'none.mjs')}: no such file; paths are relative to the file that names them`,
    ],
  ])('refuses %j', async (argv, errorCode, message) => {
    const { code, io } = await cadre('solve', ...argv, '--gamma', '0.9', '--json')
    expect(code).toBe(2)
    expect(io.err).toBe(`${message}\n`)
    expect(io.json<FailureDocument>().error).toMatchObject({ code: errorCode, message })
  })
})

describe('check', () => {
  it('tells which checks hold, and fails with exit code 1', async () => {
    const { code, io } = await cadre('check', 'coin', '--json')
    const { ok, checks } = io.json<{ ok: boolean; checks: { name: string; ok: boolean; message: string }[] }>()
    expect(code).toBe(ok ? 0 : 1)
    expect(checks.length).toBeGreaterThan(5)
    expect(ok).toBe(checks.every((check) => check.ok))
    // The stub's coin has no limit and forgets its state: not a good environment.
    expect(code).toBe(1)
    expect((await cadre('check', 'coin')).io.out).toMatch(/FAILED {2}[\s\S]*checks failed\n$/)
  })
})

describe('train --dry-run', () => {
  it('prints the plan and writes nothing', async () => {
    const file = write('demo.yaml', experiment)
    const out = join(folder, 'runs')
    const { code, io } = await cadre('train', file, '--dry-run', '--out', out)
    expect(code).toBe(0)
    expect(io.out).toMatch(/^demo [0-9a-f]{16}: 2 trials\n {2}q {2}coin {2}1000 steps {2}2 rows {2}2 seeds\n/)
    expect(existsSync(out)).toBe(false)
    const json = (await cadre('train', file, '--dry-run', '--json', '--seeds', '3', '--set', 'rows=4')).io.json<{
      trials: { rows: number }[]
    }>()
    expect(json.trials.map(({ rows }) => rows)).toEqual([4, 4, 4])
  })

  it('reports all problems, located, with exit code 2 and no output folder', async () => {
    const file = write('bad.yaml', experiment.replace('prize: 2', 'prise: 2').replace('0.9', 'x'))
    const out = join(folder, 'runs')
    const { code, io } = await cadre('train', file, '--out', out, '--json')
    expect(code).toBe(2)
    expect(existsSync(out)).toBe(false)
    const { error } = io.json<FailureDocument>()
    expect(error.code).toBe('ERR_CONFIG')
    expect(error.problems?.map(({ path, line, column }) => [path, line, column])).toEqual([
      ['discount', 2, 11],
      ['environments.coin.prise', 7, 11],
    ])
    expect(io.err).toContain(`${file}:7:11: environments.coin.prise: unknown key; did you mean "prize"?`)
    expect(io.err).not.toContain(' at ')
    expect((await cadre('train', file, '--verbose')).io.err).toMatch(/\n {4}at /)
  })
})
