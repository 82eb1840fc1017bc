import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { TensorFlow } from './backend.js'
import type { PaddedRows } from './padded-rows.js'

/** A model on a device: sweeps until it is disposed of. */
export interface TensorSweep {
  /**
   * v'[s] = max_a (r[s, a] + sum_w gamma p[s, a, w] v[successor[s, a, w]]), in f32; terminal states 0.
   * @param value - [S], v; left alone
   * @returns [S], the caller's to dispose of
   */
  sweep(value: Tensor1D): Tensor1D
  /** Puts other rewards in the place of the model's: f32 [S * A], as those of padded rows. */
  setReward(reward: Float32Array): void
  dispose(): void
}

/** Puts padded rows on the device of the active backend. */
export function tensorSweep(
  tf: TensorFlow,
  { numStates, numActions }: Pick<TabularMdp, 'numStates' | 'numActions'>,
  { width, ...rows }: PaddedRows,
): TensorSweep {
  const successor = tf.tensor3d(rows.successor, [numStates * numActions, width, 1], 'int32')
  const discounted = tf.tensor2d(rows.discounted, [numStates * numActions, width])
  let reward = tf.tensor2d(rows.reward, [numStates, numActions])
  return {
    // gatherND reads single values 10 to 30 times as fast as gather on wasm and node. And a sum, not a product with ones:
    // TensorFlow cuts factors to 10 bits where a GPU multiplies matrices in TF32.
    sweep: (value) =>
      tf.tidy(() => {
        const expected = tf.sum(tf.mul(tf.gatherND(value, successor), discounted), 1)
        return tf.max<Tensor1D>(tf.add(reward, tf.reshape(expected, reward.shape)), 1)
      }),
    setReward: (values) => {
      reward.dispose()
      // A copy: some backends read the array later.
      reward = tf.tensor2d(values.slice(), [numStates, numActions])
    },
    dispose: () => tf.dispose([successor, discounted, reward]),
  }
}
