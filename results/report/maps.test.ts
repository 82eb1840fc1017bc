import { describe, expect, it } from 'vitest'
import { styleBook } from '../model/style-book.js'
import { type RunData, readRun } from '../store/run-data.js'
import { type FakeRunOptions, writeFakeRun } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { renderReport } from './render-report.js'
import { mapsSection } from './sections/maps.js'
import { policiesSection } from './sections/policies.js'

const path = temporaryDirectory()
let written = 0

function fakeRun(options: FakeRunOptions = {}): RunData {
  const directory = path(`run-${written++}`)
  writeFakeRun(directory, { evaluations: 2, seeds: 3, maps: true, ...options })
  return readRun(directory)
}

/** The one environment's part with one algorithm. */
function card(options: FakeRunOptions = {}): string {
  const run = fakeRun(options)
  const only = run.trials.filter(({ plan }) => plan.algorithm === 'joint-q')
  return mapsSection({ ...run, trials: only }, styleBook([run]))!.body.markup
}

/** The drawings of a page, each as the texts of its cells. */
function drawings(markup: string): string[][] {
  return [...markup.matchAll(/<svg class="map"[\s\S]*?<\/svg>/g)].map(([svg]) =>
    [...svg.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title!),
  )
}

describe('the maps of a report', () => {
  it('show V* with all best actions, and the median trial with what it does', () => {
    const markup = card()
    const [optimal, policy] = drawings(markup)
    expect(optimal!.slice(0, 3)).toEqual([
      'row 0, column 0 (start): V* = 0.810000: down or right',
      'row 0, column 1: V* = 0.900000: down',
      'row 0, column 2 (hole)',
    ])
    expect(policy![0]).toMatch(/^row 0, column 0 \(start\): V = /)
    const finals = fakeRun().trials.filter(({ plan }) => plan.algorithm === 'joint-q')
    const [, median] = finals.toSorted((a, b) => a.result!.final! - b.result!.final!)
    const { seed } = median!.plan
    expect(markup).toContain(`median of 3 trials: seed ${seed}, score ${median!.result!.final!.toFixed(2)}.`)
    expect(markup).toContain('discounted by 0.97 a step')
    expect(markup.match(/class="wall"/g)).toHaveLength(2)
  })

  it('outline the states in which another action is better, and count them', () => {
    const run = fakeRun()
    const trialOf = (seed: number) => run.trials.filter(({ plan }) => plan.seed === seed)
    const left = mapsSection({ ...run, trials: trialOf(1) }, styleBook([run]))!.body.markup
    expect(left).toContain('Last policy of the only trial: seed 1')
    expect(left).toContain('Outlined: another action is better, in 1 of 4 states.')
    expect(left).toContain('V = 0.00000: left: another action is better')
    expect(left).toContain('class="worse"')
    const best = mapsSection({ ...run, trials: trialOf(2) }, styleBook([run]))!.body.markup
    expect(best).toContain('Its action is a best one in all 4 states.')
    expect(best).not.toContain('class="worse"')
  })

  it('do without V* where no optimum is known', () => {
    const markup = card({ withoutReferences: true })
    expect(drawings(markup)).toHaveLength(1)
    expect(markup).not.toMatch(/Optimal|best one|better/)
  })

  it('say so where a policy has no finite value, and keep names as text', () => {
    const run = fakeRun()
    const trials = run.trials.slice(0, 1).map((trial) => ({
      ...trial,
      policyView: {
        ...trial.policyView!,
        panels: trial.policyView!.panels.map((panel) => ({
          ...panel,
          value: [
            [null, 0.9, null],
            [0.9, 1, null],
          ],
          places: [
            ['<img>', null, 'hole'],
            [null, null, '</svg>'],
          ],
        })),
      },
    }))
    const { markup } = mapsSection({ ...run, trials }, styleBook([run]))!.body
    expect(markup).toContain('>none</text>')
    expect(markup).not.toContain('<img')
    expect(markup.match(/<svg/g)).toHaveLength(markup.match(/<\/svg>/g)!.length)
  })

  it('take the place of tables of choices, which others keep', () => {
    const run = fakeRun()
    expect(policiesSection(run, styleBook([run]))).toBeNull()
    const other = fakeRun({ maps: false })
    expect(mapsSection(other, styleBook([other]))).toBeNull()
    const page = renderReport(run)
    expect(page).toContain('<a href="#maps">Values and policies</a>')
    expect(page.length - renderReport(fakeRun({ maps: false })).length).toBeLessThan(60_000)
  })
})
