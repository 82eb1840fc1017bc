import { ShapeError } from '#env/errors.js'

/**
 * Quantile of Student's t distribution with a whole number of degrees of freedom: the finite series of its distribution
 * function (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), inverted by bisection. Exact to about 1e-12.
 * @param p - in (0, 1)
 * @param degrees - whole number >= 1
 * @throws ShapeError when p or degrees lie outside
 */
export function tQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1) || !Number.isInteger(degrees) || degrees < 1) {
    throw new ShapeError(`tQuantile: expected p in (0, 1) and whole degrees of freedom >= 1, got ${p} and ${degrees}`)
  }
  const central = Math.abs(2 * p - 1)
  // In the angle atan(t / sqrt(degrees)) the search is bounded.
  let low = 0
  let high = Math.PI / 2
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2
    if (centralProbability(middle, degrees) < central) low = middle
    else high = middle
  }
  const t = Math.sqrt(degrees) * Math.tan((low + high) / 2)
  return p < 0.5 ? -t : t
}

/** Probability that |T| < sqrt(degrees) tan(angle). */
function centralProbability(angle: number, degrees: number): number {
  const cos = Math.cos(angle)
  const cos2 = cos * cos
  const odd = degrees % 2
  // Terms of the series: 1, 1/2 cos^2, 1/2 3/4 cos^4, ... for even degrees; cos, 2/3 cos^3, 2/3 4/5 cos^5, ... for odd.
  let term = odd === 1 ? Math.cos(angle) : 1
  let sum = 0
  for (let k = odd; k <= degrees - 2; k += 2) {
    sum += term
    term *= ((k + 1) / (k + 2)) * cos2
  }
  return odd === 1 ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}
