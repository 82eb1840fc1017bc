import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { RunStateError } from '#env/errors.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import { RunLock } from '#results/store/run-lock.js'
import { type ExperimentOptions, train } from './code-first.js'
import type { ProgressEvent } from './runner/progress.js'

let outDir: string
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), 'cadre-train-'))
})
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

let broken = false
/** Independent Q that breaks in its second half while `broken`. */
const fragileQ = {
  ...independentQ,
  name: 'fragile-q',
  forms: {
    arrays: async (context, config) => {
      const learner = await independentQ.forms.arrays!(context, config)
      let updates = 0
      return {
        act: learner.act.bind(learner),
        policy: learner.policy.bind(learner),
        saveState: learner.saveState.bind(learner),
        loadState: learner.loadState.bind(learner),
        update: (...given: Parameters<typeof learner.update>) => {
          if (broken && ++updates > 30) throw new Error('the learner broke')
          learner.update(...given)
        },
      }
    },
  },
} satisfies typeof independentQ

/** Two seeds of a small game. */
const run = (name: string, options: ExperimentOptions = {}) =>
  train(
    {
      name,
      discount: 0.9,
      steps: 200,
      rows: 4,
      seeds: 2,
      evaluation: { points: 2 },
      environments: { game: { use: matrixGame.name, game: 'climbing' } },
      algorithms: { fragile: { use: fragileQ } },
    },
    { outDir, ...options },
  )

describe('a run', () => {
  it('asked to stop before it began leaves nothing but its plan, and goes on', async () => {
    const events: ProgressEvent[] = []
    const stopped = await run('stopped', { signal: AbortSignal.abort(), onProgress: (event) => events.push(event) })
    expect(stopped).toMatchObject({ status: 'stopped', report: null })
    expect(stopped.trials.map(({ status }) => status)).toEqual(['stopped', 'stopped'])
    expect(existsSync(join(stopped.run, 'references.json'))).toBe(false)
    expect(existsSync(join(stopped.run, 'lock.json'))).toBe(false)
    expect(events.every((event) => event.type !== 'trial')).toBe(true)
    const resumed = await run('stopped', { resume: true })
    expect(resumed.status).toBe('done')
    expect(resumed.run).toBe(stopped.run)
  })

  it('tries failed trials again when resumed', async () => {
    broken = true
    const failed = await run('failed')
    expect(failed.status).toBe('failed')
    expect(failed.trials[0]).toMatchObject({
      status: 'failed',
      error: { code: 'Error', message: 'after 120 steps: the learner broke' },
    })
    expect(failed.summary).toEqual([])
    await expect(run('failed')).rejects.toThrowError(/0 of 2 trials are done, 2 failed; --resume tries those again/)
    broken = false
    expect(await run('failed', { resume: true })).toMatchObject({ status: 'done', run: failed.run })
    expect((await run('failed')).summary).toHaveLength(1)
  })

  it('counts a trial that failed before as stopped, not as failed, when it is stopped on its second way', async () => {
    broken = true
    const failed = await run('again')
    broken = false
    const controller = new AbortController()
    const onProgress = (event: ProgressEvent) => event.type === 'trial' && controller.abort()
    const stopped = await run('again', { resume: true, signal: controller.signal, onProgress })
    expect(stopped.trials[0]!.status).toBe('stopped')
    expect(existsSync(join(failed.run, 'trials', failed.trials[0]!.id, 'trial.json'))).toBe(false)
  })

  it('is refused while another one works in its directory', async () => {
    const stopped = await run('locked', { signal: AbortSignal.abort() })
    const lock = RunLock.acquire(stopped.run)
    const second = run('locked', { resume: true })
    await expect(second).rejects.toThrowError(RunStateError)
    await expect(second).rejects.toThrowError(/is working on this run/)
    lock.release()
    expect((await run('locked', { resume: true })).status).toBe('done')
  })

  it('says which versions it stands on, and does not go on with others', async () => {
    const stopped = await run('versions', { signal: AbortSignal.abort() })
    const file = join(stopped.run, 'manifest.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    expect(manifest.versions.node).toBe(process.version)
    for (const name of ['mathjs', 'seedrandom', 'yaml', 'zod'])
      expect(manifest.versions[name]).toMatch(/^\d+\.\d+\.\d+/)
    manifest.versions.mathjs = '1.0.0'
    writeFileSync(file, JSON.stringify(manifest))
    await expect(run('versions', { resume: true })).rejects.toThrowError(
      /begun with other versions \(mathjs 1\.0\.0, now \d+\.\d+\.\d+.*--fresh/,
    )
  })
})
