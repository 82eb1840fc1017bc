import { describe, expect, it } from 'vitest'
import { foldScheme, routedWorlds as routedIn } from '../model/routed-world.js'
import { styleBook } from '../model/style-book.js'
import { worldsOf } from '../model/world.js'
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

const routedWorlds = (run: RunData) => routedIn(run, styleBook([run]))

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
    expect(seen).toContain('interquartile mean over 4 folds')
    expect(seen).not.toMatch(/over \d+ seeds/)
    expect(text(renderReport(fakeRun({ seeds: 2 })))).toContain('interquartile mean over 8 trials')
    const run = fakeRun()
    const [world] = worldsOf([run], styleBook([run]))
    expect(world).toMatchObject({ replicate: 'fold' })
    expect(world!.series[0]!.curve[0]).toMatchObject({ of: 4 })
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

describe('routing figures in numbers', () => {
  it('begin at always weak and end at always strong', () => {
    const world = routedWorlds(fakeRun())[0]!
    const { calls, cost } = world.figures
    const weak = world.references['weak-8b']!.accuracy!.mean
    const strong = world.references['strong-70b']!.accuracy!.mean
    expect(calls!.curves).toHaveLength(world.series.length)
    for (const { points } of calls!.curves) {
      expect([points[0]!.x, points.at(-1)!.x]).toEqual([0, 1])
      expect(points[0]!.y).toBeCloseTo(weak, 12)
      expect(points.at(-1)!.y).toBeCloseTo(strong, 12)
      expect(points.every(({ y, low, high, of }) => low! <= y && y <= high! && of === 4)).toBe(true)
    }
    expect(calls!.mix).toEqual([
      [0, weak],
      [1, strong],
    ])
    expect(cost).toBeNull()
  })

  it('put policies between the cheapest and the dearest model, hulls never falling', () => {
    const { series, figures } = routedWorlds(fakeRun({ models: 3, prices }))[0]!
    expect(figures.calls).toBeNull()
    expect(figures.cost!.curves).toHaveLength(series.length)
    for (const { points, own, id } of figures.cost!.curves) {
      expect(points[0]!.x).toBeCloseTo(0.1, 9)
      expect(points.at(-1)!.x).toBeCloseTo(0.9, 9)
      for (let i = 1; i < points.length; i++) expect(points[i]!.y).toBeGreaterThanOrEqual(points[i - 1]!.y - 1e-12)
      const { cost, accuracy } = series.find((one) => one.id === id)!.summary
      expect(own).toEqual({ x: 1000 * cost!.mean, y: accuracy!.mean })
    }
    expect(figures.cost!.points.map(({ name, symbol }) => [name, symbol])).toContainEqual(['oracle', 'star'])
  })

  it('hold policies against ridge fold by fold, with both intervals', () => {
    const { series, figures } = routedWorlds(fakeRun())[0]!
    const { rows, lines } = figures.differences!
    expect(lines).toEqual([{ name: 'ridge', value: 0, strong: true }])
    expect(rows).toHaveLength(series.length - 1)
    for (const { id, value, low, high, inner, of } of rows) {
      const { difference } = series.find((one) => one.id === id)!
      expect([value, low, high]).toEqual([difference!.mean, difference!.correctedLow, difference!.correctedHigh])
      expect([inner!.low, inner!.high, of]).toEqual([difference!.low, difference!.high, 4])
    }
    expect(rows.map(({ value }) => value)).toEqual(rows.map(({ value }) => value).sort((a, b) => b - a))
  })

  it('hold policies against the best baseline where there is no ridge', () => {
    const { series, figures } = routedWorlds(fakeRun({ withoutRidge: true }))[0]!
    const [best] = series.filter(({ kind }) => kind === 'baseline')
    expect(figures.differences!.lines[0]!.name).toBe(best!.name)
    expect(figures.differences!.rows.some(({ id }) => id === best!.id)).toBe(false)
    expect(figures.differences!.rows).toHaveLength(series.length - 1)
  })

  it('give no interval of two folds, and say so', () => {
    const run = fakeRun({ repetitions: 1 })
    const { series, figures } = routedWorlds(run)[0]!
    expect(series.every(({ summary }) => summary.apgr!.low === null)).toBe(true)
    expect(figures.differences!.rows.every(({ low, inner }) => low === null && inner === undefined)).toBe(true)
    expect(figures.calls!.curves.flatMap(({ points }) => points).every(({ low }) => low === null)).toBe(true)
    const seen = text(renderReport(run))
    expect(seen).toContain('on too few folds to tell')
    expect(seen).not.toMatch(/NaN|undefined|null|Infinity/)
  })

  it('have one colour an algorithm, dash by its settings, and other colours for baselines', () => {
    const { series } = routedWorlds(fakeRun())[0]!
    const byName = (name: string) => series.find((one) => one.name === name)!.style
    expect(byName('linear-q-full').colour).toBe(byName('linear-q-bandit').colour)
    expect(byName('linear-q-full').dash).not.toBe(byName('linear-q-bandit').dash)
    const learned = new Set(series.filter(({ kind }) => kind === 'learned').map(({ style }) => style.colour))
    const baselines = series.filter(({ kind }) => kind === 'baseline').map(({ style }) => style)
    expect(baselines.some(({ colour }) => learned.has(colour))).toBe(false)
    expect(new Set(baselines.map(({ colour, dash, marker }) => [colour, dash, marker].join())).size).toBe(
      baselines.length,
    )
  })

  it('show a few policies at first: the best of each regime, ridge and the best other baseline', () => {
    const world = routedWorlds(fakeRun())[0]!
    const shown = world.series.filter(({ hidden }) => !hidden)
    expect(shown).toHaveLength(4)
    expect(shown.map(({ name }) => name)).toContain('ridge')
    expect(new Set(shown.map(({ regime }) => regime))).toEqual(new Set(['full', 'bandit', null]))
  })

  it('name the scheme of the folds', () => {
    const routing = fakeRun().routing!.environments.gsm8k!
    const { folds } = routing
    expect(foldScheme({ ...routing, folds: folds.slice(0, 2) })).toBe('2 folds')
    expect(foldScheme({ ...routing, folds: folds.slice(0, 3) })).toBe('3 folds')
  })
})
