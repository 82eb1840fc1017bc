import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { denseSolve } from '#algorithms/testing/dense-solve.js'
import type { Env } from '#env/env.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { VectorEnv } from '#env/vector-env.js'
import { RunStore } from '#results/store/run-store.js'
import { readBundle } from '../bundles/read-bundle.js'
import { packageRoot } from '../modules/package-root.js'
import { runCli } from '../testing/compiled-cli.js'
import { folderTree } from '../testing/folder-tree.js'
import type { TrainResult } from '../train.js'

/** docs/examples/cooldown-env.mjs: half of the questions are hard; an expert who answered is away for the two steps that follow. */
const gamma = 0.9
const examples = fileURLToPath(new URL('docs/examples/', packageRoot()))
const folder = mkdtempSync(join(tmpdir(), 'cadre-cooldown-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The compiled command line beside copies of the examples. */
async function cadre(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(argv, { cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr })
  return stdout
}

async function train(file: string, settings?: object): Promise<{ result: TrainResult; policy: string }> {
  if (settings !== undefined) writeFileSync(join(folder, file), JSON.stringify(settings))
  const result = JSON.parse(await cadre('train', file, '--json')) as TrainResult
  return { result, policy: join(result.run, 'trials', result.trials[0]!.id, 'policy') }
}

const independentQ = (discount: number) => ({
  name: `alone-${discount}`,
  discount,
  steps: 20_000,
  rows: 8,
  seeds: 1,
  evaluation: { points: 1 },
  environments: { cooldown: { use: './cooldown-env.mjs' } },
  algorithms: { 'independent-q': { learningRate: 0.05, exploration: 0.2 } },
})

async function example<T>(name: string): Promise<T> {
  const { default: entry } = (await import(pathToFileURL(join(examples, name)).href)) as {
    default: { create: (settings: object) => T }
  }
  return entry.create({ hard: 0.5 })
}

describe('the examples of an agent that leaves and returns', () => {
  beforeAll(() => cpSync(examples, folder, { recursive: true }))

  it('are short enough to be copied', () => {
    const lines = (name: string) => readFileSync(join(examples, name), 'utf8').trimEnd().split('\n').length
    expect(lines('cooldown-env.mjs')).toBeLessThanOrEqual(60)
    expect(lines('recurrent-policy.mjs')).toBeLessThanOrEqual(30)
    expect(lines('policy-gradient.mjs')).toBeLessThanOrEqual(80)
  })

  it.each(['./cooldown-env.mjs', './recurrent-policy.mjs --on ./cooldown-env.mjs', './policy-gradient.mjs'])(
    'pass the check: %s',
    async (argv) => {
      const { ok, checks } = JSON.parse(await cadre('check', ...argv.split(' '), '--json')) as {
        ok: boolean
        checks: { name: string; ok: boolean }[]
      }
      expect(checks.filter((check) => !check.ok)).toEqual([])
      expect(ok).toBe(true)
    },
  )

  it('the expert leaves when it answers, and is back after two steps', async () => {
    const env = await example<Env>('cooldown-env.mjs')
    const rows = new VectorEnv(() => env, 1, 'away')
    rows.reset()
    const here = [
      [0, 1],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 0],
    ].map((actions) => {
      rows.step(Int32Array.from(actions))
      return rows.current.alive[1]
    })
    expect(env.spec.open).toBe(true)
    expect(here).toEqual([0, 0, 1, 1, 0, 0])
  })

  /**
   * The clerk answers what is easy: 1 at the start, then (1 / 2) / (1 - gamma) in all. The expert waits for hard questions. W is
   * what it earns from a step on at which it is here: W = (3 + gamma^3 W) / 2 + gamma W / 2.
   */
  it('independent Q-learning finds the optimum, which is known by hand', async () => {
    const w = 1.5 / (1 - gamma / 2 - gamma ** 3 / 2)
    const optimum = 1 + gamma * (0.5 / (1 - gamma) + w)
    const { start } = JSON.parse(await cadre('solve', './cooldown-env.mjs', '--gamma', `${gamma}`, '--json')) as {
      start: number
    }
    expect(start).toBeCloseTo(optimum, 5)
    const { result } = await train('alone.yaml', independentQ(gamma))
    expect(result.trials[0]!.final).toBeCloseTo(optimum, 6)
  })

  it('the recurrent policy has the value of its chain of states and memories', async () => {
    const policy = await example<Policy>('recurrent-policy.mjs')
    const model = toJointMdp(await example<Env>('cooldown-env.mjs'))
    const { start, value } = evaluatePolicy(model, policy, { discount: gamma, epsilon: 1e-10 })
    const chain = recurrentChain()
    expect(Math.abs(start - chain[0]!)).toBeLessThan(1e-9)
    for (let s = 0; s < 6; s++) expect(Math.abs(value[s]! - chain[s]!)).toBeLessThan(1e-9)
  })

  describe('a clerk that learns beside an expert that was trained to live for the moment', () => {
    let trained: Awaited<ReturnType<typeof train>>
    let before: string[]
    const partner = join(folder, 'learned-partner')

    beforeAll(async () => {
      cpSync((await train('greedy.yaml', independentQ(0))).policy, partner, { recursive: true })
      before = folderTree(partner)
      trained = await train('partner.yaml')
    }, 60_000)

    /** The expert answers whenever it is here, 2 on average and 1 at the start, and is away for two steps. */
    const cycle = 1 - gamma ** 3
    const answers = 1 + (gamma ** 3 * 2) / cycle

    it('starts as a clerk that passes', () => {
      const { run, trials } = trained.result
      const [first] = RunStore.open(run).trial(trials[0]!.id).readEvaluations()
      expect(first!.score).toBeCloseTo(answers, 6)
    })

    it('ends as one that leaves to the expert what it answers, and answers what is easy while it is away', () => {
      const alone = (gamma * 0.5 + gamma ** 2 * 0.5) / cycle
      expect(trained.result.trials[0]!.final).toBeCloseTo(answers + alone, 6)
    })

    it("leaves the partner's files and its part of the policy as they were", () => {
      expect(folderTree(partner)).toEqual(before)
      const [given, saved] = [partner, trained.policy].map((path) => readBundle(path).policy.tensors)
      const seat = (p: number) =>
        Object.fromEntries(
          Object.entries(saved!)
            .filter(([name]) => name.startsWith(`${p}/`))
            .map(([name, tensor]) => [name.slice(2), tensor]),
        )
      expect(seat(1)).toEqual(given)
      expect(seat(0)).not.toEqual(given)
    })
  })
})

/** Values of the six states, memories 0, of the recurrent policy: all pairs of states and memories, in one dense system. */
function recurrentChain(): number[] {
  const levels = [-1, -0.5, 0, 0.5, 1]
  const remember = (h: number, hard: number) => Math.round(2 * Math.tanh(0.7 * h + hard - 0.4)) / 2
  const nodeOf = (s: number, clerk: number, expert: number) =>
    s + 6 * (levels.indexOf(clerk) + 5 * levels.indexOf(expert))
  const matrix: number[][] = []
  const reward: number[] = []
  for (const expert of levels) {
    for (const clerk of levels) {
      for (let s = 0; s < 6; s++) {
        const [hard, wait] = [s % 2, Math.floor(s / 2)]
        const clerkAfter = remember(clerk, hard)
        const expertAfter = wait > 0 ? expert : remember(expert, hard)
        const clerkAnswers = clerkAfter > 0
        const expertAnswers = wait === 0 && expertAfter > 0
        const ofClerk = hard === 1 ? -2 : expertAnswers ? -1 : 1
        reward.push((clerkAnswers ? ofClerk : 0) + (expertAnswers ? (hard === 1 ? 3 : 1) : 0))
        const waitAfter = wait > 0 ? wait - 1 : expertAnswers ? 2 : 0
        const row = new Array<number>(150).fill(0)
        row[nodeOf(s, clerk, expert)]! += 1
        for (const next of [0, 1]) row[nodeOf(2 * waitAfter + next, clerkAfter, expertAfter)]! -= gamma / 2
        matrix.push(row)
      }
    }
  }
  const value = denseSolve(matrix, reward)
  return Array.from({ length: 6 }, (_, s) => value[nodeOf(s, 0, 0)]!)
}
