import { ModelError } from '#env/errors.js'

/** @throws ModelError unless gamma lies in [0, 1) */
export function checkDiscount(where: string, discount: number): void {
  if (discount >= 0 && discount < 1) return
  const hint =
    discount === 1
      ? 'undiscounted problems that end are for `stochasticShortestPath`; or use a discount such as 0.999'
      : 'give a discount of at least 0 and below 1'
  throw new ModelError(`${where}: expected a discount in [0, 1), got ${discount}; ${hint}`)
}

/** @throws ModelError unless epsilon is positive and finite */
export function checkEpsilon(where: string, epsilon: number): void {
  if (epsilon > 0 && epsilon < Number.POSITIVE_INFINITY) return
  throw new ModelError(`${where}: expected a positive finite epsilon, got ${epsilon}; give an accuracy such as 1e-8`)
}
