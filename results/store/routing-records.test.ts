import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { writeFakeRoutingRun } from '../testing/fake-routing-run.js'
import { writeFakeRun } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { readRun } from './run-data.js'
import { RunStore } from './run-store.js'

const path = temporaryDirectory()
const small = { rows: 60, repetitions: 1, folds: 2 }

describe('routing records', () => {
  it('come back as they were written, of the run and of each trial', () => {
    const store = writeFakeRoutingRun(path('run'), small)
    const run = readRun(path('run'))
    expect(run.routing).toEqual(store.readRouting())
    const { models, pair, folds, baselines, oracle } = run.routing!.environments.gsm8k!
    expect([models, pair]).toEqual([['weak-8b', 'strong-70b'], { weak: 'weak-8b', strong: 'strong-70b' }])
    expect(folds.map(({ repetition, fold }) => [repetition, fold])).toEqual([
      [0, 0],
      [0, 1],
    ])
    expect(folds[0]!.testRows + folds[1]!.testRows).toBe(60)
    expect(baselines.ridge!.map(({ rows }) => rows)).toEqual(folds.map(({ testRows }) => testRows))
    expect(oracle).toHaveLength(2)
    for (const { plan, result, routing } of run.trials) {
      expect(routing).toEqual(store.trial(plan.id).readRouting())
      expect(routing!.fold).toBe(result!.fold)
    }
    store.writeRouting(run.routing!)
    expect(readRun(path('run')).routing).toEqual(run.routing)
  })

  it('are null in runs that have none, and of trials that are not over', () => {
    writeFakeRun(path('older'), { seeds: 1, evaluations: 2 })
    const run = readRun(path('older'))
    expect(run.routing).toBeNull()
    expect(run.trials[0]!.routing).toBeNull()
    expect(run.trials[0]!.result).not.toHaveProperty('fold')
  })

  it.each([
    ['a score short', (text: string) => text.replace('"testRows"', '"rows"'), /folds\.0/],
    ['another format', (text: string) => text.replace('cadre-routing/1', 'cadre-routing/9'), /format: /],
    [
      'a pair that is not there',
      (text: string) => text.replace('"weak": "weak-8b"', '"weak": "tiny"'),
      /"tiny" is not among models/,
    ],
    ['cut short', (text: string) => text.slice(0, 400), /not valid JSON/],
  ])('name file and place of what is malformed: %s', (name, damage, message) => {
    const directory = path(name.replaceAll(' ', '-'))
    writeFakeRoutingRun(directory, small)
    const file = `${directory}/routing.json`
    writeFileSync(file, damage(readFileSync(file, 'utf8')))
    const read = () => RunStore.open(directory).readRouting()
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_RECORD' }))
    expect(read).toThrow(/routing\.json/)
    expect(read).toThrow(message)
    rmSync(file)
    expect(read()).toBeNull()
  })

  it('refuse a trial of a fold that is not there', () => {
    const store = writeFakeRoutingRun(path('beyond'), small)
    const trial = store.trial(store.trialIds()[0]!)
    trial.writeRouting({ ...trial.readRouting()!, fold: 7 })
    const read = () => readRun(path('beyond'))
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_RECORD' }))
    expect(read).toThrow(/routing\.json: fold: expected one of the 2 folds of "gsm8k", got 7/)
  })

  it('refuse to be written with scores missing for a fold, or numbers that are not finite', () => {
    const store = writeFakeRoutingRun(path('unwritable'), small)
    const routing = store.readRouting()!
    const gsm8k = routing.environments.gsm8k!
    const changed = (change: Partial<typeof gsm8k>) => () =>
      store.writeRouting({ ...routing, environments: { gsm8k: { ...gsm8k, ...change } } })
    expect(changed({ baselines: { ridge: gsm8k.baselines.ridge!.slice(1) } })).toThrow(
      /baselines\.ridge: expected one score for each of 2 folds, got 1/,
    )
    expect(changed({ oracle: [] })).toThrow(/oracle: expected one score for each of 2 folds, got 0/)
    const [score] = gsm8k.oracle!
    const trial = store.trial(store.trialIds()[0]!)
    expect(() =>
      trial.writeRouting({ format: 'cadre-routing/1', fold: 0, score: { ...score!, apgr: Number.NaN } }),
    ).toThrow(/score\.apgr: /)
    expect(store.readRouting()).toEqual(routing)
  })
})
