import type { Learner } from '#algorithms/learner.js'
import { learners } from '#algorithms/learners.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Benchmark } from './benchmark.js'

const ROWS = 32
const VECTOR_STEPS = 10_000

/** Learning on the quickstart instance through the whole contract: slot, mask, VectorEnv, exploration, update. */
function learning(algorithm: string, name: string, observation: string): Benchmark {
  return {
    name: `tabular/${algorithm}/${name}`,
    unit: 'agent-decisions',
    prepare: async () => {
      const config = routingDispatch.schema.parse({ observation })
      const env = new VectorEnv(() => routingDispatch.create(config), ROWS, 'bench', {
        observation: false,
        state: false,
      })
      const learner = await makeLearner(algorithm, env)
      const actions = new Int32Array(ROWS * env.layout.actionsOf.length)
      env.reset()
      const run = () => {
        for (let k = 0; k < VECTOR_STEPS; k++) {
          learner.act(env.current, actions)
          learner.update(env.step(actions))
        }
      }
      return { work: VECTOR_STEPS * ROWS * env.layout.agents, run }
    },
  }
}

async function makeLearner(algorithm: string, env: VectorEnv): Promise<Learner> {
  const entry = learners.find(({ name }) => name === algorithm)!
  const agents = env.spec.agents.map((_, i) => i)
  const context = { spec: env.spec, agents, discount: 0.97, totalSteps: 1e7, rows: env.size, rng: new Rng('bench') }
  return entry.forms.arrays!(context, entry.schema.parse({}))
}

/** Stepping alone, with random actions drawn beforehand and observations written. */
const stepping: Benchmark = {
  name: 'env/routing-dispatch',
  unit: 'steps',
  prepare: async () => {
    const config = routingDispatch.schema.parse({})
    const env = new VectorEnv(() => routingDispatch.create(config), 64, 'bench')
    const rng = new Rng('actions')
    const actions = Array.from({ length: 64 }, () =>
      Int32Array.from({ length: 64 * env.layout.agents }, () => rng.integer(2)),
    )
    env.reset()
    return {
      work: 64 * 4096,
      run: () => {
        for (let k = 0; k < 4096; k++) env.step(actions[k & 63]!)
      },
    }
  },
}

export const tabularBenchmarks: readonly Benchmark[] = [
  learning('independent-q', 'routing-dispatch', 'full'),
  learning('independent-q', 'routing-dispatch-message', 'local-with-message'),
  learning('hysteretic-q', 'routing-dispatch', 'full'),
  learning('joint-action-q', 'routing-dispatch', 'full'),
  stepping,
]
