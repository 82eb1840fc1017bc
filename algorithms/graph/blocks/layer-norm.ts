import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { sameShape, showShape, type Tensor } from '../tensor.js'

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016): gain (x - mean) / sqrt(variance + epsilon) + bias, with the variance
 * of the population.
 * @param x - [..., D]
 * @param gain - [D]
 * @param bias - [D]
 */
export function layerNorm(graph: Graph, x: Tensor, gain: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const axis = x.shape.length - 1
  if (axis < 0 || ![gain, bias].every(({ shape }) => sameShape(shape, [x.shape[axis]!]))) {
    throw new GraphError(
      `layerNorm: input ${showShape(x.shape)}, gain ${showShape(gain.shape)} and bias ${showShape(bias.shape)} don't fit`,
    )
  }
  const centred = graph.sub(x, graph.mean(x, [axis]))
  const variance = graph.mean(graph.square(centred), [axis])
  const scaled = graph.div(centred, graph.sqrt(graph.add(variance, graph.scalar(epsilon))))
  return graph.add(graph.mul(scaled, gain), bias)
}
