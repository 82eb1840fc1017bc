import { describe, expect, it } from 'vitest'
import { Graph } from '../graph.js'
import { operations } from '../operations.js'
import { engineConformance } from '../testing/engine-conformance.js'
import { kernelNames, ReferenceEngine } from './reference-engine.js'

describe('the reference engine', () => {
  engineConformance((seeds) => new ReferenceEngine(seeds), 1e-14)

  it('has every operation of the table', () => {
    expect([...kernelNames].sort()).toEqual([...operations.keys()].sort())
  })

  it('keeps f32 numbers as f64', () => {
    const graph = new Graph()
    const x = graph.input('x', [2])
    const executable = new ReferenceEngine().compile({ outputs: { y: graph.add(x, graph.scalar(0.1)) }, effects: [] })
    executable.input('x').set([0.2, 1 / 3])
    executable.run()
    expect([...executable.output('y')]).toEqual([0.1 + 0.2, 0.1 + 1 / 3])
  })
})
