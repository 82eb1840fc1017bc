import { expect, it } from 'vitest'
import { Graph } from './graph/graph.js'

it('names the line of the network outside the graph that does not fit', () => {
  const graph = new Graph()
  const [x, weight] = [graph.input('x', [4, 3]), graph.variable('w', [2, 5])]
  expect(() => graph.dense(x, weight, graph.variable('b', [5]))).toThrow(
    /^dense: input \[4, 3\], weights \[2, 5\] and bias \[5\] don't fit \(.*graph-errors\.test\.ts:7\)$/,
  )
})
