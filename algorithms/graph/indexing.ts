import { GraphError } from './graph-error.js'
import type { Operation } from './operation.js'
import { sameShape, showShape, type Tensor } from './tensor.js'

function checkIndices(what: string, indices: Tensor): void {
  if (indices.dtype !== 'i32') throw new GraphError(`${what}: expected indices of i32, got ${indices.dtype}`)
}

function checkMasked(what: string, x: Tensor, mask: Tensor): void {
  if (mask.dtype !== 'u8' || x.dtype !== 'f32' || x.shape.length === 0 || !sameShape(x.shape, mask.shape)) {
    throw new GraphError(
      `${what}: expected f32 and a mask of u8 of one shape, got ${x.dtype} ${showShape(x.shape)} and ${mask.dtype} ${showShape(mask.shape)}`,
    )
  }
}

/** Operations that pick by index, and distributions over what may be picked. An index outside is an error of the engine. */
export const indexing: { readonly [name: string]: Operation } = {
  /** Of each row of the last axis the number at its index: x [..., A], indices [...]. */
  gather: {
    infer: ([x, indices]) => {
      checkIndices('gather', indices!)
      const fits = x!.shape.length > 0 && sameShape(x!.shape.slice(0, -1), indices!.shape)
      if (x!.dtype !== 'f32' || !fits) {
        throw new GraphError(`gather: ${showShape(x!.shape)} and indices ${showShape(indices!.shape)} don't fit`)
      }
      return { shape: indices!.shape, dtype: 'f32' }
    },
    gradient: (graph, { inputs: [x, indices] }, g) => [graph.scatter(indices!, g, x!.shape.at(-1)!), null],
  },
  /** Rows of zeros, with a value at its index: indices and values [...], out [..., length]. */
  scatter: {
    infer: ([indices, values], { length }) => {
      checkIndices('scatter', indices!)
      if (values!.dtype !== 'f32' || !sameShape(indices!.shape, values!.shape)) {
        throw new GraphError(
          `scatter: indices ${showShape(indices!.shape)} and values ${showShape(values!.shape)} don't fit`,
        )
      }
      return { shape: [...values!.shape, length as number], dtype: 'f32' }
    },
    gradient: (graph, { inputs: [indices] }, g) => [null, graph.gather(g, indices!)],
  },
  /** Rows of a table [V, D] by indices [...]: [..., D]. */
  gatherRows: {
    infer: ([table, indices]) => {
      checkIndices('gatherRows', indices!)
      if (table!.dtype !== 'f32' || table!.shape.length !== 2) {
        throw new GraphError(
          `gatherRows: expected a table [V, D] of f32, got ${table!.dtype} ${showShape(table!.shape)}`,
        )
      }
      return { shape: [...indices!.shape, table!.shape[1]!], dtype: 'f32' }
    },
    gradient: (graph, { inputs: [table, indices] }, g) => [
      graph.apply('scatterAddRows', [indices!, g], { rows: table!.shape[0]! }),
      null,
    ],
  },
  /** A table [rows, D] of zeros, to whose rows those of values [..., D] are added, in their order. */
  scatterAddRows: {
    infer: ([indices, values], { rows }) => {
      checkIndices('scatterAddRows', indices!)
      if (values!.dtype !== 'f32' || !sameShape(values!.shape.slice(0, -1), indices!.shape)) {
        throw new GraphError(
          `scatterAddRows: indices ${showShape(indices!.shape)} and rows ${showShape(values!.shape)} don't fit`,
        )
      }
      return { shape: [rows as number, values!.shape.at(-1)!], dtype: 'f32' }
    },
    gradient: (graph, { inputs: [indices] }, g) => [null, graph.gatherRows(g, indices!)],
  },
  /** exp(x) / sum exp(x) along the last axis, over what the mask lets; 0 elsewhere. A row without anything is an error of the engine. */
  softmax: {
    infer: ([x, mask]) => {
      checkMasked('softmax', x!, mask!)
      return { shape: x!.shape, dtype: 'f32' }
    },
    gradient: (graph, y, g) => {
      const mean = graph.sum(graph.mul(g, y), [y.shape.length - 1])
      return [graph.mul(y, graph.sub(g, mean)), null]
    },
  },
  /** Its logarithm; 0 where the mask doesn't let, so that sums over p log p leave that out. */
  logSoftmax: {
    infer: ([x, mask]) => {
      checkMasked('logSoftmax', x!, mask!)
      return { shape: x!.shape, dtype: 'f32' }
    },
    gradient: (graph, { inputs: [x, mask], shape }, g) => {
      const own = graph.where(mask!, g, graph.scalar(0))
      const total = graph.sum(own, [shape.length - 1])
      return [graph.sub(own, graph.mul(graph.softmax(x!, mask!), total)), null]
    },
  },
}
