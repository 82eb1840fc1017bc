import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { sameShape, showShape, type Tensor } from '../tensor.js'
import { type Scanned, scan } from './scan.js'

/** Columns in the order r, z, n, as in PyTorch, whose matrices are these turned. */
export interface GruParameters {
  /** [I, 3 H] */
  readonly inputWeight: Tensor
  /** [3 H] */
  readonly inputBias: Tensor
  /** [H, 3 H] */
  readonly hiddenWeight: Tensor
  /** [3 H] */
  readonly hiddenBias: Tensor
}

/**
 * A gated recurrent unit (Cho et al. 2014), in PyTorch's form, which resets after the product with the hidden state:
 * r = sigmoid(x Wr + br + h Ur + cr), z = sigmoid(x Wz + bz + h Uz + cz), n = tanh(x Wn + bn + r (h Un + cn)), h' = (1 - z) n + z h.
 * @param x - [N, I]
 * @param h - [N, H]
 * @returns h' [N, H]
 */
export function gruCell(graph: Graph, x: Tensor, h: Tensor, parameters: GruParameters): Tensor {
  return gruStep(graph, graph.dense(x, parameters.inputWeight, parameters.inputBias), h, parameters)
}

/**
 * The cell through time, with the products with all inputs in one.
 * @param x - [T, N, I]
 * @param h - [N, H], before the first step
 * @param reset - u8 [T, N]: where it is 1, the state before the step is set to 0
 */
export function gru(graph: Graph, x: Tensor, h: Tensor, parameters: GruParameters, reset: Tensor): Scanned {
  const fromInput = graph.dense(x, parameters.inputWeight, parameters.inputBias)
  return scan(graph, (input, state) => gruStep(graph, input, state, parameters), fromInput, h, reset)
}

/** @param fromInput - x W + b: [N, 3 H] */
function gruStep(graph: Graph, fromInput: Tensor, h: Tensor, { hiddenWeight, hiddenBias }: GruParameters): Tensor {
  const [rows, width] = h.shape as [number, number]
  if (!sameShape(fromInput.shape, [rows, 3 * width])) {
    throw new GraphError(
      `gru: state ${showShape(h.shape)} and gates from the input ${showShape(fromInput.shape)} don't fit`,
    )
  }
  const fromHidden = graph.dense(h, hiddenWeight, hiddenBias)
  const part = (of: Tensor, k: number, gates = 1) => graph.slice(of, [0, k * width], [rows, gates * width])
  const gates = graph.sigmoid(graph.add(part(fromInput, 0, 2), part(fromHidden, 0, 2)))
  const [r, z] = [part(gates, 0), part(gates, 1)]
  const n = graph.tanh(graph.add(part(fromInput, 2), graph.mul(r, part(fromHidden, 2))))
  return graph.add(n, graph.mul(z, graph.sub(h, n)))
}
