/**
 * The legal action of highest value; ties go to the lowest index.
 * @param values - f64, the row starts at `row` and has `n` entries
 * @param mask - u8, 1 = legal; the row starts at `maskRow`
 * @returns the action, or -1 when none is legal
 */
export function greedyAction(values: Float64Array, row: number, mask: Uint8Array, maskRow: number, n: number): number {
  let best = -1
  let bestValue = Number.NEGATIVE_INFINITY
  for (let a = 0; a < n; a++) {
    if (mask[maskRow + a] === 1) {
      const value = values[row + a]!
      if (value > bestValue || best < 0) {
        best = a
        bestValue = value
      }
    }
  }
  return best
}

/** The highest value among legal actions; 0 when none is legal (an agent that no longer acts). */
export function greedyValue(values: Float64Array, row: number, mask: Uint8Array, maskRow: number, n: number): number {
  let best = Number.NEGATIVE_INFINITY
  for (let a = 0; a < n; a++) {
    if (mask[maskRow + a] === 1 && values[row + a]! > best) best = values[row + a]!
  }
  return best === Number.NEGATIVE_INFINITY ? 0 : best
}

/** The place of the highest of n values from `row` on, where illegal ones are -Infinity; ties go to the lowest, -1 when all are. */
export function highestOf(values: Float64Array, row: number, n: number): number {
  let best = -1
  let bestValue = Number.NEGATIVE_INFINITY
  for (let a = 0; a < n; a++) {
    const value = values[row + a]!
    if (value > bestValue) {
      best = a
      bestValue = value
    }
  }
  return best
}
