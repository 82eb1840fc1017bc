import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena } from './arena.js'

describe('an arena', () => {
  it('hands out nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(5))), (steps) => {
        const arena = new Arena()
        const live: { at: number; bytes: number }[] = []
        for (const [bytes, gone] of steps) {
          const at = arena.take(bytes)
          expect(at % 64).toBe(0)
          expect(at + bytes).toBeLessThanOrEqual(arena.size)
          for (const other of live) expect(at + bytes <= other.at || other.at + other.bytes <= at).toBe(true)
          live.push({ at, bytes })
          const [given] = gone < live.length ? live.splice(gone, 1) : []
          if (given !== undefined) arena.give(given.at, given.bytes)
        }
      }),
    )
  })

  it('takes what was given back before it grows', () => {
    const arena = new Arena()
    const [a, b, c] = [arena.take(64), arena.take(128), arena.take(64)]
    arena.give(a, 64)
    arena.give(b, 128)
    expect(arena.take(192)).toBe(a)
    arena.give(c, 64)
    expect(arena.take(128)).toBe(c)
    expect(arena.size).toBe(320)
  })
})
