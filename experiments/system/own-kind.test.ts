import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BundleDescription } from '#algorithms/bundle/bundle-schema.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import { learners } from '#algorithms/learners.js'
import { loadTabularPolicy } from '#algorithms/tabular/load-tabular-policy.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import type { BenchRow } from '../bench.js'
import { bench, train } from '../index.js'
import { packageRoot } from '../modules/package-root.js'
import { type Ended, runCli } from '../testing/compiled-cli.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'
import type { TrainResult } from '../train.js'

const examples = fileURLToPath(new URL('docs/examples/', packageRoot()))
const folder = mkdtempSync(join(tmpdir(), 'cadre-kind-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cadre = (...argv: string[]): Promise<Ended> => runCli(argv, { cwd: folder })

/** Trains an experiment of the folder. */
async function trained(file: string, ...more: string[]): Promise<{ result: TrainResult; stderr: string }> {
  const { code, stdout, stderr } = await cadre('train', file, '--seeds', '1', '--json', ...more)
  expect({ code, stderr }).toEqual({ code: 0, stderr })
  return { result: JSON.parse(stdout) as TrainResult, stderr }
}

const policyOf = ({ run, trials }: TrainResult) => join(run, 'trials', trials[0]!.id, 'policy')

describe('a learner with a policy kind of its own', () => {
  const learner = join(folder, 'policy-gradient.mjs')
  let bundle: string
  let score: number

  beforeAll(async () => {
    cpSync(examples, folder, { recursive: true })
    const { result, stderr } = await trained('policy-gradient.yaml', '--set', 'steps=40000')
    expect(stderr).not.toContain('not saved')
    bundle = policyOf(result)
    score = result.trials[0]!.final!
    writeFileSync(
      join(folder, 'suite.yaml'),
      JSON.stringify({
        name: 'suite',
        discount: 0.97,
        episodes: 200,
        environments: { 'routing-dispatch': {} },
        policies: { learned: { use: bundle }, random: {} },
      }),
    )
  }, 60_000)

  it('is saved: the bundle names the file that reads it', () => {
    const { kind, loader } = JSON.parse(readFileSync(join(bundle, 'policy.json'), 'utf8')) as BundleDescription
    expect({ kind, loader }).toEqual({
      kind: 'softmax',
      loader: { file: learner, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    })
  })

  it('is benched, ahead of random play', async () => {
    const { stdout } = await cadre('bench', 'suite.yaml', '--json')
    const { rows } = JSON.parse(stdout) as { rows: BenchRow[] }
    const [learned, random] = rows as [BenchRow, BenchRow]
    expect(learned).toMatchObject({ policy: 'learned', observes: 'local', messages: 0 })
    expect(learned.low).toBeGreaterThan(random.high!)
    expect(learned.regret).toBeLessThan(0.8)
  })

  it('is compared with the optimum: the exact value of what was trained', async () => {
    const { stdout } = await cadre('solve', 'routing-dispatch', '--gamma', '0.97', '--compare', bundle, '--json')
    const { comparisons } = JSON.parse(stdout) as { comparisons: { start: number }[] }
    expect(comparisons[0]!.start).toBeCloseTo(score, 6)
  })

  it('is served: requests are drawn by its probabilities, and logged with them', async () => {
    writeFileSync(
      join(folder, 'desk.yaml'),
      JSON.stringify({
        name: 'desk',
        discount: 0.99,
        passes: 2,
        rows: 1,
        seeds: 1,
        environments: { desk: { use: 'routing-cascade', outcomes: './help-desk.csv', costWeight: 100 } },
        algorithms: { mine: { use: './policy-gradient.mjs', learningRate: 0.1 } },
      }),
    )
    const { result } = await trained('desk.yaml')
    const home = join(folder, 'team')
    mkdirSync(home)
    const stub = await startStubProcess('ok')
    const agents = ['small', 'large'].map((name) => ({ name, endpoint: stub.endpoint }))
    const served = await startServe(home, JSON.stringify({ name: 'desk', policy: policyOf(result), agents }))
    for (const content of ['When do you open?', 'I want my money back']) {
      const body = JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content }] })
      const headers = { 'content-type': 'application/json' }
      const { status } = await fetch(`${served.url}/chat/completions`, { method: 'POST', headers, body })
      expect(status).toBe(200)
    }
    await served.stop()
    stub.close()
    const decisions = served.decisions()
    expect(decisions).toHaveLength(2)
    for (const { scores, propensities, policy, reason } of decisions) {
      const weights = scores!.map((score) => Math.exp(score!))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const [i, propensity] of propensities.entries()) expect(propensity).toBeCloseTo(weights[i]! / total, 9)
      expect({ name: policy.name, reason }).toEqual({ name: 'policy-gradient', reason: 'policy' })
    }
  }, 60_000)

  it('is refused once the file changed or is gone, before any of its code runs, with what to do', async () => {
    const kept = readFileSync(learner)
    const refused = async (...argv: string[]) => {
      const { code, stderr } = await cadre(...argv)
      expect(code).not.toBe(0)
      return stderr
    }
    try {
      appendFileSync(learner, "\nthrow new Error('its code ran')\n")
      const changed =
        /policy kind "softmax" is read by the learner in .*policy-gradient\.mjs, which changed since: .*; put that version back, or train again/
      expect(await refused('bench', 'suite.yaml')).toMatch(changed)
      expect(await refused('solve', 'routing-dispatch', '--gamma', '0.97', '--compare', bundle)).toMatch(changed)
      rmSync(learner)
      expect(await refused('bench', 'suite.yaml')).toMatch(
        /which is not there; put the file back, the one with sha256 [0-9a-f]{64}/,
      )
    } finally {
      writeFileSync(learner, kept)
    }
  }, 60_000)

  it.each([
    [
      'nothing reads',
      'const { loadPolicy, ...rest } = entry',
      'nothing reads its kind "softmax"; give the learner\'s entry loadPolicy(stored, spec)',
    ],
    [
      'cannot be read back',
      "const rest = { ...entry, loadPolicy: () => { throw new Error('another format') } }",
      "what it exports can't be read back: another format",
    ],
    [
      'has no export',
      'const arrays = (...given) => { const made = entry.forms.arrays(...given); made.policy().export = undefined; return made }\nconst rest = { ...entry, forms: { arrays } }',
      'the policy has no export(); give it one that returns { kind, details, tensors }',
    ],
  ])('is not written where it %s, and one line says so', async (_, code, message) => {
    writeFileSync(join(folder, 'bare.mjs'), `import entry from './policy-gradient.mjs'\n${code}\nexport default rest\n`)
    const text = readFileSync(join(folder, 'policy-gradient.yaml'), 'utf8')
    writeFileSync(join(folder, 'bare.yaml'), text.replace('./policy-gradient.mjs', './bare.mjs'))
    const { result, stderr } = await trained('bare.yaml', '--set', 'steps=100', '--seeds', '2')
    expect(existsSync(policyOf(result))).toBe(false)
    expect(result.trials.map(({ unsaved }) => unsaved)).toEqual([message, message])
    expect(stderr.split('\n').filter((line) => line.includes('not saved'))).toEqual([
      `policy not saved, policy-gradient on routing-dispatch: ${message}`,
    ])
  })
})

describe('a learner given in code', () => {
  const base = learners.find(({ name }) => name === 'q-learning')!
  /** A table under another name of its kind. */
  const renamed = (policy: Policy): Policy => ({
    observes: policy.observes,
    act: (batch, rng, out) => policy.act(batch, rng, out),
    export: () => ({ ...policy.export!(), kind: 'mine' }),
  })
  const mine: LearnerEntry = {
    ...base,
    name: 'mine',
    forms: {
      async arrays(context, config) {
        const learner = await base.forms.arrays!(context, config)
        return {
          act: learner.act.bind(learner),
          update: learner.update.bind(learner),
          saveState: learner.saveState.bind(learner),
          loadState: learner.loadState.bind(learner),
          policy: () => renamed(learner.policy()),
        }
      },
    },
    loadPolicy: (stored: PolicyExport, spec: EnvSpec) =>
      renamed(loadTabularPolicy({ ...stored, kind: 'tabular' }, spec)),
  }

  it('reads its policies again where it is given again', async () => {
    const { run, trials } = await train(
      {
        name: 'lake',
        discount: 0.9,
        steps: 200,
        seeds: 1,
        rows: 1,
        environments: { 'frozen-lake': {} },
        algorithms: { mine: { use: mine } },
      },
      { outDir: join(folder, 'code'), workers: 0 },
    )
    const use = join(run, 'trials', trials[0]!.id, 'policy')
    const suite = {
      name: 'lake',
      discount: 0.9,
      episodes: 5,
      environments: { 'frozen-lake': {} },
      policies: { mine: { use } },
    }
    const { rows } = await bench(suite, { learners: [mine] })
    expect(rows[0]!.score).toBeGreaterThanOrEqual(0)
    await expect(bench(suite)).rejects.toThrowError(
      /read by the learner "mine \(given\)", .* give it again: bench\(suite, \{ learners/,
    )
  })
})
