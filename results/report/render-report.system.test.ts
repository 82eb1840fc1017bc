import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type RunData, readRun } from '../store/run-data.js'
import { type FakeRunOptions, writeFakeRun } from '../testing/fake-run.js'
import { smallRun } from '../testing/small-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { choiceCodes } from './choice-codes.js'
import { renderPlot } from './render-plot.js'
import { renderReport } from './render-report.js'
import { writePlot } from './write-plot.js'
import { writeReport } from './write-report.js'

const path = temporaryDirectory()
let written = 0

function fakeRun(options: FakeRunOptions = {}): RunData {
  const directory = path(`run-${written++}`)
  writeFakeRun(directory, { evaluations: 4, ...options })
  return readRun(directory)
}

/** What a reader sees, without scripts and styles. */
function text(page: string): string {
  return page
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe('renderReport', () => {
  it('states both findings', () => {
    const seen = text(renderReport(fakeRun()))
    expect(seen).toContain('4 of 5 learners come within 3% of the exact optimum (72.37)')
    expect(seen).toMatch(
      /What communication is worth independent-q misses 2[34]\.\d% on local and 1\.\d% on local-with-message/,
    )
    expect(seen).toMatch(/a difference of 2\d\.\d points/)
    expect(seen).toContain('what is missing is information, not learning')
    expect(seen).toContain('4 of 5 learners are ahead of it')
    expect(seen).toContain('Behind: independent-q \u00b7 local')
  })

  it('draws what learners told of themselves, and where it ended', () => {
    const page = renderReport(fakeRun())
    expect(text(page)).toMatch(/Learning .*epsilon : probability of a random action/)
    expect(text(page)).toMatch(
      /Metrics at the end of training: median over seeds learner epsilon joint-q \S+ full 0\.05/,
    )
    expect(page).toContain('learning-0-0')
  })

  it('does not claim what intervals do not show', () => {
    // Ten times the regret: no learner is within 3%, joint Q at 8% is ahead of the script, the others aren't.
    const seen = text(renderReport(fakeRun({ regretFactor: 10 })))
    expect(seen).toContain('0 of 5 learners come within 3%')
    expect(seen).toContain('1 of 5 learners is ahead of it')
    expect(seen).not.toContain('information, not learning')
  })

  it('compares an only learner with nobody', () => {
    const run = fakeRun({ seeds: 3, regretFactor: 10 })
    const only = run.trials.filter(({ plan }) => plan.algorithm === 'hysteretic-q')
    const seen = text(renderReport({ ...run, trials: only }))
    expect(seen).toMatch(/hysteretic-q \S+ full scores \d\d\.\d\d, where the exact optimum is 72\.37: a regret of/)
    expect(seen).toContain('The only learner does not come within 3% of the exact optimum (72.37)')
    expect(seen).toContain('The only learner scores lower.')
    expect(seen).not.toMatch(/comes closest|1 learner /)
  })

  it('claims nothing of two seeds: no interval, nobody ahead', () => {
    const seen = text(renderReport(fakeRun({ seeds: 2, regretFactor: 10 })))
    expect(seen).toContain('Of 2 seeds: too few to tell how far others would lie.')
    expect(seen).toMatch(/Too few seeds to tell: joint-q/)
    expect(seen).toContain('No band: fewer than 3 seeds say nothing of how far others would lie.')
    expect(seen).not.toMatch(/\(95% interval|Ahead:/)
  })

  it('names the backend of tensors, where there is one', () => {
    const run = fakeRun({ seeds: 1 })
    type Config = RunData['manifest']['config']
    const on = (config: Config) => text(renderReport({ ...run, manifest: { ...run.manifest, config } }))
    expect(on({ tensors: { backend: 'wasm', device: 'the CPU' } })).toMatch(
      / code \S+ \(sha256 \S+\) tensors wasm, the CPU /,
    )
    expect(on({ tensors: { backend: 'wasm' } })).toContain(' tensors wasm ')
    const without: Config[] = [{}, null, { tensors: 3 }, { tensors: { backend: 3 } }]
    for (const config of without) expect(on(config)).not.toMatch(/ code \S+ \(sha256 \S+\) tensors /)
  })

  it('reports scores alone where no optimum is known', () => {
    const seen = text(renderReport(fakeRun({ withoutReferences: true, seeds: 2 })))
    expect(seen).toContain('scores highest')
    expect(seen).not.toContain('NaN')
    expect(seen).not.toContain('comes closest')
  })

  it('names failed trials, and survives a run in which nothing has finished', () => {
    expect(text(renderReport(fakeRun({ seeds: 2, failed: 1 })))).toMatch(
      /1 trial failed.*ERR_NON_FINITE routing-dispatch/,
    )
    const run = fakeRun({ seeds: 1 })
    const started = run.trials.map(({ plan }) => ({
      plan,
      result: null,
      evaluations: [],
      metrics: [],
      policyView: null,
      routing: null,
      seconds: null,
    }))
    const seen = text(renderReport({ ...run, trials: started }))
    expect(seen).toContain('No trial has finished yet')
    expect(seen).toContain('5 trials of 5 not finished')
    const failed = started.map((trial) => ({
      ...trial,
      result: {
        ...{ format: 'cadre-trial/1' as const, id: trial.plan.id, algorithm: trial.plan.algorithm },
        ...{ environment: trial.plan.environment, seed: trial.plan.seed, status: 'failed' as const, steps: 0 },
        ...{ final: null, best: null, error: { code: 'X', message: 'gone' } },
      },
    }))
    const ended = text(renderReport({ ...run, trials: failed }))
    expect(ended).toContain('5 trials failed, and none finished.')
    expect(ended).not.toContain('has finished yet')
    expect(renderReport({ ...run, references: null, trials: [] })).toContain('</html>')
  })

  it('shows names as text, whatever they hold', () => {
    const run = fakeRun({ seeds: 2, experiment: '<img src=x onerror=alert(1)></script>' })
    const page = renderReport(run)
    expect(page).not.toContain('<img')
    expect(text(page)).toContain('&#60;img src=x onerror=alert(1)&#62;')
  })

  it('gives a table for each figure, and the settings', () => {
    const page = renderReport(fakeRun({ seeds: 2 }))
    for (const caption of [
      'Reward curves: interquartile mean',
      'Scores, best first',
      'Regret against the exact optimum',
    ]) {
      expect(page).toContain(`<caption>${caption}`)
    }
    expect(text(page)).toMatch(/Configuration, defaults filled in experiment: quickstart discount: 0\.97/)
  })
})

describe('writeReport', () => {
  it('puts report.html into the run, and nothing else', () => {
    writeFakeRun(path('report'), { seeds: 1, evaluations: 2 })
    const file = writeReport(path('report'))
    expect(file).toBe(path('report', 'report.html'))
    expect(readdirSync(path('report')).sort()).toEqual(['manifest.json', 'references.json', 'report.html', 'trials'])
    const first = readFileSync(file, 'utf8')
    writeReport(path('report'))
    expect(readFileSync(file, 'utf8')).toBe(first)
  })

  it('refuses what is not a run', () => {
    expect(() => writeReport(path('nowhere'))).toThrowError(expect.objectContaining({ code: 'ERR_RECORD' }))
  })
})

describe('plots', () => {
  it('draw runs side by side under names of their own', () => {
    const seen = text(renderPlot([fakeRun({ seeds: 2 }), fakeRun({ seeds: 2, experiment: 'wider' })]))
    expect(seen).toContain('joint-q \u00b7 full \u00b7 quickstart')
    expect(seen).toContain('joint-q \u00b7 full \u00b7 wider')
  })

  it('are called by the experiment and what differs, and runs by that alone', () => {
    const run = (rate: number) =>
      smallRun({
        scores: { q: { lake: [[1, 2]] } },
        algorithms: { q: { name: 'q', config: { learningRate: rate } } },
        references: { lake: { optimum: 3, random: 0 } },
        hash: `${rate}abcdef`,
      })
    const seen = text(renderPlot([run(0.1), run(0.5)]))
    expect(seen).toMatch(/reward curves small: learningRate 0\.1 and learningRate 0\.5 2 runs/)
    expect(seen).toContain('q \u00b7 learningRate 0.5')
    expect(text(renderPlot([run(0.1)]))).toMatch(/reward curves small 1 run/)
  })

  it('refuse other file names, and runs that are not comparable, writing nothing', async () => {
    writeFakeRun(path('a'), { seeds: 1, evaluations: 2 })
    writeFakeRun(path('b'), { seeds: 1, evaluations: 2, discount: 0.5 })
    await expect(writePlot([path('a')], path('plot.pdf'))).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await expect(writePlot([path('a'), path('b')], path('plot.html'))).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('discount'),
    })
    await expect(writePlot([], path('plot.html'))).rejects.toMatchObject({ code: 'ERR_USAGE' })
    expect(readdirSync(path()).filter((name) => name.startsWith('plot'))).toEqual([])
    expect(await writePlot([path('a')], path('plot.html'))).toBe(path('plot.html'))
  })

  it('say what is missing to draw SVG and PNG', async () => {
    await expect(writePlot([path('a')], path('a.svg'), { chromium: path('no-browser') })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('found none at'),
    })
  })
})

describe('choiceCodes', () => {
  it('keeps choices apart without colour', () => {
    expect([...choiceCodes(['all pass', 'agent 0', 'agent 1'])]).toEqual([
      ['all pass', 'ap'],
      ['agent 0', '0'],
      ['agent 1', '1'],
    ])
    expect([...choiceCodes(['left', 'leap']).values()]).toEqual(['1', '2'])
    expect([...choiceCodes(['\u2190', '\u2192']).values()]).toEqual(['\u2190', '\u2192'])
  })
})
