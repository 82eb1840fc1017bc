import type { TensorArray } from '../engine.js'
import type { AdamStep, Effect } from '../program.js'
import type { Tensor } from '../tensor.js'

/** The numbers of a node, for one seed; of a variable those that stay. */
export type ValuesOf = (node: Tensor) => TensorArray

/**
 * What an effect is to change. It reads everything at once: called for all effects, before what comes back of any is called, all values are
 * those before.
 */
export function prepared(effect: Effect, valuesOf: ValuesOf): () => void {
  if (effect.kind === 'adam') return adam(effect, valuesOf)
  const value = valuesOf(effect.value).slice()
  return () => valuesOf(effect.variable).set(value)
}

function adam(step: AdamStep, valuesOf: ValuesOf): () => void {
  const { beta1, beta2, epsilon, decay } = step
  const gradient = valuesOf(step.gradient).slice()
  const [scale, rate, correction1, correction2] = [step.scale, step.rate, step.correction1, step.correction2].map(
    (node) => valuesOf(node)[0]!,
  ) as [number, number, number, number]
  const [x, m, v] = [valuesOf(step.variable), valuesOf(step.first), valuesOf(step.second)]
  return () => {
    for (let k = 0; k < x.length; k++) {
      const g = scale * gradient[k]!
      m[k] = beta1 * m[k]! + (1 - beta1) * g
      v[k] = beta2 * v[k]! + (1 - beta2) * g * g
      x[k]! -= (rate * (m[k]! / correction1)) / (Math.sqrt(v[k]! / correction2) + epsilon) + rate * decay * x[k]!
    }
  }
}
