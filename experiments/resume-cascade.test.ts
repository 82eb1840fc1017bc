import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { routingCascade } from '#env/routing-cascade/entry.js'
import { type ExperimentOptions, train } from './code-first.js'
import { onlyRun, runFiles } from './testing/run-files.js'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cadre-cascade-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Sums of these differ in the last bit by their order. */
const latencies = [0.1, 0.7, 0.2, 1.3, 0.6, 2.9]

/** Called at a step of any environment, once `stepsLeft` of them have gone. */
let stepsLeft = 0
let onStep: () => void = () => undefined
const cascade: typeof routingCascade = {
  ...routingCascade,
  create: (...given) => {
    const env = routingCascade.create(...given)
    const step = env.step.bind(env)
    return Object.assign(env, {
      step: (actions: Int32Array) => {
        step(actions)
        if (--stepsLeft === 0) onStep()
      },
    })
  },
}

const experiment = {
  ...{ name: 'cascade', discount: 1, steps: 6000, rows: 48, seeds: 1, checkpointSeconds: 0 },
  evaluation: { points: 5, method: 'sampled' as const, episodes: 30 },
  environments: {
    cascade: {
      use: cascade,
      types: [
        { name: 'easy', share: 2 },
        { name: 'hard', share: 1 },
      ],
      models: latencies.map((latencyMs, m) => ({
        name: `m${m}`,
        latencyMs,
        costUsd: 0.1 * m,
        skill: [0.6, 0.2 + m / 8],
      })),
      maxCalls: 6,
      reward: 'quality + 10 * waitedMs',
    },
  },
  algorithms: { 'q-learning': {}, 'q-lambda': {} },
  references: { optimum: false },
}

async function run(folder: string, options: ExperimentOptions = {}) {
  return train(experiment, { outDir: join(root, folder), workers: 0, ...options })
}

it('routing-cascade stopped at several moments and gone on with leaves the same bytes as in one go', async () => {
  await run('whole')
  const whole = runFiles(onlyRun(join(root, 'whole')))
  expect(Object.keys(whole).filter((path) => path.endsWith('trial.json'))).toHaveLength(2)
  let stops = 0
  for (const moments of [[1], [100, 1, 700], [2500, 900], [31, 1600, 4000]]) {
    const folder = `stopped-${moments.join('-')}`
    for (const moment of moments) {
      const controller = new AbortController()
      stepsLeft = moment
      onStep = () => controller.abort()
      if ((await run(folder, { signal: controller.signal, resume: true })).status !== 'done') stops++
    }
    onStep = () => undefined
    expect((await run(folder, { resume: true })).status).toBe('done')
    expect(runFiles(onlyRun(join(root, folder)))).toEqual(whole)
  }
  expect(stops).toBeGreaterThan(5)
}, 120_000)
