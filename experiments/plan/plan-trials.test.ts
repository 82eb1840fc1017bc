import { describe, expect, it } from 'vitest'
import { loadExperimentData } from '../config/load-experiment.js'
import { stubRegistry } from '../config/testing/stub-registry.js'
import { planTrials, trialId } from './plan-trials.js'
import { shortHash } from './short-hash.js'

const experiment = {
  name: 'demo',
  discount: 0.9,
  steps: 1000,
  rows: 2,
  seeds: 3,
  environments: { heads: { use: 'coin', prize: 2 }, coin: {} },
  algorithms: { fast: { use: 'q', on: ['heads'], table: 4 }, slow: { use: 'q', learningRate: 0.01 } },
  baselines: ['always-heads'],
}

const plan = async (changes: object = {}, baseDir = '/somewhere') =>
  planTrials(await loadExperimentData({ ...experiment, ...changes }, baseDir, { registry: stubRegistry }))

describe('planTrials', () => {
  it('lays out environment by environment, algorithm by algorithm, seed by seed', async () => {
    const { trials, seeds, environments, algorithms, baselines, references } = await plan()
    expect(seeds).toEqual([0, 1, 2])
    expect(trials.map((one) => `${one.environment.label} ${one.algorithm.label} ${one.seed}`)).toEqual([
      'heads fast 0',
      'heads fast 1',
      'heads fast 2',
      'heads slow 0',
      'heads slow 1',
      'heads slow 2',
      'coin slow 0',
      'coin slow 1',
      'coin slow 2',
    ])
    expect(environments.heads).toEqual({
      label: 'heads',
      name: 'coin-toss',
      version: '3',
      use: 'coin-toss',
      sha256: null,
      config: { prize: 2, view: 'full' },
      data: null,
    })
    expect(algorithms.fast).toMatchObject({ name: 'table-q', version: '2', config: { table: 4, learningRate: 0.1 } })
    expect(baselines).toEqual([
      { use: 'always-heads', sha256: null, label: 'always-heads', config: {}, on: ['heads', 'coin'] },
    ])
    expect(references).toEqual({ optimum: true, bestLocal: null })
  })

  it('is plain JSON', async () => {
    const planned = await plan()
    expect(JSON.parse(JSON.stringify(planned))).toEqual(planned)
  })

  it('gives each trial its own id, 16 hex digits of a hash over all that decides its result', async () => {
    const { trials } = await plan()
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length)
    for (const trial of trials) {
      expect(trial.id).toMatch(/^[0-9a-f]{16}$/)
      expect(trialId(trial)).toBe(trial.id)
    }
  })

  it('leaves out of ids what does not decide results: labels, folders, key order, defaults written out', async () => {
    const first = await plan()
    const elsewhere = await plan({ checkpointSeconds: 99, description: 'other words' }, '/elsewhere')
    expect(elsewhere.hash).toBe(first.hash)
    const written = await plan({
      environments: { coin: { view: 'full', prize: 1 }, heads: { prize: 2, use: 'coin-toss' } },
    })
    expect(written.trials.map(({ id }) => id).sort()).toEqual(first.trials.map(({ id }) => id).sort())
    const renamed = await plan({ algorithms: { quick: { use: 'q', table: 4 } }, baselines: [] })
    expect(renamed.trials[0]!.id).toBe(first.trials[0]!.id)
    expect(renamed.hash).not.toBe(first.hash)
  })

  it.each([
    ['discount', { discount: 0.8 }],
    ['steps', { steps: 2000 }],
    ['rows', { rows: 4 }],
    ['evaluation', { evaluation: { points: 5 } }],
    ['an environment setting', { environments: { heads: { use: 'coin', prize: 3 }, coin: {} } }],
    ['a learner setting', { algorithms: { fast: { use: 'q', table: 5 } } }],
  ])('changes ids with %s', async (_what, changes) => {
    const before = await plan()
    const after = await plan(changes)
    expect(after.trials[0]!.id).not.toBe(before.trials[0]!.id)
    expect(after.hash).not.toBe(before.hash)
  })

  it('changes the id with versions and user files, and the run with baselines and references', async () => {
    const trial = (await plan()).trials[0]!
    const id = (part: 'algorithm' | 'environment', change: object) =>
      trialId({ ...trial, [part]: { ...trial[part], ...change } })
    for (const part of ['algorithm', 'environment'] as const) {
      expect(id(part, { version: '9' })).not.toBe(trial.id)
      expect(id(part, { sha256: 'ab' })).not.toBe(trial.id)
      expect(id(part, { use: '/home/x.mjs' })).toBe(trial.id)
    }
    const { hash } = await plan()
    expect((await plan({ baselines: [] })).hash).not.toBe(hash)
    expect((await plan({ references: { optimum: false } })).hash).not.toBe(hash)
    expect((await plan({ references: { bestLocal: {} } })).hash).not.toBe(hash)
  })
})

it('shortHash is the start of a known sha256', () => {
  // sha256 of "{}", first 16 digits.
  expect(shortHash({})).toBe('44136fa355b3678a')
})
