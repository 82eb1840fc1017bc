/**
 * base^exponent as exp(exponent * log(base)). The last bit of `**` differs between versions of Node; this one is used wherever a
 * discount is raised to a duration, so that all of them agree. Exact where the exponent is 0 or 1.
 * @param base - at least 0
 * @param exponent - at least 0, finite
 */
export function power(base: number, exponent: number): number {
  if (exponent === 1) return base
  if (exponent === 0) return 1
  return Math.exp(exponent * Math.log(base))
}
