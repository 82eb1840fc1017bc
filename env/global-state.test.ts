import { describe, expect, it } from 'vitest'
import { globalStateSize, writeGlobalState } from './global-state.js'
import type { PolicyBatch } from './policy.js'
import { allocateSlots, type SlotNeeds } from './slot.js'
import { ContraryTeam } from './testing/contrary-team.js'

const { spec: own } = new ContraryTeam()
/** The same team without a state vector: it observes 2, 1 and 3 numbers. */
const none = { ...own, stateSize: 0 }

/** Two rows whose numbers tell where they come from; unused tails are -1. */
function batchOf(spec: typeof own, needs?: SlotNeeds): PolicyBatch {
  const batch = { ...allocateSlots(spec, 2, needs), size: 2 }
  batch.state.forEach((_, k) => {
    batch.state[k] = 100 + k
  })
  batch.observation.set(
    [1, 2, -1, 3, -1, -1, 4, 5, 6, 7, 8, -1, 9, -1, -1, 10, 11, 12].slice(0, batch.observation.length),
  )
  return batch
}

describe('the global state', () => {
  it("is the environment's own where there is one", () => {
    const out = new Float32Array(6)
    writeGlobalState(own, batchOf(own), out)
    expect(globalStateSize(own)).toBe(3)
    expect([...out]).toEqual([100, 101, 102, 103, 104, 105])
    writeGlobalState(own, batchOf(own, { observation: false }), out)
    expect(out[5]).toBe(105)
  })

  it('is what the agents observe, side by side, without unused tails, where there is none', () => {
    const out = new Float32Array(12)
    writeGlobalState(none, batchOf(none), out)
    expect(globalStateSize(none)).toBe(6)
    expect([...out]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  it('refuses other sizes, and views that nobody asked for', () => {
    const refused = (run: () => void, message: RegExp) =>
      expect(run).toThrow(expect.objectContaining({ code: 'ERR_SHAPE', message: expect.stringMatching(message) }))
    refused(() => writeGlobalState(own, batchOf(own), new Float32Array(5)), /expected room for 2 x 3 numbers, got 5/)
    refused(
      () => writeGlobalState(own, batchOf(own, { state: false }), new Float32Array(6)),
      /expected 6 numbers in batch\.state, got 0; ask for it \(SlotNeeds\.state\)/,
    )
    refused(
      () => writeGlobalState(none, batchOf(none, { observation: false }), new Float32Array(12)),
      /expected 18 numbers in batch\.observation, got 0; ask for it \(SlotNeeds\.observation\)/,
    )
  })
})
