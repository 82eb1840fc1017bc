import fc from 'fast-check'
import { expect, it } from 'vitest'
import { UpdateChains } from './update-chains.js'

const ENTRIES = 5

/** Updates x -> (1 - rate) x + rate target of random entries, the last one idle. */
const batches = fc.array(
  fc.array(
    fc.record({ entry: fc.integer({ min: 0, max: ENTRIES }), rate: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  ),
  { minLength: 1, maxLength: 4 },
)

it('composes the updates of each entry in order, batch after batch', () => {
  fc.assert(
    fc.property(batches, (all) => {
      const most = Math.max(...all.map((batch) => batch.length)) + 1
      const chains = new UpdateChains(most, ENTRIES)
      for (const batch of all) {
        const entry = new Int32Array(most).fill(ENTRIES)
        batch.forEach((update, j) => {
          entry[j] = update.entry
        })
        const rate = Float64Array.from({ length: most }, (_, j) => (entry[j] === ENTRIES ? 0 : batch[j]!.rate))
        const inTurn = new Float64Array(ENTRIES)
        for (let j = 0; j < most; j++) {
          const e = entry[j]!
          if (e < ENTRIES) inTurn[e] = inTurn[e]! + rate[j]! * (j + 1 - inTurn[e]!)
        }
        // What tensors do, in f64: all updates take each round at once.
        let step = rate.map((r, j) => r * (j + 1))
        let keep = rate.map((r) => 1 - r)
        const rounds = chains.link(entry)
        for (const previous of rounds) {
          const [stepBefore, keepBefore] = [step, keep]
          step = stepBefore.map((s, j) => s + keepBefore[j]! * stepBefore[previous[j]!]!)
          keep = keepBefore.map((k, j) => k * keepBefore[previous[j]!]!)
        }
        const atOnce = new Float64Array(ENTRIES + 1)
        chains.target.forEach((place, j) => {
          atOnce[place] = step[j]!
        })
        inTurn.forEach((value, e) => {
          expect(Math.abs(atOnce[e]! - value)).toBeLessThanOrEqual(1e-12 * most)
        })
        const used = entry.filter((e) => e < ENTRIES)
        expect(chains.target.filter((place) => place < ENTRIES).sort()).toEqual(Int32Array.from(new Set(used)).sort())
      }
    }),
  )
})

it('takes no round where no two updates meet, and ceil(log2 L) for a chain of L', () => {
  const chains = new UpdateChains(9, 20)
  expect(chains.link(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 20))).toHaveLength(0)
  expect(chains.link(Int32Array.of(3, 3, 3, 3, 3, 20, 20, 20, 20))).toHaveLength(3)
  expect(chains.link(Int32Array.of(3, 3, 4, 4, 20, 20, 20, 20, 20))).toHaveLength(1)
})
