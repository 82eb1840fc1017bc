import { describe, expect, it } from 'vitest'
import { Graph } from './graph.js'
import { GraphError } from './graph-error.js'
import type { Tensor } from './tensor.js'

function made() {
  const graph = new Graph()
  const [f, i, u] = [graph.input('f', [2, 3]), graph.input('i', [2], 'i32'), graph.input('u', [2, 3], 'u8')]
  return { graph, f, i, u }
}

describe('a graph', () => {
  it('makes what does the same to the same one node', () => {
    const { graph, f } = made()
    const nodes = () => graph.nodes.length
    const y = graph.mul(graph.exp(f), graph.scalar(2))
    const before = nodes()
    expect(graph.mul(graph.exp(f), graph.scalar(2))).toBe(y)
    expect(graph.input('f', [2, 3])).toBe(f)
    expect(nodes()).toBe(before)
    expect(graph.mul(graph.scalar(2), graph.exp(f))).not.toBe(y)
    expect(graph.scalar(-0)).not.toBe(graph.scalar(0))
    expect(graph.scalar(Number.NaN)).not.toBe(graph.scalar(Number.POSITIVE_INFINITY))
    expect(graph.clamp(f, 0, 1)).not.toBe(graph.clamp(f, 0, 2))
    expect(graph.constant([1], [], 'i32')).not.toBe(graph.scalar(1))
  })

  it('leaves out what changes nothing', () => {
    const { graph, f } = made()
    expect(graph.reshape(f, [2, 3])).toBe(f)
    expect(graph.broadcastTo(f, [2, 3])).toBe(f)
    expect(graph.slice(f, [0, 0], [2, 3])).toBe(f)
    expect(graph.pad(f, [0, 0], [2, 3])).toBe(f)
    expect(graph.cast(f, 'f32')).toBe(f)
    expect(graph.concat([f], 0)).toBe(f)
    expect(graph.sum(f, [])).toBe(f)
  })

  it('numbers nodes so that what one is made of comes before it', () => {
    const { graph, f } = made()
    graph.mean(graph.square(f))
    for (const { id, inputs } of graph.nodes) for (const input of inputs) expect(input.id).toBeLessThan(id)
  })

  type Wrong = (all: { graph: Graph; f: Tensor; i: Tensor; u: Tensor }) => unknown
  const refused: readonly (readonly [RegExp, Wrong])[] = [
    [/add: \[2, 3\] and \[2\] don't fit: 3 and 2 at axis 1/, ({ graph, f }) => graph.add(f, graph.input('x', [2]))],
    [/add: expected f32, got i32/, ({ graph, f, i }) => graph.add(f, i)],
    [/exp: expected f32, got u8/, ({ graph, u }) => graph.exp(u)],
    [/greater: expected equal types, got f32 and u8/, ({ graph, f, u }) => graph.greater(f, u)],
    [/where: expected a condition of u8, got f32/, ({ graph, f }) => graph.where(f, f, f)],
    [/clamp: expected low <= high, got 2, 1/, ({ graph, f }) => graph.clamp(f, 2, 1)],
    [/huber: expected delta above 0, got 0/, ({ graph, f }) => graph.huber(f, 0)],
    [/reshape: \[2, 3\] has another size than \[4\]/, ({ graph, f }) => graph.reshape(f, [4])],
    [/transpose: expected axes of \[2, 3\], got \[0, 2\]/, ({ graph, f }) => graph.transpose(f, [0, 2])],
    [/transpose: expected all axes of \[2, 3\], got \[1\]/, ({ graph, f }) => graph.transpose(f, [1])],
    [/broadcastTo: \[2, 3\] can't be repeated to \[3\]/, ({ graph, f }) => graph.broadcastTo(f, [3])],
    [/sum: expected axes of \[2, 3\], got \[1, 1\]/, ({ graph, f }) => graph.sum(f, [1, 1])],
    [/sum: expected f32, got u8/, ({ graph, u }) => graph.sum(u)],
    [/max: expected f32 with an axis, got f32 \[\]/, ({ graph }) => graph.max(graph.scalar(1))],
    [/argmax: expected f32 with an axis, got u8/, ({ graph, u }) => graph.argmax(u)],
    [/concat at axis 0: \[2, 3\] and \[2\] don't fit/, ({ graph, f }) => graph.concat([f, graph.input('x', [2])], 0)],
    [/concat at axis 0: .* don't fit/, ({ graph, f, u }) => graph.concat([f, u], 0)],
    [/concat: expected one input at least/, ({ graph }) => graph.concat([], 0)],
    [
      /slice: \[2, 3\] from \[1, 0\] doesn't lie in \[2, 3\]/,
      ({ graph, f }) => graph.apply('slice', [f], { begin: [1, 0], size: [2, 3] }),
    ],
    [/slice: \[1\] from \[0\] doesn't lie/, ({ graph, f }) => graph.slice(f, [0], [1])],
    [/pad: \[2, 3\] from \[1, 1\] doesn't lie in \[3, 3\]/, ({ graph, f }) => graph.pad(f, [1, 1], [3, 3])],
    [/pad: \[2, 3\] from \[0\] doesn't lie in \[9\]/, ({ graph, f }) => graph.pad(f, [0], [9])],
    [/pad: \[2, 3\] from \[0, 0, 0\] doesn't lie in \[2, 3, 4\]/, ({ graph, f }) => graph.pad(f, [0, 0, 0], [2, 3, 4])],
    [/matmul: \[2, 3\] and \[2, 3\] don't fit: 3 columns by 2 rows/, ({ graph, f }) => graph.matmul(f, f)],
    [
      /matmul: .* their batches differ/,
      ({ graph }) => graph.matmul(graph.input('a', [2, 1, 1]), graph.input('b', [3, 1, 1])),
    ],
    [/matmul: .* equal numbers of axes/, ({ graph, f }) => graph.matmul(f, graph.input('b', [3]))],
    [/matmul: expected f32, got u8/, ({ graph, f, u }) => graph.matmul(f, u)],
    [
      /dense: input \[2, 3\], weights \[4, 5\] and bias \[5\]/,
      ({ graph, f }) => graph.dense(f, graph.input('w', [4, 5]), graph.input('b', [5])),
    ],
    [/dense: there is no activation "gelu"/, ({ graph, f }) => graph.dense(f, f, f, 'gelu' as 'relu')],
    [/gather: expected indices of i32, got f32/, ({ graph, f }) => graph.gather(f, graph.input('x', [2]))],
    [/gather: \[2, 3\] and indices \[3\] don't fit/, ({ graph, f }) => graph.gather(f, graph.input('x', [3], 'i32'))],
    [
      /gather: \[\] and indices \[\] don't fit/,
      ({ graph }) => graph.gather(graph.scalar(1), graph.constant([0], [], 'i32')),
    ],
    [/scatter: indices \[2\] and values \[2, 3\] don't fit/, ({ graph, f, i }) => graph.scatter(i, f, 4)],
    [
      /gatherRows: expected a table \[V, D\] of f32, got f32 \[3\]/,
      ({ graph, i }) => graph.gatherRows(graph.input('x', [3]), i),
    ],
    [
      /scatterAddRows: indices \[2\] and rows \[3, 1\] don't fit/,
      ({ graph, i }) => graph.apply('scatterAddRows', [i, graph.input('x', [3, 1])], { rows: 4 }),
    ],
    [
      /softmax: expected f32 and a mask of u8 of one shape, got f32 \[2, 3\] and f32/,
      ({ graph, f }) => graph.softmax(f, f),
    ],
    [/logSoftmax: .* u8 \[3\]/, ({ graph, f }) => graph.logSoftmax(f, graph.input('m', [3], 'u8'))],
    [/constant: 2 numbers for \[3\]/, ({ graph }) => graph.constant([1, 2], [3])],
    [/input "f" is input f32 \[2, 3\] already, got f32 \[3, 2\]/, ({ graph }) => graph.input('f', [3, 2])],
    [/variable "f" is input f32 \[2, 3\] already/, ({ graph }) => graph.variable('f', [2, 3])],
    [/input: expected lengths from 1 on, got \[2, 0\]/, ({ graph }) => graph.input('x', [2, 0])],
    [/there is no operation "cosh"/, ({ graph, f }) => graph.apply('cosh', [f])],
    [/neg: an input belongs to another graph/, ({ f }) => new Graph().neg(f)],
  ]
  it.each(refused)('refuses what does not fit: %s', (message, wrong) => {
    expect(() => wrong(made())).toThrow(GraphError)
    expect(() => wrong(made())).toThrow(message)
  })
})
