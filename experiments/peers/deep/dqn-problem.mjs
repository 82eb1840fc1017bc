/** The DQN step that dqn-step.mjs compares: an MLP 16-64-64-5, a given minibatch, and where everything starts. */
export const sizes = [16, 64, 64, 5]
/** Of Rainbow (Hessel et al. 2018, table 1): with larger steps rounding alone moves all three apart, PyTorch and JAX as far as ours. */
export const adam = { rate: 6.25e-5, beta1: 0.9, beta2: 0.999, epsilon: 1.5e-4 }
export const batches = [32, 256, 2048]

/** Multiply-adds count two: forward, target forward, gradients by weights, gradients by what goes in but for the first layer. */
export function operationsOf(batch) {
  const layers = sizes.slice(1).map((columns, k) => 2 * sizes[k] * columns)
  const all = layers.reduce((sum, count) => sum + count, 0)
  return batch * (3 * all + all - layers[0])
}

/** Uniform numbers in [-1, 1): a linear congruential generator, so that the problem is the same everywhere. */
function uniform(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

export function problem(batch) {
  const draw = uniform(batch)
  const numbers = (count, scale) => Array.from({ length: count }, () => Math.fround(scale * draw()))
  const network = () =>
    sizes.slice(1).flatMap((columns, k) => {
      const scale = 1 / Math.sqrt(sizes[k])
      return [numbers(sizes[k] * columns, scale), numbers(columns, scale)]
    })
  return {
    batch,
    parameters: network(),
    target: network(),
    observation: numbers(batch * sizes[0], 1),
    next: numbers(batch * sizes[0], 1),
    reward: numbers(batch, 2),
    discount: Array.from({ length: batch }, () => (draw() > 0.8 ? 0 : Math.fround(0.99))),
    action: Array.from({ length: batch }, () => Math.floor(((draw() + 1) / 2) * sizes.at(-1))),
  }
}
