import { describe, expect, it } from 'vitest'
import { gradients } from './gradients.js'
import { Graph } from './graph.js'
import { GraphError } from './graph-error.js'
import { operations } from './operations.js'
import { ReferenceEngine } from './reference/reference-engine.js'
import { sizeOf, type Tensor } from './tensor.js'
import { expectGradients, weights } from './testing/finite-differences.js'
import { computed, graphOf, type OperationCase, titleOf } from './testing/operation-case.js'
import { shapedCases } from './testing/shaped-cases.js'

const differentiable = [...operations].filter(([, { gradient }]) => gradient !== undefined).map(([name]) => name)

/** Enough of each operation: central differences cost two runs a number. */
const SIZE = 120

function tried(operation: string): readonly OperationCase[] {
  return shapedCases.filter((one) => {
    const { output, inputs } = graphOf(one)
    const size = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    const counts = output.dtype === 'f32' && inputs.some(({ dtype }) => dtype === 'f32')
    return one.operation === operation && counts && size <= SIZE
  })
}

describe('gradients', () => {
  it.each(differentiable)('of %s are those of central differences, and theirs', (operation) => {
    const cases = tried(operation)
    expect(cases.length).toBeGreaterThan(0)
    for (const one of cases) {
      const { graph, inputs, output } = graphOf(one)
      const loss = graph.sum(graph.mul(output, weights(graph, output)))
      const given = Object.fromEntries(one.inputs.map(({ values }, k) => [`x${k}`, values]))
      const by = inputs.filter(({ dtype }) => dtype === 'f32')
      expectGradients(graph, loss, by, given, { what: titleOf(one) })
    }
  })

  /** Gradients of the sum of what is made of [..] numbers called x and y. */
  function slopesOf(
    make: (graph: Graph, x: Tensor, y: Tensor) => Tensor,
    given: { readonly x: readonly number[]; readonly y?: readonly number[] },
  ): readonly (readonly number[])[] {
    const graph = new Graph()
    const [x, y] = [graph.input('x', [given.x.length]), graph.input('y', [given.x.length])]
    const [byX, byY] = gradients(graph, graph.sum(make(graph, x, y)), [x, y]) as [Tensor, Tensor]
    const all = computed(new ReferenceEngine(), { byX, byY }, { y: given.x, ...given })
    return [all.byX!, all.byY!]
  }

  it('stand at ties as the table says', () => {
    expect(slopesOf((graph, x) => graph.relu(x), { x: [0, -1, 1] })[0]).toEqual([0, 0, 1])
    expect(slopesOf((graph, x) => graph.abs(x), { x: [0, -1, 1] })[0]).toEqual([0, -1, 1])
    expect(slopesOf((graph, x) => graph.clamp(x, -1, 2), { x: [-2, -1, 2, 3] })[0]).toEqual([0, 1, 1, 0])
    expect(slopesOf((graph, x) => graph.huber(x, 2), { x: [-3, -2, 0, 2, 9] })[0]).toEqual([-2, -2, 0, 2, 2])
    expect(slopesOf((graph, x) => graph.max(x), { x: [1, 5, 5, 2] })[0]).toEqual([0, 1, 0, 0])
    const [x, y] = [
      [1, 2, 3],
      [2, 2, 2],
    ] as const
    expect(slopesOf((graph, a, b) => graph.maximum(a, b), { x, y })).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ])
    expect(slopesOf((graph, a, b) => graph.minimum(a, b), { x, y })).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ])
  })

  it('are zeros of its shape for what the loss does not depend on, or only behind stopGradient', () => {
    const given = { x: [1, 2, 3], y: [4, 5, 6] }
    expect(slopesOf((graph, x) => graph.square(x), given)).toEqual([
      [2, 4, 6],
      [0, 0, 0],
    ])
    expect(slopesOf((graph, x, y) => graph.mul(graph.stopGradient(x), y), given)).toEqual([
      [0, 0, 0],
      [1, 2, 3],
    ])
    expect(slopesOf((graph, x, y) => graph.mul(graph.cast(graph.greater(x, y), 'f32'), y), given)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('add up over all ways from a node to the loss', () => {
    // x^2 + x y + x, and x once more through exp(0 x) x.
    const made = (graph: Graph, x: Tensor, y: Tensor) =>
      graph.add(graph.add(graph.square(x), graph.mul(x, y)), graph.mul(graph.exp(graph.mul(graph.scalar(0), x)), x))
    expect(slopesOf(made, { x: [3], y: [10] })).toEqual([[6 + 10 + 1], [3]])
  })

  it('leave out what the condition does not choose, even where it is no number', () => {
    const made = (graph: Graph, x: Tensor, y: Tensor) => graph.where(graph.greater(x, graph.scalar(0)), x, y)
    expect(slopesOf(made, { x: [1, -1], y: [Number.NaN, 2] })).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  it('are of one number of f32', () => {
    const graph = new Graph()
    const x = graph.input('x', [2])
    expect(() => gradients(graph, x, [x])).toThrow(GraphError)
    expect(() => gradients(graph, graph.argmax(x), [x])).toThrow(/one number of f32, got i32 \[\]/)
    expect(gradients(graph, graph.sum(x, [0]), [x])[0]!.shape).toEqual([2])
  })
})
