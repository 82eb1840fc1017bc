import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { sameShape, showShape, type Tensor } from '../tensor.js'

/** A step in time: the next state [N, H], from an input [N, ...] and the state [N, H]. */
export type Cell = (input: Tensor, state: Tensor) => Tensor

export interface Scanned {
  /** After each step: [T, N, H]. */
  readonly states: Tensor
  /** After the last: [N, H]. */
  readonly last: Tensor
}

/**
 * A cell step by step through time, written out when the graph is put together.
 * @param inputs - [T, N, ...]
 * @param state - [N, H], before the first step
 * @param reset - u8 [T, N]: where it is 1, an episode begins at this step, and the state before it is set to 0
 */
export function scan(graph: Graph, cell: Cell, inputs: Tensor, state: Tensor, reset: Tensor): Scanned {
  const [steps, rows] = inputs.shape
  const [first, width] = state.shape
  if (state.shape.length !== 2 || first !== rows || reset.dtype !== 'u8' || !sameShape(reset.shape, [steps!, rows!])) {
    throw new GraphError(
      `scan: inputs ${showShape(inputs.shape)}, state ${showShape(state.shape)} and reset ${reset.dtype} ${showShape(reset.shape)} ` +
        "don't fit: expected [T, N, ...], [N, H] and u8 [T, N]",
    )
  }
  const states: Tensor[] = []
  let last = state
  for (let step = 0; step < steps!; step++) {
    const begins = graph.reshape(graph.slice(reset, [step, 0], [1, rows!]), [rows!, 1])
    last = cell(stepOf(graph, inputs, step), graph.where(begins, graph.scalar(0), last))
    states.push(graph.reshape(last, [1, rows!, width!]))
  }
  return { states: graph.concat(states, 0), last }
}

/** What is at one step: [N, ...] of [T, N, ...]. */
function stepOf(graph: Graph, inputs: Tensor, step: number): Tensor {
  const shape = inputs.shape.slice(1)
  const begin = [step, ...shape.map(() => 0)]
  return graph.reshape(graph.slice(inputs, begin, [1, ...shape]), shape)
}
