import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeFakeRun } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { listRuns } from './list-runs.js'
import { RunLock } from './run-lock.js'
import { tidyRuns } from './tidy-runs.js'

const path = temporaryDirectory()

/** No process has this number: it is above what any machine gives. */
const NOBODY = 4_194_305

describe('listRuns', () => {
  it('tells how far every run is, newest first', () => {
    const all = writeFakeRun(path('listed/all'), { seeds: 2 })
    writeFakeRun(path('listed/failed'), { seeds: 2, failed: 3 })
    writeFakeRun(path('listed/without'), { seeds: 2, withoutReferences: true })
    const stopped = writeFakeRun(path('listed/stopped'), { seeds: 2 })
    rmSync(join(stopped.directory, 'trials', stopped.trialIds()[0]!, 'trial.json'))
    const busy = writeFakeRun(path('listed/busy'), { seeds: 2 })
    const lock = RunLock.acquire(busy.directory)
    writeFakeRun(path('listed/damaged'), { seeds: 1 })
    writeFileSync(path('listed/damaged/manifest.json'), '{')
    mkdirSync(path('listed/no-run'))
    const runs = listRuns(path('listed'))
    lock.release()
    const of = Object.fromEntries(
      runs.map(({ run, status, done, failed, trials }) => [run, [status, done, failed, trials]]),
    )
    expect(of).toEqual({
      [path('listed/all')]: ['done', 10, 0, 10],
      [path('listed/failed')]: ['failed', 9, 1, 10],
      [path('listed/without')]: ['stopped', 10, 0, 10],
      [path('listed/stopped')]: ['stopped', 9, 0, 10],
      [path('listed/busy')]: ['running', 10, 0, 10],
      [path('listed/damaged')]: ['damaged', 0, 0, 0],
    })
    const created = runs.map((run) => run.created)
    expect(created).toEqual([...created].sort().reverse())
    expect(runs.find(({ run }) => run === all.directory)!.bytes).toBeGreaterThan(10_000)
  })
})

it('a run whose trainings on all rows are missing is not done', () => {
  const { directory } = writeFakeRun(path('folds/run'), { seeds: 1 })
  const file = join(directory, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { config: object }
  const folds = { repetitions: 1, folds: 2, deployed: 2 }
  writeFileSync(file, JSON.stringify({ ...manifest, config: { ...manifest.config, folds } }))
  expect(listRuns(path('folds'))).toMatchObject([{ status: 'stopped', done: 5, trials: 7 }])
})

describe('tidyRuns', () => {
  it('stores what runs share once; each still has all of it', () => {
    const [a, b] = [writeFakeRun(path('shared/a'), { seeds: 1 }), writeFakeRun(path('shared/b'), { seeds: 1 })]
    const id = a.trialIds()[0]!
    const file = (run: string, name = 'evaluations.jsonl') => join(run, 'trials', id, name)
    // One that differs isn't shared.
    writeFileSync(
      file(b.directory, 'trial.json'),
      readFileSync(file(b.directory, 'trial.json'), 'utf8').replace('"seed"', ' "seed"'),
    )
    const before = readFileSync(file(b.directory))
    const would = tidyRuns(path('shared'), { dryRun: true })
    expect(statSync(file(a.directory)).nlink).toBe(1)
    const tidied = tidyRuns(path('shared'), { dryRun: false })
    expect(tidied).toEqual(would)
    // 5 trials of 5 files.
    expect(tidied.linked.files).toBe(24)
    expect(statSync(file(a.directory)).ino).toBe(statSync(file(b.directory)).ino)
    expect(statSync(file(a.directory, 'trial.json')).nlink).toBe(1)
    expect(tidyRuns(path('shared'), { dryRun: false }).linked).toEqual({ files: 0, bytes: 0 })
    rmSync(a.directory, { recursive: true })
    expect(readFileSync(file(b.directory))).toEqual(before)
  })

  it('stores files of equal length that differ for each run', () => {
    const [a, b] = [writeFakeRun(path('differing/a'), { seeds: 1 }), writeFakeRun(path('differing/b'), { seeds: 1 })]
    const metrics = (run: string) => join(run, 'trials', a.trialIds()[0]!, 'metrics.jsonl')
    const changed = readFileSync(metrics(b.directory))
    changed[5]! ^= 1
    writeFileSync(metrics(b.directory), changed)
    expect(tidyRuns(path('differing'), { dryRun: true }).linked.files).toBe(24)
    expect(tidyRuns(path('differing'), { dryRun: false }).linked.files).toBe(24)
    expect(readFileSync(metrics(b.directory))).toEqual(changed)
    expect(readFileSync(metrics(a.directory))).not.toEqual(changed)
  })

  it('leaves a run as it is when a trial of another one, of which it shares files, is trained again', () => {
    const [a, b] = [writeFakeRun(path('again/a'), { seeds: 1 }), writeFakeRun(path('again/b'), { seeds: 1 })]
    const id = a.trialIds()[0]!
    const logs = ['metrics.jsonl', 'evaluations.jsonl', 'timing.jsonl'].map((name) => join('trials', id, name))
    tidyRuns(path('again'), { dryRun: false })
    const before = logs.map((log) => readFileSync(join(a.directory, log), 'utf8'))
    const opened = b.trial(id).openLogs()
    for (const log of Object.values(opened)) {
      log.truncate(10)
      log.close()
    }
    expect(logs.map((log) => statSync(join(b.directory, log)).size)).toEqual([10, 10, 10])
    expect(logs.map((log) => readFileSync(join(a.directory, log), 'utf8'))).toEqual(before)
  })

  it('removes what killed processes left, and checkpoints of finished trials', () => {
    const run = writeFakeRun(path('left/run'), { seeds: 1 })
    const [first, second] = run.trialIds()
    const checkpoint = (id: string) => join(run.directory, 'trials', id, 'checkpoint')
    for (const id of [first!, second!]) {
      mkdirSync(checkpoint(id))
      writeFileSync(join(checkpoint(id), 'state.bin'), 'x'.repeat(100))
    }
    rmSync(join(run.directory, 'trials', second!, 'trial.json'))
    const starts = [`.run.${NOBODY}-1.tmp`, `.run.${process.pid}-1.tmp`]
    for (const name of starts) mkdirSync(path('left', name))
    writeFileSync(join(run.directory, '.references.json.tmp'), '12345')
    mkdirSync(join(run.directory, 'trials', first!, '.policy.old'))
    const { removed, busy } = tidyRuns(path('left'), { dryRun: false })
    expect(removed.map((one) => [one.path, one.bytes])).toEqual([
      [path('left', starts[0]!), 0],
      [join(run.directory, '.references.json.tmp'), 5],
      [checkpoint(first!), 100],
    ])
    expect(busy).toEqual([])
    expect(removed.map((one) => existsSync(one.path))).toEqual([false, false, false])
    // A start of a process that lives, what an unfinished trial goes on from, and what may be an only copy.
    const kept = [path('left', starts[1]!), checkpoint(second!), join(run.directory, 'trials', first!, '.policy.old')]
    expect(kept.map((one) => existsSync(one))).toEqual([true, true, true])
  })

  it('leaves runs alone that a process works on', () => {
    const run = writeFakeRun(path('busy/run'), { seeds: 1 })
    writeFileSync(join(run.directory, '.report.html.tmp'), 'x')
    const lock = RunLock.acquire(run.directory)
    const tidied = tidyRuns(path('busy'), { dryRun: false })
    lock.release()
    expect(tidied).toEqual({ removed: [], linked: { files: 0, bytes: 0 }, busy: [run.directory] })
    expect(existsSync(join(run.directory, '.report.html.tmp'))).toBe(true)
  })

  it('says which folder is not there', () => {
    expect(() => tidyRuns(path('absent'), { dryRun: true })).toThrow(/absent/)
  })
})
