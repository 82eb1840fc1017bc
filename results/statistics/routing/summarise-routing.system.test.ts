import { describe, expect, it } from 'vitest'
import type { EnvironmentRouting, RoutingScore } from '../../store/routing-records.js'
import { type RunData, readRun } from '../../store/run-data.js'
import { type FakeRoutingOptions, writeFakeRoutingRun } from '../../testing/fake-routing-run.js'
import { temporaryDirectory } from '../../testing/temporary-directory.js'
import { mean } from '../mean.js'
import { summarise } from '../summarise.js'
import { correctedInterval } from './corrected-interval.js'
import { routingSummary } from './summarise-routing.js'

const path = temporaryDirectory()
let written = 0

function fakeRun(options: FakeRoutingOptions = {}): RunData {
  const directory = path(`run-${written++}`)
  writeFakeRoutingRun(directory, { rows: 120, repetitions: 2, folds: 3, ...options })
  return readRun(directory)
}

/** The run with its baselines' scores changed. */
function withScores(run: RunData, change: (score: RoutingScore, label: string, fold: number) => RoutingScore): RunData {
  const environments = Object.entries(run.routing!.environments).map(([name, one]): [string, EnvironmentRouting] => {
    const baselines = Object.entries(one.baselines).map(([label, scores]) => {
      return [label, scores.map((score, fold) => change(score, label, fold))]
    })
    return [name, { ...one, baselines: Object.fromEntries(baselines) }]
  })
  return { ...run, routing: { ...run.routing!, environments: Object.fromEntries(environments) } }
}

describe('routingSummary', () => {
  it('is null for runs without outcome tables', () => {
    expect(routingSummary({ ...fakeRun(), routing: null })).toBeNull()
  })

  it('has every policy in every fold, and means that are the means of the folds', () => {
    const run = fakeRun()
    const summary = routingSummary(run)!
    const names = Object.keys(summary.policies)
    expect(names).toEqual([
      ...Object.keys(run.manifest.algorithms),
      'ridge',
      'nearest-neighbours',
      'matrix-factorisation',
      'length',
      'random',
      'always-weak',
      'always-strong',
    ])
    expect(summary.folds.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4, 5])
    for (const { policies } of summary.folds) {
      expect(Object.keys(policies)).toEqual(names)
      expect(Object.keys(policies.ridge!)).toEqual(['apgr', 'cpt50', 'cpt80', 'accuracy', 'cost'])
    }
    for (const name of names) {
      const { apgr, cost } = summary.policies[name]!
      expect(apgr!.mean).toBeCloseTo(mean(summary.folds.map(({ policies }) => policies[name]!.apgr!)), 12)
      expect(apgr!.low).toBeLessThanOrEqual(apgr!.mean)
      expect(apgr!.high).toBeGreaterThanOrEqual(apgr!.mean)
      expect(cost).toBeNull()
    }
    expect(summary.policies['always-weak']!.apgr).toEqual({
      mean: expect.closeTo(0.5, 12),
      low: expect.closeTo(0.5, 12),
      high: expect.closeTo(0.5, 12),
    })
    expect(Object.keys(summary.references)).toEqual(['weak-8b', 'strong-70b', 'oracle'])
    expect(summary.references.oracle!.accuracy!.mean).toBeGreaterThan(summary.references['strong-70b']!.accuracy!.mean)
    expect(routingSummary(run)).toEqual(summary)
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
  })

  it('averages the seeds of a fold before the folds', () => {
    const run = fakeRun({ seeds: 2 })
    const summary = routingSummary(run)!
    const own = run.trials.filter(({ plan, routing }) => plan.algorithm === 'rls-full' && routing!.fold === 4)
    expect(own).toHaveLength(2)
    expect(summary.folds[4]!.policies['rls-full']!.apgr).toBeCloseTo(
      mean(own.map((trial) => trial.routing!.score.apgr!)),
      12,
    )
    expect(summarise(run)[0]).toMatchObject({ seeds: 12, folds: 6 })
  })

  it('holds policies against ridge fold by fold, with both intervals', () => {
    // The others are ridge plus 0.01, 0.02, ... by fold: mean .035 over six, the folds' own difficulty cancelled.
    const run = fakeRun()
    const ridge = run.routing!.environments.gsm8k!.baselines.ridge!
    const shifted = withScores(run, (score, label, fold) => {
      return label === 'ridge' ? score : { ...ridge[fold]!, apgr: ridge[fold]!.apgr! + 0.01 * (fold + 1) }
    })
    const { differences } = routingSummary(shifted)!
    expect(Object.keys(differences)).not.toContain('ridge')
    expect(Object.keys(differences)).toContain('rls-full')
    const one = differences.length!
    expect(one).toMatchObject({ metric: 'apgr', against: 'ridge', mean: expect.closeTo(0.035, 12) })
    expect(one.low).toBeGreaterThan(0.01)
    expect(one.high).toBeLessThan(0.06)
    const { folds } = run.routing!.environments.gsm8k!
    const ratio = mean(folds.map((fold) => fold.testRows / fold.trainRows))
    const expected = correctedInterval([0.01, 0.02, 0.03, 0.04, 0.05, 0.06], ratio)
    expect(one.correctedLow).toBeCloseTo(expected.low, 12)
    expect(one.correctedHigh).toBeCloseTo(expected.high, 12)
    expect(one.correctedLow!).toBeLessThan(one.low!)
  })

  it('leaves out folds without a value and says how many have one', () => {
    const run = withScores(fakeRun(), (score, label, fold) => {
      return label === 'length' && fold < 2 ? { ...score, apgr: null, cpt50: null, cpt80: null } : score
    })
    const { policies, folds, differences } = routingSummary(run)!
    expect(policies.length!.cpt50).toMatchObject({ reached: 4, of: 6 })
    expect(policies.length!.cpt50!.mean).toBeCloseTo(
      mean(folds.slice(2).map((fold) => fold.policies.length!.cpt50!)),
      12,
    )
    expect(folds[0]!.policies.length!.cpt50).toBeNull()
    expect(policies.ridge!.cpt50).not.toHaveProperty('reached')
    expect(differences.length!.mean).toBeCloseTo(
      mean(folds.slice(2).map(({ policies: one }) => one.length!.apgr! - one.ridge!.apgr!)),
      12,
    )
  })

  it('survives failed trials, nothing finished, and no ridge', () => {
    const run = fakeRun({ failed: 1, withoutRidge: true })
    const summary = routingSummary(run)!
    expect(Object.keys(summary.folds[1]!.policies)).not.toContain('linear-q-full')
    expect(summary.policies['linear-q-full']!.apgr).toMatchObject({ reached: 5, of: 6 })
    expect(summary.differences).toEqual({})
    const begun = { ...run, trials: run.trials.map((trial) => ({ ...trial, result: null, routing: null })) }
    expect(Object.keys(routingSummary(begun)!.policies)).not.toContain('rls-full')
  })

  it('reports quality, cost, AIQ and budgets with more than two models', () => {
    const prices = [0.1, 0.2, 0.3, 0.9].map((usd) => usd * 1e-3)
    const { folds, policies, differences } = routingSummary(fakeRun({ models: 4, prices }))!
    expect(Object.keys(folds[0]!.policies.ridge!)).toEqual(['quality', 'accuracy', 'cost', 'aiq'])
    const ridge = policies.ridge!
    expect(ridge.quality!.mean).toBe(ridge.accuracy!.mean)
    expect(ridge.budgets!.map(({ share }) => share)).toEqual([0, 0.1, 0.25, 0.5, 1])
    expect(ridge.budgets![0]!.budget).toBeCloseTo(prices[0]!, 12)
    expect(ridge.budgets!.at(-1)!.quality!.mean).toBeGreaterThan(ridge.budgets![0]!.quality!.mean)
    expect(differences['rls-full']!.metric).toBe('quality')
  })

  it('names environments where there are several', () => {
    const { folds, policies, differences, references } = routingSummary(fakeRun({ environments: ['gsm8k', 'mmlu'] }))!
    expect(Object.keys(policies)).toContain('mmlu / ridge')
    expect(Object.keys(folds[3]!.policies)).toContain('gsm8k / rls-full')
    expect(differences['mmlu / rls-full']!.against).toBe('mmlu / ridge')
    expect(Object.keys(references)).toContain('gsm8k / oracle')
  })

  it('tells a baseline from an algorithm of the same name', () => {
    const run = fakeRun()
    const { gsm8k } = run.routing!.environments
    const environments = {
      gsm8k: { ...gsm8k!, baselines: { ...gsm8k!.baselines, 'rls-full': gsm8k!.baselines.length! } },
    }
    const { policies } = routingSummary({ ...run, routing: { ...run.routing!, environments } })!
    expect(Object.keys(policies)).toEqual(expect.arrayContaining(['rls-full', 'rls-full (baseline)']))
  })
})
