/**
 * The distribution of min(X, most) for X Poisson of the given mean: f64 [most + 1]. What lies beyond is added to the last
 * entry, so that nothing is cut off.
 */
export function cappedPoisson(mean: number, most: number): Float64Array {
  const probability = new Float64Array(most + 1)
  let next = Math.exp(-mean)
  let below = 0
  for (let k = 0; k < most; k++) {
    probability[k] = next
    below += next
    next *= mean / (k + 1)
  }
  probability[most] = Math.max(0, 1 - below)
  return probability
}
