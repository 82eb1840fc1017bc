import { describe, expect, it } from 'vitest'
import { modelOf } from '../testing/models.js'
import { chainGain, FEW_NODES } from './chain-gain.js'
import { PolicyRows } from './policy-rows.js'

describe('the gain of a chain', () => {
  // Node s goes on to s + 1 with chance 3/4, else back to node 0, the root; it pays s % 3.
  const chain = (size: number) => {
    const rows = Array.from({ length: size }, (_, s) => [
      s === size - 1 ? [[0, 1, s % 3] as const] : [[s + 1, 0.75, s % 3] as const, [0, 0.25, s % 3] as const],
    ])
    return new PolicyRows().ofPolicy(modelOf(rows), new Int32Array(size))
  }
  // Time in node s is 0.75^s times that in the root.
  const known = (size: number) => {
    const time = Array.from({ length: size }, (_, s) => 0.75 ** s)
    const all = time.reduce((sum, t) => sum + t, 0)
    return time.reduce((sum, t, s) => sum + (t / all) * (s % 3), 0)
  }

  it.each([1, 2, 30, FEW_NODES, FEW_NODES + 1])('and its relative values solve g + h = r + P h: %d nodes', (size) => {
    const rows = chain(size)
    const bias = new Float64Array(size)
    const gain = chainGain(rows, size, 0, bias)
    expect(Math.abs(gain - known(size))).toBeLessThan(1e-14)
    expect(bias[0]).toBe(0)
    for (let i = 0; i < size; i++) {
      let right = rows.reward[i]! - gain - bias[i]!
      for (let e = rows.first[i]!; e < rows.first[i + 1]!; e++) right += rows.probability[e]! * bias[rows.next[e]!]!
      expect(Math.abs(right)).toBeLessThan(1e-13)
    }
  })
})
