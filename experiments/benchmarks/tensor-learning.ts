import { groupOfOne } from '#algorithms/group-of-one.js'
import type { LearnerContext, LearnerGroup } from '#algorithms/learner.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { openBackend, type TensorBackendName, tensorBackendNames } from '#algorithms/tensor/backend.js'
import { BackendError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Benchmark } from './benchmark.js'

/** Seeds and rows of each: with two agents, 64 to 65,536 updates at once. */
const sizes = [
  [1, 32],
  [32, 64],
  [256, 128],
] as const

/** Updates of one batch over and over: what is left out, choosing actions and stepping, is the environment's and the host's. */
function updating(seeds: number, rows: number, form: 'arrays' | TensorBackendName): Benchmark {
  return {
    name: `tensors/independent-q/${seeds}-seeds-${rows}-rows/${form}`,
    unit: 'agent-updates',
    prepare: async () => {
      try {
        const config = routingDispatch.schema.parse({})
        const make = () => routingDispatch.create(config)
        const needs = { observation: false, state: false }
        const envs = Array.from({ length: seeds }, (_, g) => new VectorEnv(make, rows, `${g}`, needs))
        const contexts = envs.map(({ spec }, g) => {
          const agents = spec.agents.map((_, i) => i)
          return { spec, agents, discount: 0.97, totalSteps: 1e9, rows, rng: new Rng(`${g}`) }
        })
        const actions = envs.map(({ layout }) => new Int32Array(rows * layout.actionsOf.length))
        for (const env of envs) env.reset()
        const group = await groupOn(form, contexts)
        const views = envs.map(({ current }) => current)
        const transitions = envs.map(({ transition }) => transition)
        await group.act(views, actions)
        envs.forEach((env, g) => {
          env.step(actions[g]!)
        })
        const decisions = seeds * rows * envs[0]!.layout.agents
        // The read-back that ends a round, of all tables, must not count.
        const times = Math.max(32, Math.round(3e5 / decisions))
        const run = async () => {
          for (let k = 0; k < times; k++) await group.update(transitions)
          await group.settle()
        }
        return { work: times * decisions, run }
      } catch (error) {
        if (error instanceof BackendError) return { skipped: error.message }
        throw error
      }
    },
  }
}

async function groupOn(form: 'arrays' | TensorBackendName, contexts: readonly LearnerContext[]): Promise<LearnerGroup> {
  const config = independentQ.schema.parse({})
  if (form !== 'arrays') return independentQ.forms.tensors!(contexts, config, await openBackend(form))
  const learners = await Promise.all(contexts.map((context) => independentQ.forms.arrays!(context, config)))
  const alone = learners.map(groupOfOne)
  return {
    ...alone[0]!,
    act: (batches, actions) => alone.forEach((group, g) => void group.act([batches[g]!], [actions[g]!])),
    update: (transitions) => alone.forEach((group, g) => void group.update([transitions[g]!])),
  }
}

/** Independent Q-learning on the quickstart instance: arrays in f64, tensors in f32, by the number of updates at once. */
export const tensorLearningBenchmarks: readonly Benchmark[] = sizes.flatMap(([seeds, rows]) =>
  (['arrays', ...tensorBackendNames] as const).map((form) => updating(seeds, rows, form)),
)
