import { gradients } from '../gradients.js'
import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import type { Effect } from '../program.js'
import { showShape, type Tensor } from '../tensor.js'
import { clipScale, globalNorm } from './clip-by-norm.js'

export interface OptimiserOptions {
  /** A number; or f32 [], such as an input to which a schedule is written (`scheduleAt`). */
  readonly rate: number | Tensor
  /** All gradients together are cut to this norm; absent: they stay. */
  readonly maxNorm?: number
  /** What the names of its own variables begin with: two optimisers of one engine need two. */
  readonly name?: string
}

/** A step on some parameters, as effects of a program. Its own variables begin with zeros, as those of an engine do. */
export interface OptimiserStep {
  readonly effects: readonly Effect[]
  /** Of all gradients before they are cut, f32 []: a metric. It costs nothing where nobody asks. */
  readonly norm: Tensor
}

/**
 * @param loss - f32 []
 * @param parameters - variables
 */
export type Optimiser<Own> = (
  graph: Graph,
  loss: Tensor,
  parameters: readonly Tensor[],
  options: OptimiserOptions & Own,
) => OptimiserStep

/** What an optimiser does to one parameter. */
export type ParameterStep = (parameter: Tensor, gradient: Tensor, given: Given) => readonly Effect[]

interface Given {
  /** f32 [] */
  readonly rate: Tensor
  /** f32 []: what the gradient is yet to be multiplied by; null: nothing. */
  readonly scale: Tensor | null
  /** A variable of the parameter's shape, of this optimiser. */
  state(what: string): Tensor
}

/** The steps of all parameters, and the norm of their gradients. */
export function stepOfEach(
  graph: Graph,
  loss: Tensor,
  parameters: readonly Tensor[],
  { rate, maxNorm, name }: OptimiserOptions & { readonly name: string },
  step: ParameterStep,
): OptimiserStep {
  if (parameters.length === 0) throw new GraphError(`${name}: expected one parameter at least`)
  const slopes = gradients(graph, loss, parameters)
  const norm = globalNorm(graph, slopes)
  const scale = maxNorm === undefined ? null : clipScale(graph, norm, maxNorm)
  const scalar = typeof rate === 'number' ? graph.scalar(rate) : rate
  if (scalar.shape.length !== 0) throw new GraphError(`${name}: expected a rate [], got ${showShape(scalar.shape)}`)
  const effects = parameters.flatMap((parameter, k) => {
    const state = (what: string) => graph.variable(`${name}.${parameter.name}.${what}`, parameter.shape)
    return step(parameter, slopes[k]!, { rate: scalar, scale, state })
  })
  return { effects, norm }
}

/** The gradient as it is cut. */
export function scaled(graph: Graph, gradient: Tensor, scale: Tensor | null): Tensor {
  return scale === null ? gradient : graph.mul(gradient, scale)
}
