import { cartPole } from '#env/cart-pole/entry.js'
import { lbf } from '#env/lbf/entry.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Benchmark } from './benchmark.js'

const ROWS = 64
const VECTOR_STEPS = 4096
/** Joint actions drawn beforehand, used in turn; handed over in one array, as learners do. */
const ACTION_SETS = 64

/** Stepping through `VectorEnv`, resets included, with random actions and observations written. A step is one joint action. */
function stepping(name: string, entry: EnvEntry, settings: object): Benchmark {
  return {
    name: `env/${name}`,
    unit: 'steps',
    prepare: async () => {
      const config = entry.schema.parse(settings)
      const env = new VectorEnv(() => entry.create(config), ROWS, 'bench', { state: false })
      const rng = new Rng('actions')
      const { actionsOf } = env.layout
      const joint = () => Array.from({ length: ROWS }, () => Array.from(actionsOf, (n) => rng.integer(n)))
      const drawn = Array.from({ length: ACTION_SETS }, () => Int32Array.from(joint().flat()))
      const actions = new Int32Array(ROWS * actionsOf.length)
      env.reset()
      return {
        work: ROWS * VECTOR_STEPS,
        run: () => {
          for (let k = 0; k < VECTOR_STEPS; k++) {
            actions.set(drawn[k % ACTION_SETS]!)
            env.step(actions)
          }
        },
      }
    },
  }
}

export const environmentBenchmarks: readonly Benchmark[] = [
  stepping('cart-pole', cartPole, {}),
  stepping('lbf-8x8-2p-2f', lbf, { gridSize: 8, numAgents: 2, numFood: 2, cooperative: true }),
]
