import { z } from 'zod'
import type { Graph } from '../graph/graph.js'
import { GraphError } from '../graph/graph-error.js'
import type { Activation } from '../graph/matrices.js'
import { sameShape, showShape, type Tensor } from '../graph/tensor.js'
import type { Parameter } from './parameters.js'

/**
 * A network: x f32 [rows, inputs] gives [rows, outputs], one value for each action. It names its parameters by `parameter`, and may be
 * called more than once, with other parameters or another number of rows.
 */
export type Network = (graph: Graph, x: Tensor, parameter: Parameter, outputs: number) => Tensor

export const networkConfig = z
  .strictObject({
    hidden: z.array(z.int().min(1)).default([64, 64]).describe('units of each hidden layer'),
    activation: z.enum(['relu', 'tanh']).default('relu'),
    initialisation: z
      .enum(['fan-in', 'orthogonal'])
      .default('fan-in')
      .describe(
        'fan-in: weights and biases uniform within 1 / sqrt(inputs), the default of PyTorch; orthogonal: biases 0, gain sqrt(2) and 1 at the end',
      ),
    duelling: z
      .boolean()
      .default(false)
      .describe(
        'value and advantages apart, V + A - mean A (Wang et al. 2016, equation 9); the last hidden layer is there for each',
      ),
  })
  .describe('the network of each agent')

export type NetworkConfig = z.infer<typeof networkConfig>

/** How the parameters of a layer start. */
export type Initialisation = NetworkConfig['initialisation']

/**
 * activation(x W + b), parameters `name/weight` [inputs, outputs] and `name/bias` [outputs].
 * @param x - [rows, inputs]
 * @returns [rows, outputs]
 */
export function layer(
  graph: Graph,
  x: Tensor,
  parameter: Parameter,
  { name, outputs, activation = 'none', initialisation = 'fan-in' }: LayerOptions,
): Tensor {
  const inputs = x.shape.at(-1)!
  const fanIn = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) } as const
  const gain = activation === 'relu' ? Math.SQRT2 : 1
  const isFanIn = initialisation === 'fan-in'
  const weight = parameter(`${name}/weight`, [inputs, outputs], isFanIn ? fanIn : { kind: 'orthogonal', gain })
  const bias = parameter(`${name}/bias`, [outputs], isFanIn ? fanIn : { kind: 'constant', value: 0 })
  return graph.dense(x, weight, bias, activation)
}

export interface LayerOptions {
  readonly name: string
  readonly outputs: number
  readonly activation?: Activation
  readonly initialisation?: Initialisation
}

/** Layers one after the other, `layer0` on, and one value an action at the end; or a duelling head. */
export function multilayer({ hidden, activation, initialisation, duelling }: NetworkConfig): Network {
  return (graph, x, parameter, outputs) => {
    const dense = (input: Tensor, name: string, size: number, last = false) =>
      layer(graph, input, parameter, {
        name,
        outputs: size,
        initialisation,
        activation: last ? 'none' : activation,
      })
    const shared = duelling ? hidden.slice(0, -1) : hidden
    const seen = shared.reduce((input, size, k) => dense(input, `layer${k}`, size), x)
    if (!duelling) return dense(seen, 'values', outputs, true)
    const own = (name: string) => hidden.slice(-1).reduce((input, size) => dense(input, `${name}-layer`, size), seen)
    const value = dense(own('state'), 'state-value', 1, true)
    const advantages = dense(own('advantage'), 'advantages', outputs, true)
    return graph.add(value, graph.sub(advantages, graph.mean(advantages, [1])))
  }
}

/** Calls a network. @throws GraphError where what it gives has another shape than [rows, outputs] */
export function applyNetwork(network: Network, graph: Graph, x: Tensor, parameter: Parameter, outputs: number): Tensor {
  const out = network(graph, x, parameter, outputs)
  const expected = [x.shape[0]!, outputs]
  if (sameShape(out.shape, expected) && out.dtype === 'f32') return out
  throw new GraphError(
    `network: expected f32 ${showShape(expected)} of an input ${showShape(x.shape)}, one value an action; got ${out.dtype} ${showShape(out.shape)}`,
  )
}
