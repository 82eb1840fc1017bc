import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { probeBackends } from '#algorithms/tensor/backend.js'
import { ConfigError } from '#env/errors.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import type { EnvEntry } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { type ExperimentOptions, train } from './code-first.js'
import { type LoadOptions, loadExperimentData } from './config/load-experiment.js'
import type { ProgressEvent } from './runner/progress.js'
import { runFiles } from './testing/run-files.js'

let outDir: string
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), 'cadre-tensors-'))
})
afterAll(() => rmSync(outDir, { recursive: true, force: true }))

/** Seeds whose games break after 15 steps. */
let breaks: readonly number[] = []
const fragileGame = {
  ...matrixGame,
  name: 'fragile-game',
  create: (config: Parameters<typeof matrixGame.create>[0]) => {
    const game = matrixGame.create(config)
    const reset = game.reset.bind(game)
    const step = game.step.bind(game)
    let steps = 0
    let fragile = false
    return Object.assign(game, {
      reset: (rng: Rng) => {
        fragile = breaks.includes(Number.parseInt(rng.seed, 10))
        reset(rng)
      },
      step: (actions: Int32Array) => {
        if (fragile && ++steps > 15) throw new Error('the game broke')
        step(actions)
      },
    })
  },
} satisfies EnvEntry

const run = (name: string, more: object = {}, options: ExperimentOptions = {}) =>
  train(
    {
      name,
      discount: 0.9,
      steps: 400,
      rows: 4,
      seeds: 3,
      form: 'tensors',
      backend: 'wasm',
      evaluation: { points: 4 },
      environments: { game: { use: fragileGame, game: 'penalty', repetitions: 5 } },
      algorithms: { 'independent-q': {}, 'hysteretic-q': {}, 'joint-action-q': {} },
      ...more,
    },
    { outDir, ...options },
  )

const trialFiles = (folder: string, id: string) =>
  Object.fromEntries(Object.entries(runFiles(folder)).filter(([path]) => path.startsWith(`trials/${id}/`)))

describe('an experiment on tensors', () => {
  it('comes to the scores of the same experiment on arrays', async () => {
    const tensors = await run('same')
    const arrays = await run('same', { form: 'arrays' })
    expect(tensors.run).not.toBe(arrays.run)
    expect(tensors.trials.map(({ final }) => final)).toEqual(
      arrays.trials.map(({ final }) => expect.closeTo(final!, 4)),
    )
    expect(tensors.trials.every(({ final }) => final !== null)).toBe(true)
  })

  it('records the backend and its library, which trials are hashed with', async () => {
    const wasm = await run('recorded')
    const manifest = JSON.parse(readFileSync(join(wasm.run, 'manifest.json'), 'utf8'))
    expect(manifest.config.tensors).toEqual({ backend: 'wasm', device: expect.stringContaining('WebAssembly') })
    expect(manifest.config.algorithms['independent-q'].form).toBe('tensors')
    expect(manifest.versions['@tensorflow/tfjs-core']).toMatch(/^4\./)
    const cpu = await run('recorded', { backend: 'cpu' })
    expect(cpu.trials[0]!.id).not.toBe(wasm.trials[0]!.id)
  })

  it('gives a seed the same bytes whoever else learns beside it', async () => {
    const three = await run('seeds')
    const alone = await run('seeds', { seeds: [1] })
    const ids = alone.trials.map(({ id }) => id)
    expect(ids).toHaveLength(3)
    for (const id of ids) {
      expect(three.trials.map((trial) => trial.id)).toContain(id)
      expect(trialFiles(alone.run, id)).toEqual(trialFiles(three.run, id))
    }
  })

  it('gives the same bytes when it is stopped and resumed, also where some seeds were further than others', async () => {
    const steps = { steps: 8000, checkpointSeconds: 0 }
    const whole = await run('resumed', steps)
    const again = join(outDir, 'pieces')
    const stopAt = (wanted: number) => {
      const controller = new AbortController()
      const onProgress = (event: ProgressEvent) => {
        if (event.type === 'trial' && event.step >= wanted) controller.abort()
      }
      return { outDir: again, resume: true, signal: controller.signal, onProgress }
    }
    const first = await run('resumed', steps, stopAt(1))
    expect(first.status).toBe('stopped')
    // As if a crash had lost the checkpoint of one seed, and a run of fewer seeds had gone on before.
    rmSync(join(first.run, 'trials', first.trials[0]!.id), { recursive: true })
    const finished = await run('resumed', steps, { outDir: again, resume: true })
    expect(finished.status).toBe('done')
    expect(runFiles(finished.run)).toEqual(runFiles(whole.run))
  })

  it('ends a trial that fails alone, and the others as if it had not been there', async () => {
    const sound = await run('failing')
    breaks = [1]
    const broken = await run('failing', {}, { outDir: join(outDir, 'broken') })
    breaks = []
    for (const [k, trial] of broken.trials.entries()) {
      if (trial.seed === 1) {
        // 60 of the steps of 4 rows; every row breaks at its 16th.
        expect(trial).toMatchObject({ status: 'failed', error: { message: 'after 60 steps: the game broke' } })
      } else expect(trialFiles(broken.run, trial.id)).toEqual(trialFiles(sound.run, sound.trials[k]!.id))
    }
    expect(broken.trials.filter(({ status }) => status === 'failed')).toHaveLength(3)
  })

  it('lets an algorithm keep its own form', async () => {
    const mixed = await run('mixed', { algorithms: { 'independent-q': { form: 'arrays' }, 'hysteretic-q': {} } })
    const arrays = await run('mixed', { form: 'arrays', algorithms: { 'independent-q': {} } })
    expect(mixed.trials.map(({ id }) => id)).toEqual(expect.arrayContaining(arrays.trials.map(({ id }) => id)))
  })
})

it.each(['arrays', 'tensors'])(
  'ends a trial whose environment numbers its states out of range, on %s',
  async (form) => {
    const misnumbered = {
      ...matrixGame,
      name: 'misnumbered',
      create: (config: Parameters<typeof matrixGame.create>[0]) => {
        const game = matrixGame.create(config)
        const bind = game.bind.bind(game)
        const step = game.step.bind(game)
        let ids: Int32Array = new Int32Array(0)
        let steps = 0
        return Object.assign(game, {
          bind: (slot: Parameters<typeof bind>[0]) => {
            ids = slot.observationId
            bind(slot)
          },
          step: (actions: Int32Array) => {
            step(actions)
            // Later than what is tried out before any work.
            if (++steps === 3) ids[1] = 77
          },
        })
      },
    } satisfies EnvEntry
    const { trials } = await run('misnumbered', {
      form,
      ...(form === 'arrays' ? { backend: 'auto' } : {}),
      environments: { game: { use: misnumbered, repetitions: 5 } },
      algorithms: { 'independent-q': {} },
      references: { optimum: false },
      evaluation: { points: 1, method: 'sampled', episodes: 1 },
    })
    expect(trials[0]).toMatchObject({
      status: 'failed',
      error: {
        code: 'ERR_SHAPE',
        message: expect.stringMatching(/agent "agent-1" sees observation 77, expected/),
      },
    })
  },
)

it('takes the form of the command line for every algorithm', async () => {
  const experiment = {
    name: 'forms',
    discount: 0.9,
    steps: 400,
    evaluation: { points: 1 },
    environments: { game: { use: 'matrix-game' } },
    algorithms: { 'independent-q': { form: 'tensors' }, 'hysteretic-q': {} },
  }
  const formsOf = async (options: LoadOptions) => {
    const { algorithms, backend } = await loadExperimentData(structuredClone(experiment), outDir, options)
    return [...algorithms.map(({ form }) => form), backend?.name]
  }
  expect(await formsOf({ backend: 'cpu' })).toEqual(['tensors', 'arrays', 'cpu'])
  expect(await formsOf({ form: 'arrays' })).toEqual(['arrays', 'arrays', undefined])
  expect(await formsOf({ form: 'tensors', backend: 'cpu' })).toEqual(['tensors', 'tensors', 'cpu'])
  await expect(formsOf({ form: 'arrays', backend: 'cpu' })).rejects.toThrowError(
    '--backend cpu: backend: a backend is of tensors; add --form tensors, or leave it out',
  )
})

it('shares the time of a group among its trials', async () => {
  const { run: folder, trials, seconds } = await run('timed', { steps: 4000, algorithms: { 'independent-q': {} } })
  const spent = trials.map(({ id }) => {
    const lines = readFileSync(join(folder, 'trials', id, 'timing.jsonl'), 'utf8')
      .trim()
      .split('\n')
    return (JSON.parse(lines.at(-1)!) as { seconds: number }).seconds
  })
  expect(spent.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(seconds)
})

describe('what is refused', () => {
  it('is a table too large for all seeds, before their environments are made', async () => {
    let made = 0
    const create = (config: never) => {
      made++
      return matrixGame.create(config)
    }
    const counted = { ...matrixGame, name: 'counted', create }
    const tables = await run('large', {
      seeds: 2000,
      steps: 100,
      rows: 1,
      environments: { game: { use: counted, game: 'climbing', repetitions: 1_000_000 } },
      algorithms: { 'joint-action-q': {} },
      references: { optimum: false },
      evaluation: { method: 'sampled', points: 1, episodes: 1 },
    })
    expect(tables.trials[0]).toMatchObject({ status: 'failed', error: { code: 'ERR_NOT_ENUMERABLE' } })
    expect(made).toBeLessThan(100)
  }, 120_000)

  it('is an algorithm without a form of tensors, by name', async () => {
    const algorithms = {
      'independent-q': {},
      'lin-ucb': {},
      own: { use: { ...independentQ, forms: { arrays: independentQ.forms.arrays } } },
    }
    await expect(run('formless', { algorithms })).rejects.toThrowError(
      /algorithms\.lin-ucb: lin-ucb has no form of tensors; give it form: arrays, or use q-learning, independent-q, hysteretic-q/,
    )
  })

  it('is a backend that is not there, with its reason and exit code 2', async ({ skip }) => {
    const missing = (await probeBackends()).backends.find(({ available }) => !available)
    if (missing === undefined) skip('every backend is available here')
    const refused = run('missing', { backend: missing!.name })
    await expect(refused).rejects.toThrowError(ConfigError)
    await expect(refused).rejects.toMatchObject({ exitCode: 2 })
    await expect(refused).rejects.toThrowError(missing!.reason!)
  })
})
