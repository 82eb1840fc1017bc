import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import type { Tensor } from '../tensor.js'

/** sqrt of the sum of all squares, f32 []: the length of all gradients as one vector. */
export function globalNorm(graph: Graph, gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((gradient) => graph.sum(graph.square(gradient)))
  return graph.sqrt(squares.reduce((sum, square) => graph.add(sum, square)))
}

/** What gradients of this norm are multiplied by: min(1, max / (norm + 1e-6)), as PyTorch's clip_grad_norm_ does; f32 []. */
export function clipScale(graph: Graph, norm: Tensor, maxNorm: number): Tensor {
  if (!(maxNorm > 0)) throw new GraphError(`clipScale: expected a norm above 0, got ${maxNorm}`)
  return graph.minimum(graph.scalar(1), graph.div(graph.scalar(maxNorm), graph.add(norm, graph.scalar(1e-6))))
}
