import { expect, it } from 'vitest'
import type { PolicyBatch } from '../policy.js'
import { Rng } from '../rng.js'
import { StatePolicy } from './state-policy.js'

it('asks its rule about the state of each row, and writes no row more', () => {
  const batch: PolicyBatch = {
    layout: {
      agents: 1,
      heads: 1,
      observationSize: 0,
      numActions: 10,
      stateSize: 0,
      numQuantities: 0,
      actionsOf: Int32Array.of(10),
    },
    size: 3,
    observation: new Float32Array(0),
    mask: new Uint8Array(40).fill(1),
    observationId: Int32Array.of(4, 0, 2, 3),
    stateId: new Int32Array(4),
    state: new Float32Array(0),
  }
  const actions = Int32Array.of(-1, -1, -1, -1)
  const policy = new StatePolicy((state) => 2 * state + 1)
  policy.act(batch, new Rng('unused'), actions)
  expect([...actions]).toEqual([9, 1, 5, -1])
  expect(policy.observes).toBe('local')
})
