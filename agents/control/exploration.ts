import type { Rng } from '#env/rng.js'

/** What was drawn among the choices that are open. */
export interface Drawn {
  /** Place in the list of choices. */
  readonly place: number
  /** Whether exploration chose it, rather than the base distribution. */
  readonly explored: boolean
}

/**
 * Chance of each of `base.length` choices: (1 - epsilon) base + epsilon / n, written over `base`, which sums to 1. Exactly what
 * `drawExploring` draws by.
 */
export function exploringChances(base: Float64Array, epsilon: number): Float64Array {
  for (let place = 0; place < base.length; place++) base[place] = (1 - epsilon) * base[place]! + epsilon / base.length
  return base
}

/**
 * With probability epsilon one of n choices, uniformly; else what `otherwise` says. Draws nothing where epsilon is 0.
 * @param otherwise - place of the choice without exploration
 */
export function drawExploring(n: number, epsilon: number, rng: Rng, otherwise: () => number): Drawn {
  const explored = epsilon > 0 && rng.uniform() < epsilon
  return { place: explored ? rng.integer(n) : otherwise(), explored }
}
