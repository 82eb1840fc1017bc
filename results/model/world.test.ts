import { describe, expect, it } from 'vitest'
import type { EnvironmentReferences } from '../store/references.js'
import type { RunData } from '../store/run-data.js'
import { readRun } from '../store/run-data.js'
import { type FakeRunOptions, writeFakeRun } from '../testing/fake-run.js'
import { smallRun } from '../testing/small-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { checkComparable } from './comparable.js'
import { rankedRows, rankingOf } from './ranking.js'
import { regretFrom, regretsOf } from './regrets.js'
import { styleBook } from './style-book.js'
import { type World, worldsOf as worldsIn } from './world.js'
import { regretCurves, scoreCurves } from './world-curves.js'

const path = temporaryDirectory()
let written = 0

function fakeRun(options: FakeRunOptions = {}): RunData {
  const directory = path(`run-${written++}`)
  writeFakeRun(directory, { seeds: 3, evaluations: 4, ...options })
  return readRun(directory)
}

function worldsOf(runs: readonly RunData[]): World[] {
  return worldsIn(runs, styleBook(runs))
}

describe('worldsOf', () => {
  it('puts observations of one environment into one world', () => {
    const [world, ...others] = worldsOf([fakeRun()])
    expect(others).toEqual([])
    expect(world!.environments).toEqual(['full', 'local', 'local-with-message'])
    expect(world!.series.map((series) => series.label)).toEqual([
      'joint-q \u00b7 full',
      'independent-q \u00b7 full',
      'hysteretic-q \u00b7 full',
      'independent-q \u00b7 local',
      'independent-q \u00b7 local-with-message',
    ])
    // Three algorithms, and three observations of one of them.
    expect(world!.series.map(({ style }) => [style.colour, style.dash])).toEqual([
      ['c0', 'solid'],
      ['c1', 'solid'],
      ['c2', 'solid'],
      ['c1', 'dash'],
      ['c1', 'dot'],
    ])
    expect(world!.policies[0]!.name).toBe('margin-minus-delay')
    expect(world!.locals).toEqual([{ environment: 'local', value: expect.closeTo(61.47, 2) }])
  })

  it("leaves the environment's own name out of labels where all have it", () => {
    const run = fakeRun()
    const long = (label: string) => `routing-dispatch-${label}`
    const environments = Object.entries(run.manifest.environments).map(([label, record]) => [long(label), record])
    const references = Object.entries(run.references!.environments).map(([label, one]) => [long(label), one])
    const [world] = worldsOf([
      {
        manifest: { ...run.manifest, environments: Object.fromEntries(environments) },
        references: { environments: Object.fromEntries(references) },
        routing: null,
        trials: run.trials.map((trial) => ({
          ...trial,
          plan: { ...trial.plan, environment: long(trial.plan.environment) },
        })),
      },
    ])
    expect(world!.series.map((series) => series.label)).toContain('independent-q \u00b7 local-with-message')
    expect(world!.series.every((series) => series.summary !== null)).toBe(true)
    expect(world!.locals[0]!.environment).toBe('local')
  })

  it('keeps environments apart whose scale is unknown', () => {
    expect(worldsOf([fakeRun({ withoutReferences: true })]).map((world) => world.environments)).toEqual([
      ['full'],
      ['local'],
      ['local-with-message'],
    ])
  })

  /** The same run with other references. */
  function withReferences(
    run: RunData,
    change: (known: EnvironmentReferences, label: string) => EnvironmentReferences,
  ) {
    const environments = Object.fromEntries(
      Object.entries(run.references!.environments).map(([label, known]) => [label, change(known, label)]),
    )
    return { ...run, references: { environments } }
  }

  it('keeps baselines of one name apart that score differently on different views, and joins those that score the same', () => {
    const run = fakeRun()
    const scores: Record<string, number> = { full: -33.995, local: 5.574 }
    const changed = withReferences(run, (known, label) => {
      const view = Object.keys(scores).find((name) => label === name || label.endsWith(`-${name}`))
      const policy = (name: string, value: number) => ({ name, value, normalised: null, regret: null })
      const own = view === undefined ? [] : [policy('thr', scores[view]!)]
      return { ...known, policies: [policy('same', 3), ...own] }
    })
    const [world] = worldsOf([changed])
    expect(world!.policies.map(({ name, value }) => [name, value])).toEqual([
      ['thr \u00b7 local', 5.574],
      ['same', 3],
      ['thr \u00b7 full', -33.995],
    ])
  })

  it('has no optimum where a score was found another way than it was', () => {
    const run = fakeRun()
    const [first, ...rest] = run.trials
    const evaluations = first!.evaluations.map((one) => ({ ...one, method: 'sampled' as const }))
    const [world] = worldsOf([{ ...run, trials: [{ ...first!, evaluations }, ...rest] }])
    expect([world!.optimum, world!.random === null]).toEqual([null, false])
    expect(regretCurves(world!)).toBeNull()
  })

  it('draws no regret where acting at random is as good as the best, as far as anyone can tell', () => {
    const run = withReferences(fakeRun(), (known) => ({ ...known, random: known.optimum! - 1e-8, resolution: 1e-7 }))
    const [world] = worldsOf([run])
    expect(regretCurves(world!)).toBeNull()
    expect(regretsOf(world!)).toEqual([])
    expect(rankedRows(world!).every((row) => row.regret === null)).toBe(true)
  })

  it('marks where seeds drop out, and gives no interval of fewer than three', () => {
    const run = fakeRun({ seeds: 4, failed: 0 })
    const name = run.trials.at(-1)!.plan
    const mine = run.trials.filter(
      ({ plan }) => plan.algorithm === name.algorithm && plan.environment === name.environment,
    )
    const cut = mine.slice(0, 2)
    const trials = run.trials.map((trial) =>
      cut.includes(trial) ? { ...trial, result: null, evaluations: trial.evaluations.slice(0, 3) } : trial,
    )
    const [world] = worldsOf([{ ...run, trials }])
    const series = world!.series.at(-1)!
    expect(series.curve.map(({ of, low }) => [of, low === null])).toEqual([
      [4, false],
      [4, false],
      [4, false],
      [2, true],
      [2, true],
    ])
    expect(scoreCurves(world!).caption).toContain('Dotted from a cross on: some seeds got no further.')
  })

  it('draws the same algorithm of two runs in one colour, told apart by dash and label', () => {
    const [world] = worldsOf([fakeRun(), fakeRun({ hash: 'other' })])
    const [first, second] = world!.series.filter((series) => series.algorithm === 'joint-q')
    expect(second!.style.colour).toBe(first!.style.colour)
    expect(second!.style.dash).not.toBe(first!.style.dash)
    expect(second!.label).not.toBe(first!.label)
    expect(new Set(world!.series.map((series) => series.id)).size).toBe(10)
  })

  it('leaves failed trials out of curves', () => {
    const whole = worldsOf([fakeRun()])[0]!.series[0]!
    const failed = worldsOf([fakeRun({ failed: 0 })])[0]!.series[0]!
    expect(whole.curve.at(-1)!.of).toBe(3)
    expect(failed.curve.at(-1)!.of).toBe(2)
    expect(whole.curve.at(-1)!.y).toBe(whole.summary!.iqm)
  })
})

describe('checkComparable', () => {
  const refusal = (a: RunData, b: RunData) => () => checkComparable([a, b], worldsOf([a, b]))

  it('accepts runs that share a scale', () => {
    expect(refusal(fakeRun(), fakeRun({ experiment: 'other' }))).not.toThrow()
  })

  it('refuses another discount, score definition or version, and says which', () => {
    const run = fakeRun()
    expect(refusal(run, fakeRun({ discount: 0.9 }))).toThrowError(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining('discount 0.97 against 0.9') }),
    )
    const changed = (change: Partial<RunData['manifest']['environments'][string]>): RunData => ({
      ...run,
      manifest: {
        ...run.manifest,
        environments: Object.fromEntries(
          Object.entries(run.manifest.environments).map(([label, record]) => [label, { ...record, ...change }]),
        ),
      },
    })
    expect(refusal(run, changed({ version: '2' }))).toThrowError(/version 1 against 2/)
    expect(refusal(run, changed({ score: { aggregate: 'team-sum', over: 'step' } }))).toThrowError(
      /score shared per episode against team-sum per step/,
    )
    expect(refusal(run, changed({ id: 'two-step' }))).toThrowError(/one measures routing-dispatch, the other two-step/)
  })

  it('refuses other instances, known by their optimum', () => {
    const run = fakeRun()
    const environments = Object.entries(run.references!.environments).map(([label, one]) => [
      label,
      { ...one, optimum: 80 },
    ])
    const other = { ...run, references: { environments: Object.fromEntries(environments) } }
    expect(refusal(run, other)).toThrowError(/optimum 72\.37.* against 80/)
  })
})

describe('figures in numbers', () => {
  const world = () => worldsOf([fakeRun()])[0]!

  it('rank learners and scripts in one order, from the optimum down', () => {
    const rows = rankedRows(world())
    expect(rows[0]).toMatchObject({ kind: 'optimum', regret: 0 })
    expect(rows.at(-1)).toMatchObject({ label: 'never-claim', low: null })
    const scores = rows.map((row) => row.value)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    const { all } = rankingOf(world())
    expect(all.leftOut.map((row) => row.label)).toEqual(['never-claim'])
    expect(all.caption).toContain('Off this axis: never-claim (\u221234.00).')
  })

  it('measure regret from the optimum and from the best local policy', () => {
    const [optimum, local] = regretsOf(world())
    expect(regretFrom(optimum!.base, 67.3666983, world())).toBeCloseTo(0.10516, 4)
    // (61.4726 - 67.3667) / (61.4726 - 24.7770): ahead of the local policy.
    expect(regretFrom(local!.base, 67.3666983, world())).toBeCloseTo(-0.1606, 3)
    expect(optimum!.rows.rows).toHaveLength(5)
  })

  it('draw no bar for a regret of 0', () => {
    const drawn = world()
    const optimum = drawn.optimum!
    const series = drawn.series.map((one) => {
      return { ...one, summary: { ...one.summary!, iqm: optimum + 1e-9, low: optimum - 1e-9, high: optimum + 1e-9 } }
    })
    const { rows } = regretsOf({ ...drawn, series, policies: [], locals: [] })[0]!
    expect(rows.axis.range![0]).toBe(0)
    expect(rows.axis.range![1]).toBeCloseTo(0.0109, 6)
  })

  it('write an optimum of four digits, however far below it random is', () => {
    const decimals = (optimum: number) => {
      const references = { cliff: { optimum, random: -1072.2 } }
      const [cliff] = worldsOf([smallRun({ scores: { q: { cliff: [[-1072, -13]] } }, references })])
      return cliff!.decimals
    }
    expect([decimals(-12.248), decimals(0), world().decimals]).toEqual([2, 0, 2])
  })

  it('have no regret on a scale that is not known', () => {
    const unknown = worldsOf([fakeRun({ withoutReferences: true })])[0]!
    expect(regretCurves(unknown)).toBeNull()
    expect(regretsOf(unknown)).toEqual([])
  })
})
