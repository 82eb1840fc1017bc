import { describe, expect, it } from 'vitest'
import { readRun } from '../store/run-data.js'
import { writeFakeRun } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { interquartileMean } from './interquartile-mean.js'
import { summarise } from './summarise.js'

const path = temporaryDirectory()

describe('summarise', () => {
  it('gives one row a pair, over the scores of the last policies', () => {
    writeFakeRun(path('run'), { evaluations: 4 })
    const run = readRun(path('run'))
    const rows = summarise(run)
    expect(rows.map((row) => [row.algorithm, row.environment, row.seeds])).toEqual([
      ['joint-q', 'full', 10],
      ['independent-q', 'full', 10],
      ['hysteretic-q', 'full', 10],
      ['independent-q', 'local', 10],
      ['independent-q', 'local-with-message', 10],
    ])
    const finals = run.trials.slice(0, 10).map((trial) => trial.result!.final!)
    expect(rows[0]!.iqm).toBe(interquartileMean(finals))
    for (const row of rows) {
      expect(row.low).toBeLessThan(row.iqm)
      expect(row.high).toBeGreaterThan(row.iqm)
      expect(row.regret! + row.normalised!).toBeCloseTo(1, 12)
    }
    // The generator aims at 23.6% for local and 0.83% for joint Q.
    expect(rows[3]!.regret).toBeCloseTo(0.236, 2)
    expect(rows[0]!.regret).toBeCloseTo(0.0083, 2)
    expect(summarise(run)).toEqual(rows)
  })

  it('has no regret where no optimum is known, and leaves failed trials out', () => {
    writeFakeRun(path('unknown'), { seeds: 3, evaluations: 2, withoutReferences: true, failed: 1 })
    const [first] = summarise(readRun(path('unknown')))
    expect(first).toMatchObject({ seeds: 2, regret: null, normalised: null })
  })

  it('leaves out pairs without a finished trial', () => {
    writeFakeRun(path('failed'), { seeds: 1, evaluations: 2, failed: 0 })
    expect(summarise(readRun(path('failed'))).map((row) => row.algorithm)).not.toContain('joint-q')
  })
})
