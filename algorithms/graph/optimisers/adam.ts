import type { Graph } from '../graph.js'
import type { Assign } from '../program.js'
import { type Optimiser, stepOfEach } from './optimiser.js'

export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

export interface AdamWOptions extends AdamOptions {
  readonly decay?: number
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1): x' = x - rate (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon).
 * Beta .9 and .999, epsilon 1e-8 by default. The corrections are variables: step t needs no count.
 */
export const adam: Optimiser<AdamOptions> = (graph, loss, parameters, options) =>
  adamW(graph, loss, parameters, { name: 'adam', ...options, decay: 0 })

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): besides, x' loses rate decay x. Decay .01 by default, as in PyTorch. */
export const adamW: Optimiser<AdamWOptions> = (graph, loss, parameters, options) => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.01, name = 'adamW' } = options
  const first = correction(graph, `${name}.correction1`, beta1)
  const second = correction(graph, `${name}.correction2`, beta2)
  const { effects, norm } = stepOfEach(graph, loss, parameters, { ...options, name }, (variable, gradient, given) => [
    {
      kind: 'adam',
      variable,
      gradient,
      first: given.state('first'),
      second: given.state('second'),
      scale: given.scale ?? graph.scalar(1),
      rate: given.rate,
      correction1: first.value,
      correction2: second.value,
      beta1,
      beta2,
      epsilon,
      decay,
    },
  ])
  return { effects: [first, second, ...effects], norm }
}

/** c = 1 - beta^t as c' = c + (1 - beta) (1 - c): in f32 nothing is lost to 1 - .999. */
function correction(graph: Graph, name: string, beta: number): Assign {
  const before = graph.variable(name, [])
  const step = graph.mul(graph.scalar(1 - beta), graph.sub(graph.scalar(1), before))
  return { kind: 'assign', variable: before, value: graph.add(before, step) }
}
