import { ShapeError } from '#env/errors.js'

/** The arithmetic mean. @throws ShapeError when there are no values */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new ShapeError('mean: expected at least one value, got none')
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}
