import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { type ExperimentOptions, train } from './code-first.js'
import type { ProgressEvent } from './runner/progress.js'
import type { ReferenceTask } from './runner/references.js'
import { referenceKey } from './runner/shared-references.js'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cadre-shared-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const base = {
  ...{ name: 'shared', discount: 0.9, steps: 200, rows: 4, seeds: 2, evaluation: { points: 2 } },
  environments: { game: { use: 'matrix-game', game: 'climbing' } },
  algorithms: { own: { use: 'independent-q' } } as { [label: string]: { use: string } },
}

/** What was trained, and what was said. */
async function run(folder: string, change: object = {}, options: ExperimentOptions = {}) {
  const trained = new Set<string>()
  const said: string[] = []
  let done = 0
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'phase') said.push(event.message)
    if (event.type === 'trial') trained.add(event.id)
    if (event.type === 'trial-done') done++
  }
  const outDir = join(root, folder)
  const result = await train({ ...base, ...change }, { outDir, workers: 0, onProgress, ...options })
  return { result, trained, said, done }
}

const files = (run: string, id: string) =>
  Object.fromEntries(
    readdirSync(join(run, 'trials', id), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !['timing.jsonl', 'trial.json'].includes(entry.name))
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')]),
  )

describe('finished trials of equal id', () => {
  it('are taken over by a run with more seeds, or another algorithm: only what is new is trained', async () => {
    const first = await run('more')
    expect(first.trained.size).toBe(2)
    const seeds = await run('more', { seeds: 5 })
    expect(seeds.result.run).not.toBe(first.result.run)
    expect(seeds.trained.size).toBe(3)
    expect(seeds.said).toContainEqual(`2 of 5 trials are taken from ${first.result.run}; --fresh trains all anew`)
    const both = await run('more', { algorithms: { ...base.algorithms, joint: { use: 'joint-action-q' } } })
    expect(both.trained.size).toBe(2)
    expect(both.result.trials.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done'])
    // As if they had been trained here: the same bytes, and a folder that can be sent alone.
    const alone = await run('alone', { seeds: 5 })
    for (const { id } of seeds.result.trials) {
      expect(files(seeds.result.run, id)).toEqual(files(alone.result.run, id))
    }
    expect(seeds.result.summary).toEqual(alone.result.summary)
    rmSync(first.result.run, { recursive: true })
    // Read back, and counted as what it is: done.
    const again = await run('more', { seeds: 5 })
    expect([again.trained.size, again.done]).toEqual([0, 5])
    expect(again.said).toContainEqual(expect.stringContaining('finished before'))
  })

  it('are called as this run calls them', async () => {
    await run('labels')
    const { result, trained } = await run('labels', { algorithms: { renamed: base.algorithms.own! } })
    expect([trained.size, result.trials.map(({ algorithm }) => algorithm)]).toEqual([0, ['renamed', 'renamed']])
    expect(result.summary.map(({ algorithm, seeds }) => [algorithm, seeds])).toEqual([['renamed', 2]])
  })

  it('are trained anew with --fresh, by other code, and where they are damaged', async () => {
    const first = await run('anew')
    expect((await run('anew', {}, { fresh: true })).trained.size).toBe(2)
    const manifest = (run: string, change: (text: string) => string) => {
      const path = join(run, 'manifest.json')
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    }
    for (const name of readdirSync(join(root, 'anew'))) {
      manifest(join(root, 'anew', name), (text) => text.replace(/("sha256": ")[0-9a-f]{8}/, '$100000000'))
    }
    expect((await run('anew', { seeds: 3 })).trained.size).toBe(3)
    rmSync(join(root, 'anew'), { recursive: true })
    await run('anew')
    for (const name of readdirSync(join(root, 'anew'))) {
      manifest(join(root, 'anew', name), (text) => {
        const parsed = JSON.parse(text) as { versions: { [name: string]: string } }
        return JSON.stringify({ ...parsed, versions: { ...parsed.versions, another: '1' } })
      })
    }
    expect((await run('anew', { seeds: 3 })).trained.size).toBe(3)
    rmSync(join(root, 'anew'), { recursive: true })
    const again = await run('anew')
    writeFileSync(join(again.result.run, 'trials', again.result.trials[0]!.id, 'trial.json'), '{')
    expect((await run('anew', { seeds: 3 })).trained.size).toBe(2)
    expect(first.result.run).toBe(again.result.run)
    // Of one killed just after a trial's end a checkpoint is left, which is not copied.
    const left = join(again.result.run, 'trials', again.result.trials[1]!.id, 'checkpoint')
    mkdirSync(left)
    writeFileSync(join(left, 'state.bin'), 'x')
    const more = await run('anew', { seeds: 4 })
    expect(existsSync(join(more.result.run, 'trials', again.result.trials[1]!.id, 'checkpoint'))).toBe(false)
  })
})

describe('references that equal those of a run beside', () => {
  type Stored = { environments: { [label: string]: { random: number } }; keys: { [label: string]: string } }
  const stored = (run: string) => JSON.parse(readFileSync(join(run, 'references.json'), 'utf8')) as Stored

  it('are taken over, whatever the environment is called', async () => {
    const first = await run('references')
    const found = stored(first.result.run)
    // A mark by which it is known where the numbers come from.
    found.environments.game!.random = -123
    writeFileSync(join(first.result.run, 'references.json'), JSON.stringify(found))
    const seeds = await run('references', { seeds: 3, environments: { other: base.environments.game } })
    expect(stored(seeds.result.run)).toEqual({
      environments: { other: found.environments.game },
      keys: { other: found.keys.game },
    })
  })

  it('are computed where anything that decides them differs', async () => {
    const values: number[] = []
    for (const change of [{}, { discount: 0.5 }, { baselines: ['random'] }, { references: { optimum: false } }]) {
      const { result } = await run('differing', change)
      values.push(Number.parseInt(stored(result.run).keys.game!.slice(0, 8), 16))
    }
    const penalty = await run('differing', { environments: { game: { use: 'matrix-game', game: 'penalty' } } })
    values.push(Number.parseInt(stored(penalty.result.run).keys.game!.slice(0, 8), 16))
    expect(new Set(values).size).toBe(5)
  })

  it('are computed where the other run was made by other code', async () => {
    const first = await run('other-code')
    const found = stored(first.result.run)
    const marked = { ...found, environments: { game: { ...found.environments.game!, random: -123 } } }
    writeFileSync(join(first.result.run, 'references.json'), JSON.stringify(marked))
    const path = join(first.result.run, 'manifest.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/("sha256": ")[0-9a-f]{8}/, '$100000000'))
    const again = await run('other-code', { seeds: 3 })
    expect(stored(again.result.run)).toEqual(found)
  })

  it('have a key for what a baseline is called, for its code and for its settings', () => {
    const baseline = { label: 'b', use: 'scripted', sha256: null, config: { to: 1 } }
    const keyOf = (change: object) => {
      const task = {
        environment: { label: 'game', config: {}, data: null },
        discount: 1,
        baselines: [{ ...baseline, ...change }],
      }
      return referenceKey(task as unknown as ReferenceTask)
    }
    const changes = [{}, { label: 'c' }, { use: 'other' }, { sha256: '12' }, { sha256: '34' }, { config: { to: 2 } }]
    expect(new Set(changes.map(keyOf)).size).toBe(changes.length)
    // A file is known by its content, wherever it lies.
    expect(keyOf({ sha256: '12', use: 'elsewhere.mjs' })).toBe(keyOf({ sha256: '12' }))
  })

  it('are computed where they failed before', async () => {
    const first = await run('failed')
    const found = stored(first.result.run)
    const failed = {
      ...found.environments.game!,
      random: -123,
      failures: [{ name: 'random', code: 'X', message: 'x' }],
    }
    writeFileSync(
      join(first.result.run, 'references.json'),
      JSON.stringify({ ...found, environments: { game: failed } }),
    )
    const again = await run('failed', { seeds: 3 })
    expect(stored(again.result.run)).toEqual(found)
  })
})

describe('--resume where nothing fits', () => {
  it('says so, and which run comes nearest and what differs', async () => {
    const { result } = await run('nearest')
    const { said } = await run('nearest', { steps: 400 }, { resume: true })
    expect(said[0]).toMatch(
      /^nothing to resume in .*nearest: shared-[0-9a-f]{8} begins at step 0\. The nearest run is /,
    )
    expect(said[0]).toContain(`${result.run} (steps: 200, now 400)`)
    renameSync(result.run, `${result.run}-moved`)
    const { said: alone } = await run('elsewhere', {}, { resume: true })
    expect(alone[0]).toMatch(/^nothing to resume in .*: shared-[0-9a-f]{8} begins at step 0$/)
  })
})

describe('values in hand', () => {
  /** Learners of equal code that close over a step size: two of them can't be told apart by it. */
  const withRate = (learningRate: number) => ({
    name: 'mine',
    version: '1',
    forms: {
      arrays: (context: Parameters<NonNullable<typeof independentQ.forms.arrays>>[0]) =>
        independentQ.forms.arrays!(context, independentQ.schema.parse({ learningRate })),
    },
  })

  it('never get the numbers of other values, whatever they close over', async () => {
    const finals = async (rate: number) =>
      (await run('given', { algorithms: { mine: { use: withRate(rate) } } })).result.trials.map(({ final }) => final)
    const slow = await finals(1e-9)
    const fast = await finals(0.5)
    expect(fast).not.toEqual(slow)
    expect(await finals(1e-9)).toEqual(slow)
  })

  it('are told apart in one experiment, too', async () => {
    const algorithms = { slow: { use: withRate(1e-9) }, fast: { use: withRate(0.5) } }
    const { result } = await run('together', { algorithms })
    const of = (label: string) => result.trials.filter(({ algorithm }) => algorithm === label).map(({ final }) => final)
    expect(of('slow')).not.toEqual(of('fast'))
  })

  it('are the same where they are the same object', async () => {
    const algorithms = { mine: { use: withRate(0.5) } }
    const first = await run('same', { algorithms })
    const again = await run('same', { algorithms })
    expect([again.result.run, again.trained.size]).toEqual([first.result.run, 0])
  })
})
