/**
 * base^exponent for base >= 0, the same to the last bit on every version of Node (its `**` is not): exp(exponent log base).
 * Exact for exponents 0 and 1; else the relative error is about 1e-16 (1 + |exponent log base|).
 */
export function power(base: number, exponent: number): number {
  if (exponent === 1 || base === 1) return base
  if (exponent === 0) return 1
  return base === 0 ? 0 : Math.exp(exponent * Math.log(base))
}
