import { expect } from 'vitest'

/** Equal within `tolerance` of the largest of both rows, 1 at least; NaN and infinities stand at the same places. */
export function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = ''): void {
  expect(got.length, what).toBe(expected.length)
  const finite = Array.from(expected).filter(Number.isFinite).map(Math.abs)
  const allowed = tolerance * Math.max(1, ...finite)
  for (let k = 0; k < expected.length; k++) {
    const [a, b] = [got[k]!, expected[k]!]
    if (Object.is(a, b) || Math.abs(a - b) <= allowed) continue
    expect.fail(`${what}: expected ${b} at ${k}, got ${a} (within ${allowed})`)
  }
}
