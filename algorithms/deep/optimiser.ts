import { gradients } from '../graph/gradients.js'
import type { Graph } from '../graph/graph.js'
import type { AdamStep } from '../graph/program.js'
import type { Tensor } from '../graph/tensor.js'

export interface AdamOptions {
  /** Of the gradient of all parameters together, L2; null: no clipping. */
  readonly clipNorm: number | null
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** As PyTorch has them. */
export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/**
 * A step of Adam (Kingma and Ba 2015) down a loss. Reads the inputs `rate`, `correction1` and `correction2` (1 - beta^t); keeps its moments
 * in the variables `adam/first/...` and `adam/second/...`.
 * @param parameters - variables of the graph
 * @returns the effects, and the gradient's norm before it is clipped, f32 []
 */
export function adam(
  graph: Graph,
  loss: Tensor,
  parameters: readonly Tensor[],
  { clipNorm, ...settings }: AdamOptions,
): { effects: AdamStep[]; norm: Tensor } {
  const slopes = gradients(graph, loss, parameters)
  const squares = slopes.map((slope) => graph.sum(graph.square(slope)))
  const norm = graph.sqrt(squares.reduce((sum, square) => graph.add(sum, square)))
  const one = graph.scalar(1)
  const scale =
    clipNorm === null ? one : graph.minimum(one, graph.div(graph.scalar(clipNorm), graph.add(norm, graph.scalar(1e-6))))
  const rate = graph.input('rate', [])
  const correction1 = graph.input('correction1', [])
  const correction2 = graph.input('correction2', [])
  const effects = parameters.map((variable, k): AdamStep => {
    const first = graph.variable(`adam/first/${variable.name}`, variable.shape)
    const second = graph.variable(`adam/second/${variable.name}`, variable.shape)
    const gradient = slopes[k]!
    return {
      kind: 'adam',
      variable,
      gradient,
      first,
      second,
      scale,
      rate,
      correction1,
      correction2,
      decay: 0,
      ...settings,
    }
  })
  return { effects, norm }
}
