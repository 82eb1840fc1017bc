import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { LearnerContext } from '#algorithms/learner.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { modelOf } from '#algorithms/testing/models.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { ModelEnv } from '#env/testing/model-env.js'
import { TwoDials } from '#env/testing/two-dials.js'
import { RunStore } from '#results/store/run-store.js'
import { type ExperimentOptions, train } from '../code-first.js'
import { loadExperimentData } from '../config/load-experiment.js'
import { planTrials } from '../plan/plan-trials.js'
import { carryOut } from './carry-out.js'
import type { Job, JobPool } from './job.js'
import { unfinished } from './job-runner.js'
import type { ProgressEvent } from './progress.js'
import { describeRun } from './run-manifest.js'
import { StopSignal } from './stop-signal.js'

const outDir = mkdtempSync(join(tmpdir(), 'cadre-trials-'))
afterAll(() => rmSync(outDir, { recursive: true }))

const game = { use: 'matrix-game', game: 'penalty', repetitions: 5 }
const experiment = (name: string, more: object = {}) => ({
  name,
  discount: 0.9,
  steps: 8000,
  rows: 4,
  seeds: 3,
  form: 'tensors',
  backend: 'wasm',
  checkpointSeconds: 0,
  evaluation: { points: 2 },
  references: { optimum: false },
  environments: { game },
  algorithms: { 'independent-q': {} },
  ...more,
})
const run = (name: string, more: object = {}, options: ExperimentOptions = {}) =>
  train(experiment(name, more) as Parameters<typeof train>[0], { outDir, workers: 0, ...options })

describe('a trial whose agents make several choices at once', () => {
  it('learns them: 2 + 1 where the best position is blocked, then 2 + 3 + 1', async () => {
    const dials: EnvEntry = {
      ...matrixGame,
      name: 'two-dials',
      schema: z.strictObject({}),
      create: () => new TwoDials(),
    }
    const { trials } = await run('several-choices', {
      form: 'arrays',
      seeds: 1,
      environments: { dials: { use: dials } },
      algorithms: { 'independent-q': {}, 'decomposed-q': {}, 'joint-action-q': {} },
    })
    expect(trials.map(({ status }) => status)).toEqual(['done', 'done', 'done'])
    for (const { final } of trials) expect(final).toBeCloseTo(3 + 0.9 * 6, 6)
  })
})

describe('a policy that draws', () => {
  it.each([
    ['greedy', 2],
    ['sampled', 0.4 * 1 + 0.6 * 2],
  ] as const)('is evaluated as evaluation.act says: %s', async (act, expected) => {
    const model = modelOf([
      [[[1, 1, 1]], [[1, 1, 2]]],
      [null, null],
    ])
    const choice: EnvEntry = {
      ...matrixGame,
      name: 'choice',
      schema: z.strictObject({}),
      create: () => new ModelEnv(model),
    }
    const policy: Policy = {
      observes: 'local',
      act: (batch, rng, out) =>
        out.forEach((_, k) => {
          out[k] = batch.mask[2 * k] === 1 && rng.uniform() >= 0.4 ? 1 : 0
        }),
      probabilities: ({ mask }, out) =>
        mask.forEach((legal, k) => {
          out[k] = legal * (k % 2 === 0 ? 0.4 : 0.6)
        }),
    }
    const arrays = async (context: LearnerContext, config: unknown) =>
      Object.assign(await independentQ.forms.arrays!(context, config), { policy: () => policy })
    const { trials, run: directory } = await run(`draws-${act}`, {
      form: 'arrays',
      seeds: 1,
      evaluation: { points: 1, act },
      environments: { choice: { use: choice } },
      algorithms: { own: { use: { ...independentQ, forms: { arrays } } } },
    })
    expect(trials[0]!.final).toBeCloseTo(expected, 6)
    const evaluations = RunStore.open(directory).trial(trials[0]!.id).readEvaluations()
    expect(evaluations.map((line) => line.act)).toEqual([act, act])
  })
})

describe('what a trial fails with', () => {
  it("is the learner's own message, also where it has no policy to begin with", async () => {
    const arrays = async (context: LearnerContext, config: unknown) => {
      const learner = await independentQ.forms.arrays!(context, config)
      const policy = () => {
        throw new Error('no policy yet')
      }
      return Object.assign(learner, { policy })
    }
    const own = { use: { ...independentQ, forms: { arrays } } }
    const { trials } = await run('no-policy', { form: 'arrays', seeds: 1, algorithms: { own } })
    expect(trials[0]).toMatchObject({ status: 'failed', error: { message: 'after 0 steps: no policy yet' } })
  })

  it('is its own affair where only its state cannot be saved', async () => {
    const unsaved = {
      ...matrixGame,
      name: 'unsaved-game',
      create: (config: Parameters<typeof matrixGame.create>[0]) => {
        const made = matrixGame.create(config)
        const reset = made.reset.bind(made)
        const saveState = made.saveState.bind(made)
        let seed = ''
        return Object.assign(made, {
          reset: (rng: Rng) => {
            seed = rng.seed
            reset(rng)
          },
          saveState: () => {
            if (seed.startsWith('1/')) throw new Error('cannot be saved')
            return saveState()
          },
        })
      },
    } satisfies EnvEntry
    const environments = { game: { ...game, use: unsaved } }
    const { trials } = await run('unsaved', { steps: 20_000, checkpointSeconds: 0.001, environments })
    expect(trials.map(({ status }) => status)).toEqual(['done', 'failed', 'done'])
    expect(trials[1]!.error!.message).toMatch(/^after \d+ steps: cannot be saved$/)
  })

  it('is a damaged checkpoint until it is deleted, as the message says', async () => {
    const controller = new AbortController()
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'trial') controller.abort()
    }
    const stopped = await run('damaged', {}, { signal: controller.signal, onProgress })
    const folder = join(stopped.run, 'trials', stopped.trials[0]!.id, 'checkpoint')
    truncateSync(join(folder, 'state.bin'), 100)
    const damaged = await run('damaged', {}, { resume: true })
    expect(damaged.trials.map(({ status }) => status)).toEqual(['failed', 'done', 'done'])
    expect(damaged.trials[0]!.error!.message).toMatch(/state\.bin: not a readable checkpoint.*delete it/)
    rmSync(folder, { recursive: true })
    expect((await run('damaged', {}, { resume: true })).status).toBe('done')
  })
})

it("a worker's end is the failure of those of its trials that had not ended well", async () => {
  const plan = planTrials(await loadExperimentData(experiment('dead'), outDir))
  const store = RunStore.create(join(outDir, 'dead'), describeRun(plan))
  const pool: JobPool = {
    run: async (job: Job): Promise<never> => {
      if (job.kind !== 'trials') return null as never
      const trial = store.trial(job.trials[0]!.id)
      trial.prepare()
      trial.writeResult({ ...unfinished(job.trials[0]!, 'done'), status: 'done', steps: 8000, final: 1, best: 1 })
      throw new Error('the worker ran out of memory')
    },
    close: async () => undefined,
  }
  const events: ProgressEvent[] = []
  await carryOut(plan, plan.trials, store, pool, new StopSignal(), (event) => events.push(event))
  const results = plan.trials.map(({ id }) => store.trial(id).readResult()!)
  expect(results.map(({ status, final }) => [status, final])).toEqual([
    ['done', 1],
    ['failed', null],
    ['failed', null],
  ])
  expect(results[2]!.error!.message).toBe('the worker ran out of memory')
  expect(events.map((event) => event.type === 'trial-done' && event.status)).toEqual(['done', 'failed', 'failed'])
})
