import { gradients } from '../gradients.js'
import type { Graph } from '../graph.js'
import { ReferenceEngine } from '../reference/reference-engine.js'
import { sizeOf, type Tensor } from '../tensor.js'
import { expectClose } from './expect-close.js'
import { computed, fed } from './operation-case.js'

const STEP = 1e-5

/**
 * Gradients of a loss by inputs of f32 against central differences, in f64 on the reference engine; then those of a weighted sum of these
 * gradients, where the order is 2.
 * @param given - to all inputs
 * @param what - for messages
 */
export function expectGradients(
  graph: Graph,
  loss: Tensor,
  by: readonly Tensor[],
  given: { readonly [input: string]: readonly number[] },
  { order = 2, what = '' }: { order?: number; what?: string } = {},
): void {
  const slopes = gradients(graph, loss, by)
  const got = computed(new ReferenceEngine(), Object.fromEntries(slopes.map((node, k) => [k, node])), given)
  for (const [k, input] of by.entries()) {
    expectClose(got[k]!, differences(loss, input, given), 1e-7, `${what}: gradient by ${input.name}`)
  }
  if (order === 1) return
  // Weights that differ: a sum of gradients alone is often constant.
  const parts = slopes.map((slope) => graph.sum(graph.mul(slope, weights(graph, slope))))
  const next = parts.reduce((sum, part) => graph.add(sum, part))
  expectGradients(graph, next, by, given, { order: order - 1, what: `${what}, second order` })
}

/** Numbers from .5 to 1.5 in no order. */
export function weights(graph: Graph, { shape }: Tensor): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, (_, k) => 0.5 + ((k * 0.618) % 1))
  return graph.constant(values, shape)
}

function differences(
  loss: Tensor,
  input: Tensor,
  given: { readonly [input: string]: readonly number[] },
): readonly number[] {
  const executable = fed(new ReferenceEngine(), { loss, input }, given)
  const values = executable.input(input.name!)
  const at = (k: number, value: number) => {
    const before = values[k]!
    values[k] = value
    executable.run()
    values[k] = before
    return executable.output('loss')[0]!
  }
  return [...values].map((value, k) => (at(k, value + STEP) - at(k, value - STEP)) / (2 * STEP))
}
