import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeBundle } from '#algorithms/bundle/policy-bundle.js'
import { Rng } from '#env/rng.js'
import { bench } from '../bench.js'
import { loadBenchSuiteData } from '../config/bench-suite.js'
import { loadExperiment } from '../config/load-experiment.js'
import { planTrials } from '../plan/plan-trials.js'
import { runCli, startCli } from '../testing/compiled-cli.js'
import { questionExperiment, questionTable } from '../testing/question-table.js'
import { onlyRun, runFiles } from '../testing/run-files.js'
import { type TrainResult, train } from '../train.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-folds-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const csv = questionTable(400)
put('questions.csv', csv)
const file = put('questions.yaml', questionExperiment('./questions.csv'))
const planOf = async (path: string) => planTrials(await loadExperiment(path))

describe('a cross-validation on a table of one’s own', () => {
  let result: TrainResult

  beforeAll(async () => {
    result = await train(await planOf(file), { outDir: join(folder, 'here'), workers: 0 })
  }, 60_000)

  it('ends with every trial done and a policy to serve of each algorithm', () => {
    expect(result.status).toBe('done')
    expect(result.trials).toHaveLength(3 * 6)
    expect(result.deployed!.map(({ algorithm }) => algorithm)).toEqual([
      'replay (full)',
      'rls (bandit)',
      'thompson (bandit)',
    ])
    for (const { policy } of result.deployed!) {
      const files = Object.fromEntries(
        ['policy.json', 'weights.safetensors'].map((name) => [name, readFileSync(join(policy!, name))]),
      )
      const { description } = decodeBundle(files)
      expect(description).toMatchObject({ kind: 'linear', encoder: { id: 'tfidf' } })
      // It was trained on all rows: its score on them is no promise.
      expect(Object.keys(description.evaluation)).toEqual(['trainingBest', 'trainingScore'])
    }
  })

  it('has the numbers of the issue in its JSON, fold by fold and over all', () => {
    expect(result.folds!.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4, 5])
    const metric = { mean: expect.any(Number), low: expect.any(Number), high: expect.any(Number) }
    for (const name of ['replay (full)', 'thompson (bandit)', 'ridge', 'always', 'random']) {
      for (const { policies } of result.folds!) {
        expect(Object.keys(policies[name]!)).toEqual(
          expect.arrayContaining(['apgr', 'cpt50', 'cpt80', 'accuracy', 'cost']),
        )
      }
      expect(result.policies![name]).toMatchObject({ apgr: metric, cpt50: metric, accuracy: metric, cost: metric })
    }
  })

  it('learns what the words tell, and judges on questions not seen', () => {
    const apgr = (name: string) => result.policies![name]!.apgr!.mean
    // The weak model is right on easy words: the best router by words recovers about .9 of the gap with half of the calls.
    expect(apgr('replay (full)')).toBeGreaterThan(0.75)
    expect(apgr('rls (bandit)')).toBeGreaterThan(0.7)
    expect(Math.abs(apgr('replay (full)') - apgr('ridge'))).toBeLessThan(1e-6)
    expect(apgr('always')).toBeCloseTo(0.5, 12)
    expect(apgr('oracle')).toBeGreaterThan(apgr('ridge'))
    expect(result.references!.oracle!.accuracy!.mean).toBeGreaterThan(0.95)
  })

  it('plays the policy to serve on other rows, through its own encoder', async () => {
    put('others.csv', questionTable(200, 'other questions'))
    const suite = await loadBenchSuiteData(
      {
        name: 'others',
        discount: 0.9,
        episodes: 220,
        environments: { others: { use: 'routing-cascade', outcomes: './others.csv' } },
        policies: {
          served: { use: result.deployed![0]!.policy! },
          weak: { use: 'always', model: 'weak' },
          oracle: {},
          ridge: {},
        },
      },
      folder,
    )
    const { rows } = await bench(suite)
    const score = (policy: string) => rows.find((row) => row.policy === policy)!.score
    expect(score('served')).toBeGreaterThan(score('weak') + 0.2)
    expect(score('oracle')).toBeGreaterThan(score('served'))
    expect(rows.filter((row) => row.inSample).map((row) => row.policy)).toEqual(['ridge'])
  })

  it('goes on where only the training of a policy to serve is left', async () => {
    const plan = await planOf(file)
    const { policy } = result.deployed![0]!
    const trial = dirname(policy!)
    rmSync(trial, { recursive: true })
    const options = { outDir: join(folder, 'here'), workers: 0 }
    await expect(train(plan, options)).rejects.toThrow('20 of 21 trials are done; --resume goes on')
    const resumed = await train(plan, { ...options, resume: true })
    expect(resumed.status).toBe('done')
    expect(resumed.deployed!.map((one) => one.status)).toEqual(['done', 'done', 'done'])
    expect(existsSync(join(policy!, 'policy.json'))).toBe(true)
  })

  it('is read back when it is asked for again, and reported', async () => {
    const again = await train(await planOf(file), { outDir: join(folder, 'here'), workers: 0 })
    expect(again.folds).toEqual(result.folds)
    expect(readFileSync(again.report!, 'utf8')).toContain('2 × 3 folds')
  })
})

describe('what a run is known by', () => {
  it('has no room for the same trial twice', async () => {
    const twin = questionExperiment('./questions.csv').replace(
      '  thompson (bandit)',
      '  replay again: { use: replay-least-squares, feedback: full, exploration: 1, lambda: 1, passes: 1.0001 }\n  thompson (bandit)',
    )
    await expect(planOf(put('twin.yaml', twin))).rejects.toThrow(/replay again: is the same trial as replay \(full\)/)
  })

  const ids = async (path: string) => (await planOf(path)).trials.map(({ id }) => id)

  it('is the content of its table, packed or plain, wherever it lies', async () => {
    const first = await ids(file)
    expect(new Set(first).size).toBe(first.length)
    put('moved.csv.gz', gzipSync(csv))
    expect(await ids(put('moved.yaml', questionExperiment('./moved.csv.gz')))).toEqual(first)
    expect(await ids(put('absolute.yaml', questionExperiment(join(folder, 'questions.csv'))))).toEqual(first)
    put('other.csv', csv.replace('q1,', 'first,'))
    expect(await ids(put('other.yaml', questionExperiment('./other.csv')))).not.toEqual(first)
  })

  it('keeps folds where texts are the same, whatever else is in the table', async () => {
    const plan = await planOf(file)
    expect(plan.folds).toHaveLength(6)
    expect(plan.trials.every(({ fold }) => fold !== null)).toBe(true)
    expect(plan.deployed.every(({ fold }) => fold === null)).toBe(true)
    // One pass goes through the rows that are left when the fold is held out.
    const rows = csv.trim().split('\n').length - 1
    const steps = plan.trials.filter(({ algorithm }) => algorithm.label === 'replay (full)').map((trial) => trial.steps)
    expect(steps.slice(0, 3).reduce((sum, n) => sum + n, 0)).toBe(2 * rows)
    expect(plan.deployed[0]!.steps).toBe(rows)
  })
})

describe('in worker threads', () => {
  const command = (out: string, ...more: string[]) => ['train', file, '--out', join(folder, out), '--json', ...more]
  const filesOf = (out: string) => runFiles(onlyRun(join(folder, out)))

  it('gives the same bytes with 0, 1 and 2 workers, and when it is killed and resumed', async () => {
    const whole = filesOf('here')
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(['references.json', 'routing.json']))
    for (const workers of ['1', '2']) {
      expect(await runCli(command(`workers-${workers}`, '--workers', workers))).toMatchObject({ code: 0 })
      expect(filesOf(`workers-${workers}`)).toEqual(whole)
    }
    const rng = new Rng('kill')
    let kills = 0
    for (let attempt = 0; attempt < 8; attempt++) {
      const begun = existsSync(join(folder, 'killed'))
      const running = startCli(command('killed', '--workers', '2', ...(begun ? ['--resume'] : [])))
      await sleep(400 + 900 * rng.uniform())
      running.child.kill('SIGKILL')
      if ((await running.ended).signal === 'SIGKILL') kills++
    }
    expect(await runCli(command('killed', '--workers', '2', '--resume'))).toMatchObject({ code: 0 })
    expect(filesOf('killed')).toEqual(whole)
    expect(kills).toBeGreaterThan(0)
  }, 120_000)
})

describe('bad input, before anything starts', () => {
  const problems = async (yaml: string): Promise<string[]> => {
    try {
      await loadExperiment(put('bad.yaml', yaml))
      return []
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.replaceAll(`${folder}/`, ''))
    }
  }
  const table = (name: string, change: (text: string) => string) => {
    put(name, change(csv))
    return questionExperiment(`./${name}`)
  }

  it.each([
    [
      'no such table',
      () => questionExperiment('./none.csv'),
      /bad\.yaml:9:\d+: environments\.questions\.outcomes: .*none\.csv: no such file/,
    ],
    ['no such data set', () => questionExperiment('routelm-gsm8k'), /outcomes: .*did you mean "routellm-gsm8k"/],
    ['an id twice', () => table('twice.csv', (text) => text.replace('\nq3,', '\nq2,')), /twice\.csv:\d+:1: id: "q2"/],
    ['an id missing', () => table('noid.csv', (text) => text.replace('\nq3,', '\n,')), /noid\.csv:\d+:1: id/],
    [
      'correctness above 1',
      () => table('high.csv', (text) => text.replace(/(\nq3,[^,]*),\d/, '$1,1.5')),
      /high\.csv:\d+:\d+: correct:weak: .*1\.5/,
    ],
    [
      'a model column absent',
      () => table('less.csv', (text) => text.replace('correct:weak', 'correct:week')),
      /less\.csv.*weak/,
    ],
    [
      'a model that is not in the table',
      () => questionExperiment('./questions.csv').replace('name: strong,', 'name: stronk,'),
      /strong/,
    ],
    ['no rows', () => table('empty.csv', (text) => `${text.split('\n')[0]}\n`), /empty\.csv/],
    [
      'an unknown answer',
      () => table('hole.csv', (text) => text.replace(/(\nq3,[^,]*),\d/, '$1,')),
      /bad\.yaml:9:\d+: environments\.questions\.outcomes: correct of model "weak" is unknown in row "q3"/,
    ],
    [
      'an unknown price that counts',
      () => questionExperiment('./questions.csv').replace(', costUsd: 0.2', ''),
      /outcomes: costUsd of model "strong" is unknown/,
    ],
    [
      'an encoder that cannot be',
      () => questionExperiment('./questions.csv').replace('costWeight: 1,', 'encoder: { id: tfidf, ngrams: [2, 1] },'),
      /bad\.yaml:9:\d+: environments\.questions\.encoder/,
    ],
    [
      'folds of a world without a table',
      () => questionExperiment('./questions.csv').replace(/ {2}questions: .*/, '  two-step: {}'),
      /bad\.yaml:6:1: folds: .*"two-step" \(two-step\) stands on none/,
    ],
    [
      'more folds than rows',
      () => table('few.csv', (text) => text.split('\n').slice(0, 4).join('\n')),
      /bad\.yaml:6:1: folds: .*has none of the table's 3 rows; use fewer folds/,
    ],
    [
      'passes and steps',
      () => questionExperiment('./questions.csv', 'steps: 10\n'),
      /passes: expected steps or passes, got both/,
    ],
    [
      'neither',
      () => questionExperiment('./questions.csv').replace('passes: 1\n', ''),
      /has no budget; give steps, or passes/,
    ],
    [
      'a baseline for another model',
      () => questionExperiment('./questions.csv').replace('model: weak', 'model: weack'),
      /bad\.yaml:\d+:\d+: baselines\.2: .*did you mean "weak"/,
    ],
  ])('%s', async (_what, yaml, expected) => {
    const found = await problems(yaml())
    expect(found.join('\n')).toMatch(expected)
    expect(found.length).toBeLessThanOrEqual(10)
  })
})
