import type { Rng } from '#env/rng.js'

/** A draw from N(0, 1) (Box and Muller 1958); two uniforms each time, so that the generator's state is all there is. */
export function standardNormal(rng: Rng): number {
  // 1 - u lies in (0, 1]: the logarithm is finite.
  const radius = Math.sqrt(-2 * Math.log(1 - rng.uniform()))
  return radius * Math.cos(2 * Math.PI * rng.uniform())
}
