import type { Tensor1D } from '@tensorflow/tfjs-core'
import { JacobiSweeps } from '#algorithms/planning/optimality-sweep.js'
import { openBackend, type TensorBackendName, tensorBackendNames } from '#algorithms/tensor/backend.js'
import { padRows } from '#algorithms/tensor/padded-rows.js'
import { tensorSweep } from '#algorithms/tensor/tensor-sweep.js'
import { BackendError } from '#env/errors.js'
import { Garnet } from '#env/garnet/garnet.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Benchmark } from './benchmark.js'

const DISCOUNT = 0.99
const sizes = [1_000, 10_000, 100_000] as const

/** Sweeps a round: as many as the planner enqueues before it reads back. */
const SWEEPS = 16

const models = new Map<number, TabularMdp>()

/** A random sparse problem: 4 actions of 8 outcomes. */
function model(states: number): TabularMdp {
  let mdp = models.get(states)
  if (mdp === undefined) {
    const garnet = new Garnet({ states, actions: 4, branching: 8, seed: 1, limitSteps: 100 })
    mdp = toJointMdp(garnet, { observation: false, state: false })
    models.set(states, mdp)
  }
  return mdp
}

function onArrays(states: number): Benchmark {
  return {
    name: `tensors/value-iteration/${states}/arrays`,
    unit: 'sweeps',
    prepare: async () => {
      const sweeps = new JacobiSweeps(model(states), DISCOUNT)
      const policy = sweeps.newPolicy()
      let value = sweeps.newValues()
      let next = sweeps.newValues()
      const run = () => {
        for (let k = 0; k < SWEEPS; k++) {
          sweeps.optimal(value, next, policy)
          ;[value, next] = [next, value]
        }
      }
      return { work: SWEEPS, run }
    },
  }
}

function onBackend(states: number, name: TensorBackendName): Benchmark {
  return {
    name: `tensors/value-iteration/${states}/${name}`,
    unit: 'sweeps',
    prepare: async () => {
      try {
        const { tf } = await openBackend(name)
        const mdp = model(states)
        const onDevice = tensorSweep(tf, mdp, padRows('bench', mdp, DISCOUNT, 2 ** 31))
        let value: Tensor1D = tf.zeros([states])
        const run = async () => {
          for (let k = 0; k < SWEEPS; k++) {
            const next = onDevice.sweep(value)
            value.dispose()
            value = next
          }
          await value.data()
        }
        return { work: SWEEPS, run }
      } catch (error) {
        if (error instanceof BackendError) return { skipped: error.message }
        throw error
      }
    },
  }
}

/** Jacobi sweeps over random problems of 4 actions with 8 outcomes each: arrays in f64, tensors in f32, by number of states. */
export const tensorBenchmarks: readonly Benchmark[] = sizes.flatMap((states) => [
  onArrays(states),
  // Plain JavaScript takes a second and more a round from 10,000 states on.
  ...tensorBackendNames.filter((name) => name !== 'cpu' || states === sizes[0]).map((name) => onBackend(states, name)),
])
