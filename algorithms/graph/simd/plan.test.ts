import { describe, expect, it } from 'vitest'
import { Graph } from '../graph.js'
import { plan } from './plan.js'

describe('a plan', () => {
  const graph = new Graph()
  const x = graph.input('x', [16])

  it('writes a chain of elementwise operations over itself', () => {
    const chain = graph.exp(graph.neg(graph.square(graph.exp(graph.neg(x)))))
    const { arenaBytes, compute } = plan({ outputs: { y: graph.sum(chain) }, effects: [] }, 1)
    expect(arenaBytes).toBe(64)
    expect(compute).toHaveLength(6)
  })

  it('computes once what depends on constants only', () => {
    const table = graph.exp(graph.broadcastTo(graph.scalar(2), [16]))
    const { once, compute } = plan({ outputs: { y: graph.mul(x, table) }, effects: [] }, 1)
    expect(once.map(({ node }) => node!.operation)).toEqual(['broadcastTo', 'exp'])
    expect(compute.map(({ node }) => node!.operation)).toEqual(['mul'])
  })

  it('does nothing for another name of the same numbers', () => {
    const y = graph.stopGradient(graph.reshape(graph.neg(x), [4, 4]))
    const { compute } = plan({ outputs: { y }, effects: [] }, 1)
    expect(compute.map(({ node }) => node!.operation)).toEqual(['neg'])
  })

  it('leaves out what no output or effect is made of', () => {
    graph.exp(graph.sqrt(x))
    expect(plan({ outputs: { x: graph.abs(x) }, effects: [] }, 1).compute).toHaveLength(1)
  })

  it('does not write over what is read later', () => {
    const once = graph.exp(x)
    const both = graph.add(graph.neg(once), once)
    const { arenaBytes } = plan({ outputs: { y: graph.sum(both) }, effects: [] }, 1)
    expect(arenaBytes).toBe(128)
  })
})
