import { expect, it } from 'vitest'
import { loadExperimentData } from './load-experiment.js'

const load = (environment: object, evaluation: object = {}) =>
  loadExperimentData(
    {
      name: 'ends',
      discount: 1,
      steps: 1000,
      evaluation: { points: 1, ...evaluation },
      environments: { world: environment },
      algorithms: { 'q-learning': {} },
    },
    process.cwd(),
  )

it('refuses discount 1 where a score could be neither exact nor sampled, before any work', async () => {
  await expect(load({ use: 'cliff-walking' })).rejects.toThrowError(
    /^environments\.world: with discount 1 a score is neither exact, .*; set the environment's limitSteps, or a discount/,
  )
  await expect(load({ use: 'gambler', limitSteps: null }, { method: 'sampled' })).rejects.toThrowError(/neither exact/)
})

it('takes discount 1 with a step limit, or where every policy ends', async () => {
  await expect(load({ use: 'cliff-walking', limitSteps: 500 })).resolves.toBeDefined()
  await expect(load({ use: 'gambler', limitSteps: null })).resolves.toBeDefined()
})
