import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { sameShape, showShape, type Tensor } from '../tensor.js'

function checkWeight(what: string, error: Tensor, weight: Tensor): void {
  if (sameShape(error.shape, weight.shape)) return
  throw new GraphError(
    `${what}: errors ${showShape(error.shape)} and weights ${showShape(weight.shape)} differ in shape`,
  )
}

/**
 * sum(w huber(e)) / sum(w) (Huber 1964; in DQN with delta 1). What has weight 0 counts for nothing, as long as it is finite.
 * @param error - target minus estimate, of any shape
 * @param weight - f32 of that shape: masks, importance; some above 0
 */
export function huberLoss(graph: Graph, error: Tensor, weight: Tensor, delta = 1): Tensor {
  checkWeight('huberLoss', error, weight)
  return graph.weightedMean(graph.huber(error, delta), weight)
}

/** sum(w e^2) / sum(w), without a factor of one half; arguments as of `huberLoss`. */
export function squaredLoss(graph: Graph, error: Tensor, weight: Tensor): Tensor {
  checkWeight('squaredLoss', error, weight)
  return graph.weightedMean(graph.square(error), weight)
}
