import type { Rng } from '#env/rng.js'
import type { Engine } from '../graph/engine.js'
import type { Graph } from '../graph/graph.js'
import { GraphError } from '../graph/graph-error.js'
import { type Shape, sameShape, showShape, sizeOf, type Tensor } from '../graph/tensor.js'
import { standardNormal } from '../standard-normal.js'

/**
 * How a parameter starts. uniform: in [-bound, bound); orthogonal: a matrix whose shorter side's vectors are orthonormal, times a gain
 * (Saxe et al. 2014); constant.
 */
export type Initial =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'orthogonal'; readonly gain: number }
  | { readonly kind: 'constant'; readonly value: number }

/** Names a parameter, says how it starts, and gives it as a node. Named again it is the same. */
export type Parameter = (name: string, shape: Shape, initial: Initial) => Tensor

/** All that is learned: bound to a graph as it is, or as a copy of another name, such as a target network. */
export class ParameterSet {
  readonly #known = new Map<string, { readonly shape: Shape; readonly initial: Initial }>()

  get shapes(): ReadonlyMap<string, { readonly shape: Shape }> {
    return this.#known
  }

  /** Parameters of a graph, `prefix` before their names. */
  in(graph: Graph, prefix: string): Parameter {
    return (name, shape, initial) => {
      const known = this.#known.get(name)
      if (known !== undefined && !sameShape(known.shape, shape)) {
        throw new GraphError(
          `parameter "${name}" is ${showShape(known.shape)} already, got ${showShape(shape)}; give each its own name`,
        )
      }
      if (known === undefined) this.#known.set(name, { shape, initial })
      return graph.variable(prefix + name, shape)
    }
  }

  /** Draws all, in the order in which they were named, into each of the copies. */
  initialise(engine: Engine, rng: Rng, prefixes: readonly string[]): void {
    for (const [name, { shape, initial }] of this.#known) {
      const values = initialValues(shape, initial, rng)
      for (const prefix of prefixes) engine.variable(prefix + name)?.set(values)
    }
  }
}

/** @throws GraphError where something orthogonal is no matrix */
export function initialValues(shape: Shape, initial: Initial, rng: Rng): Float64Array {
  const values = new Float64Array(sizeOf(shape))
  if (initial.kind === 'constant') return values.fill(initial.value)
  if (initial.kind === 'orthogonal') return orthogonal(shape, initial.gain, rng)
  return values.map(() => (2 * rng.uniform() - 1) * initial.bound)
}

/** Gram and Schmidt on normal vectors, twice over, so that rounding leaves nothing. */
function orthogonal(shape: Shape, gain: number, rng: Rng): Float64Array {
  if (shape.length !== 2) throw new GraphError(`orthogonal: expected a matrix, got ${showShape(shape)}`)
  const [rows, columns] = shape as [number, number]
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  const vectors: Float64Array[] = []
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, () => standardNormal(rng))
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const along = vector.reduce((sum, x, j) => sum + x * other[j]!, 0)
        for (let j = 0; j < length; j++) vector[j] = vector[j]! - along * other[j]!
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
    vectors.push(vector.map((x) => x / norm))
  }
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns]
    return gain * (rows <= columns ? vectors[row]![column]! : vectors[column]![row]!)
  })
}
