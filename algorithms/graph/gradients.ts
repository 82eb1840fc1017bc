import type { Graph } from './graph.js'
import { GraphError } from './graph-error.js'
import { operations } from './operations.js'
import { showShape, sizeOf, type Tensor } from './tensor.js'

/**
 * Gradients of a loss by some nodes, put into the graph: reverse accumulation, so that they can be differentiated again.
 * @param loss - f32 [] (or of one number)
 * @returns of each node one of its shape: zeros where the loss doesn't depend on it
 */
export function gradients(graph: Graph, loss: Tensor, by: readonly Tensor[]): Tensor[] {
  if (loss.dtype !== 'f32' || sizeOf(loss.shape) !== 1) {
    throw new GraphError(`a loss is one number of f32, got ${loss.dtype} ${showShape(loss.shape)}`)
  }
  const wanted = dependents(loss, by)
  const upstream = new Map<Tensor, Tensor>([[loss, graph.broadcastTo(graph.scalar(1), loss.shape)]])
  // What it is made of has smaller numbers: everything that uses a node comes before it.
  for (const node of [...wanted].sort((a, b) => b.id - a.id)) {
    const g = upstream.get(node)
    const rule = operations.get(node.operation)?.gradient
    if (g === undefined || rule === undefined) continue
    rule(graph, node, g).forEach((part, k) => {
      const input = node.inputs[k]!
      if (part === null || !wanted.has(input)) return
      const before = upstream.get(input)
      upstream.set(input, before === undefined ? part : graph.add(before, part))
    })
  }
  return by.map((node) => upstream.get(node) ?? graph.broadcastTo(graph.scalar(0), node.shape))
}

/** Nodes that the loss is made of, and that depend on some of these. */
function dependents(loss: Tensor, by: readonly Tensor[]): Set<Tensor> {
  const targets = new Set(by)
  const depends = new Map<Tensor, boolean>()
  const below = [...made(loss)].sort((a, b) => a.id - b.id)
  for (const node of below) {
    depends.set(node, targets.has(node) || node.inputs.some((input) => depends.get(input) === true))
  }
  return new Set(below.filter((node) => depends.get(node)))
}

/** A node, and all that it is made of. */
export function made(...roots: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>()
  const open = [...roots]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue
    found.add(node)
    open.push(...node.inputs)
  }
  return found
}
