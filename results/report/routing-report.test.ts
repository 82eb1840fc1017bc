import { describe, expect, it } from 'vitest'
import { costQualityCurves } from '../figures/cost-quality-figure.js'
import { foldScheme, routedWorlds } from '../figures/routed-worlds.js'
import { strongCallCurves } from '../figures/routing-figure.js'
import { worldsOf } from '../figures/worlds.js'
import { type RunData, readRun } from '../store/run-data.js'
import { type FakeRoutingOptions, writeFakeRoutingRun } from '../testing/fake-routing-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { renderPlot } from './render-plot.js'
import { renderReport } from './render-report.js'

const path = temporaryDirectory()
let written = 0

function fakeRun(options: FakeRoutingOptions = {}): RunData {
  const directory = path(`run-${written++}`)
  writeFakeRoutingRun(directory, { rows: 90, repetitions: 2, folds: 2, ...options })
  return readRun(directory)
}

/** What a reader sees, without scripts and styles. */
function text(page: string): string {
  return page
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
}

const prices = [0.1, 0.2, 0.9].map((usd) => usd * 1e-3)

describe('the report of a routing run', () => {
  it('says who routes best, on which folds, and how it stands to ridge', () => {
    const run = fakeRun()
    const seen = text(renderReport(run))
    const world = routedWorlds(run)[0]!
    const best = world.series.find(({ kind }) => kind === 'learned')!
    expect(seen).toContain(`${best.label} routes best of the learned policies: APGR`)
    expect(seen).toContain(best.summary.apgr!.mean.toFixed(3))
    expect(seen).toMatch(/Fold by fold it is (ahead of|behind|not told apart from) ridge/)
    expect(seen).toMatch(/bootstrap .0\.\d{3} to .0\.\d{3}; corrected for what folds share/)
    expect(seen).toContain('2 \u00d7 2 folds over 90 queries')
    expect(seen).toMatch(/By what is seen while learning \u2013 \w+: /)
    expect(seen).toMatch(/recovers half of the gap between weak-8b and strong-70b/)
    expect(seen).toContain('oracle')
    expect(seen).not.toMatch(/NaN|undefined|null|Infinity/)
  })

  it('has a table of all policies with intervals, and what is known only', () => {
    const seen = text(renderReport(fakeRun()))
    expect(seen).toMatch(/policy APGR CPT50 CPT80 accuracy ahead of ridge corrected interval/)
    expect(seen).toMatch(/always-weak 0\.500 0\.500 to 0\.500 50\.0% 50\.0% to 50\.0% 80\.0%/)
    expect(seen).not.toContain('USD for 1,000')
    const priced = text(renderReport(fakeRun({ prices: [0.0002, 0.004] })))
    expect(priced).toContain('USD for 1,000 AIQ')
    expect(priced).toContain('non-decreasing convex hull of quality over cost, from the cheapest to the dearest')
  })

  it('shows quality, cost and budgets with more than two models', () => {
    const seen = text(renderReport(fakeRun({ models: 3, prices })))
    expect(seen).toMatch(
      /policy quality ahead of ridge corrected interval USD for 1,000 AIQ at \$0\.1 \(cheapest\) at \$0\.18/,
    )
    expect(seen).toContain('routes best of the learned policies: quality')
    expect(seen).not.toContain('CPT50')
    expect(seen).toContain('Best single model')
    expect(text(renderReport(fakeRun({ models: 3 })))).toContain('quality ahead of ridge')
  })

  it('speaks of folds where folds vary, of trials where seeds do too', () => {
    const seen = text(renderReport(fakeRun()))
    expect(seen).toContain('interquartile mean over folds')
    expect(seen).not.toContain('over seeds')
    expect(text(renderReport(fakeRun({ seeds: 2 })))).toContain('interquartile mean over trials')
    expect(worldsOf([fakeRun()])[0]).toMatchObject({ replicate: 'fold' })
    expect(worldsOf([fakeRun()])[0]!.series[0]!.curve[0]).toMatchObject({ seeds: 4 })
  })

  it('names regimes that labels leave out, and keeps names as text', () => {
    const run = fakeRun()
    const { algorithms } = run.manifest
    const renamed = '<b>linear</b>'
    const { 'linear-q-full': first, ...rest } = algorithms
    const changed: RunData = {
      ...run,
      manifest: { ...run.manifest, algorithms: { [renamed]: first!, ...rest } },
      trials: run.trials.map((trial) =>
        trial.plan.algorithm === 'linear-q-full' ? { ...trial, plan: { ...trial.plan, algorithm: renamed } } : trial,
      ),
    }
    const labels = routedWorlds(changed)[0]!.series.map(({ label }) => label)
    expect(labels).toContain(`${renamed} (full)`)
    expect(labels).toContain('linucb-bandit')
    const page = renderReport(changed)
    expect(page).not.toContain('<b>linear</b>')
  })

  it('survives a run in which nothing has finished, no ridge, and several environments', () => {
    const run = fakeRun({ environments: ['gsm8k', 'mmlu'], withoutRidge: true })
    const seen = text(renderReport(run))
    expect(seen).toMatch(/On gsm8k: .* On mmlu: /)
    expect(seen).not.toContain('ahead of ridge')
    const trials = run.trials.map((trial) => ({ ...trial, result: null, routing: null, evaluations: [] }))
    expect(text(renderReport({ ...run, trials }))).toContain('No learned policy has finished a fold yet')
    expect(renderPlot([run])).toContain('</html>')
  })

  it('is the same each time', () => {
    const run = fakeRun()
    expect(renderReport(run)).toBe(renderReport(run))
  })
})

describe('routing figures', () => {
  it('begin at always weak and end at always strong', () => {
    const world = routedWorlds(fakeRun())[0]!
    const figure = strongCallCurves(world)!
    const lines = figure.data.filter((trace) => trace.customdata !== undefined)
    expect(lines).toHaveLength(world.series.length)
    const weak = world.summary.references['weak-8b']!.accuracy!.mean
    const strong = world.summary.references['strong-70b']!.accuracy!.mean
    for (const { x, y } of lines as unknown as { x: number[]; y: number[] }[]) {
      expect([x[0], x.at(-1)]).toEqual([0, 1])
      expect(y[0]).toBeCloseTo(weak, 12)
      expect(y.at(-1)).toBeCloseTo(strong, 12)
    }
    expect(costQualityCurves(world)).toBeNull()
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure)
  })

  it('put policies between the cheapest and the dearest model, hulls never falling', () => {
    const world = routedWorlds(fakeRun({ models: 3, prices }))[0]!
    expect(strongCallCurves(world)).toBeNull()
    const figure = costQualityCurves(world)!
    const lines = figure.data.filter((trace) => trace.mode === 'lines' && trace.customdata !== undefined)
    expect(lines).toHaveLength(world.series.length)
    for (const { x, y } of lines as unknown as { x: number[]; y: number[] }[]) {
      expect(x[0]).toBeCloseTo(0.1, 9)
      expect(x.at(-1)).toBeCloseTo(0.9, 9)
      for (let i = 1; i < y.length; i++) expect(y[i]!).toBeGreaterThanOrEqual(y[i - 1]! - 1e-12)
    }
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure)
  })

  it('show a few policies at first: the best of each regime, ridge and the best other baseline', () => {
    const world = routedWorlds(fakeRun())[0]!
    const shown = world.series.filter(({ hidden }) => !hidden)
    expect(shown).toHaveLength(4)
    expect(shown.map(({ name }) => name)).toContain('ridge')
    expect(new Set(shown.map(({ regime }) => regime))).toEqual(new Set(['full', 'bandit', null]))
  })

  it('name the scheme of the folds', () => {
    const world = routedWorlds(fakeRun())[0]!
    const { folds } = world.routing
    expect(foldScheme({ ...world.routing, folds: folds.slice(0, 2) })).toBe('2 folds')
    expect(foldScheme({ ...world.routing, folds: folds.slice(0, 3) })).toBe('3 folds')
  })
})
