import { ShapeError } from '#env/errors.js'

/**
 * Interquartile mean: the mean of the middle half. As in rliable (Agarwal et al. 2021, section 4.3), which takes
 * scipy's trim_mean at 0.25: floor(n / 4) values are dropped at each end, so of 10 seeds the middle 6 count, and fewer
 * than 4 values are averaged whole.
 * @throws ShapeError when there are no values
 */
export function interquartileMean(values: ArrayLike<number>): number {
  return sortedInterquartileMean(Float64Array.from(values))
}

/** The same, sorting the array it is given. */
export function sortedInterquartileMean(scratch: Float64Array): number {
  const n = scratch.length
  if (n === 0) throw new ShapeError('interquartileMean: expected at least one value, got none')
  scratch.sort()
  const cut = Math.floor(n / 4)
  let sum = 0
  for (let i = cut; i < n - cut; i++) sum += scratch[i]!
  return sum / (n - 2 * cut)
}
