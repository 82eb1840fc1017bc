import { broadcastShape } from './broadcast.js'
import { GraphError } from './graph-error.js'
import type { Operation } from './operation.js'
import { type Shape, sameShape, showShape, sizeOf } from './tensor.js'

function checkAxes(what: string, axes: readonly number[], shape: Shape): void {
  if (axes.every((axis, k) => Number.isInteger(axis) && axis >= 0 && axis < shape.length && axes.indexOf(axis) === k))
    return
  throw new GraphError(`${what}: expected axes of ${showShape(shape)}, got ${showShape(axes)}`)
}

/** Operations that move numbers about, or add them up. */
export const shaping: { readonly [name: string]: Operation } = {
  reshape: {
    infer: ([x], { shape }) => {
      const to = shape as Shape
      if (sizeOf(to) !== sizeOf(x!.shape))
        throw new GraphError(`reshape: ${showShape(x!.shape)} has another size than ${showShape(to)}`)
      return { shape: to, dtype: x!.dtype }
    },
    gradient: (graph, { inputs: [x] }, g) => [graph.reshape(g, x!.shape)],
  },
  transpose: {
    infer: ([x], { axes }) => {
      const order = axes as readonly number[]
      checkAxes('transpose', order, x!.shape)
      if (order.length !== x!.shape.length)
        throw new GraphError(`transpose: expected all axes of ${showShape(x!.shape)}, got ${showShape(order)}`)
      return { shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype }
    },
    gradient: (graph, { attributes: { axes } }, g) => {
      const order = axes as readonly number[]
      return [
        graph.transpose(
          g,
          order.map((_, k) => order.indexOf(k)),
        ),
      ]
    },
  },
  broadcastTo: {
    infer: ([x], { shape }) => {
      const to = shape as Shape
      if (!sameShape(broadcastShape('broadcastTo', x!.shape, to), to)) {
        throw new GraphError(`broadcastTo: ${showShape(x!.shape)} can't be repeated to ${showShape(to)}`)
      }
      return { shape: to, dtype: x!.dtype }
    },
    gradient: (graph, { inputs: [x] }, g) => [graph.sumTo(g, x!.shape)],
  },
  /** Summed axes stay, with length 1. */
  sum: {
    infer: ([x], { axes }) => {
      checkAxes('sum', axes as readonly number[], x!.shape)
      if (x!.dtype !== 'f32') throw new GraphError(`sum: expected f32, got ${x!.dtype}`)
      return {
        shape: x!.shape.map((length, k) => ((axes as readonly number[]).includes(k) ? 1 : length)),
        dtype: 'f32',
      }
    },
    gradient: (graph, { inputs: [x] }, g) => [graph.broadcastTo(g, x!.shape)],
  },
  /** The largest along the last axis, which stays with length 1. The first of equal ones counts. */
  max: {
    infer: ([x]) => {
      if (x!.dtype !== 'f32' || x!.shape.length === 0)
        throw new GraphError(`max: expected f32 with an axis, got ${x!.dtype} ${showShape(x!.shape)}`)
      return { shape: [...x!.shape.slice(0, -1), 1], dtype: 'f32' }
    },
    gradient: (graph, { inputs: [x] }, g) => {
      const first = graph.argmax(x!)
      return [graph.scatter(first, graph.reshape(g, first.shape), x!.shape.at(-1)!)]
    },
  },
  /** i32, where the largest along the last axis stands: the first of equal ones. NaN is never the largest. */
  argmax: {
    infer: ([x]) => {
      if (x!.dtype !== 'f32' || x!.shape.length === 0)
        throw new GraphError(`argmax: expected f32 with an axis, got ${x!.dtype} ${showShape(x!.shape)}`)
      return { shape: x!.shape.slice(0, -1), dtype: 'i32' }
    },
  },
  concat: {
    infer: (inputs, { axis }) => {
      const [first] = inputs
      if (first === undefined) throw new GraphError('concat: expected one input at least')
      checkAxes('concat', [axis as number], first.shape)
      for (const one of inputs) {
        const fits = one.dtype === first.dtype && one.shape.length === first.shape.length
        if (!fits || one.shape.some((length, k) => k !== axis && length !== first.shape[k])) {
          throw new GraphError(
            `concat at axis ${axis}: ${showShape(first.shape)} and ${showShape(one.shape)} don't fit`,
          )
        }
      }
      const length = inputs.reduce((sum, { shape }) => sum + shape[axis as number]!, 0)
      return { shape: first.shape.with(axis as number, length), dtype: first.dtype }
    },
    gradient: (graph, { inputs, attributes: { axis } }, g) => {
      let from = 0
      return inputs.map(({ shape }) => {
        const begin = shape.map((_, k) => (k === axis ? from : 0))
        from += shape[axis as number]!
        return graph.slice(g, begin, shape)
      })
    },
  },
  slice: {
    infer: ([x], { begin, size }) => {
      const [from, lengths] = [begin as readonly number[], size as readonly number[]]
      const fits = from.length === x!.shape.length && lengths.length === from.length
      if (!fits || from.some((at, k) => at < 0 || lengths[k]! < 1 || at + lengths[k]! > x!.shape[k]!)) {
        throw new GraphError(
          `slice: ${showShape(lengths)} from ${showShape(from)} doesn't lie in ${showShape(x!.shape)}`,
        )
      }
      return { shape: lengths, dtype: x!.dtype }
    },
    gradient: (graph, { inputs: [x], attributes: { begin } }, g) => [
      graph.pad(g, begin as readonly number[], x!.shape),
    ],
  },
  /** Zeros of a shape, with x in it from `begin` on. */
  pad: {
    infer: ([x], { begin, shape }) => {
      const [from, to] = [begin as readonly number[], shape as Shape]
      const fits = from.length === to.length && x!.shape.length === to.length
      if (!fits || x!.shape.some((length, k) => from[k]! < 0 || from[k]! + length > to[k]!)) {
        throw new GraphError(`pad: ${showShape(x!.shape)} from ${showShape(from)} doesn't lie in ${showShape(to)}`)
      }
      return { shape: to, dtype: x!.dtype }
    },
    gradient: (graph, { inputs: [x], attributes: { begin } }, g) => [
      graph.slice(g, begin as readonly number[], x!.shape),
    ],
  },
}
