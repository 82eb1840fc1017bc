/**
 * Linear contextual bandits on dense features of up to a few hundred dimensions: one ridge regression an arm, and two rules
 * for choosing an arm by how sure each is.
 * - LinUCB, disjoint models (Li et al. 2010, algorithm 1): the largest theta_a.x + alpha sqrt(x^T A_a^-1 x). Deviation: A_a
 *   starts at lambda I instead of I (equal for lambda 1).
 * - Thompson sampling (Agrawal and Goyal 2013, algorithm 1): theta_a drawn from N(mean_a, v^2 A_a^-1), the largest
 *   theta_a.x. Deviations: a model of its own for each arm, which is the paper's with the context in the arm's block; v is
 *   given instead of formed from R, epsilon and delta.
 * Arms are recursive least squares in square-root form: A_a^-1 = S S^T serves the bound and the draw alike.
 */
import { ShapeError } from '#env/errors.js'
import type { Rng } from '#env/rng.js'
import {
  initLeastSquares,
  type LeastSquaresState,
  leastSquaresMean,
  leastSquaresVariance,
} from '../regression/recursive-least-squares.js'
import { standardNormal } from '../standard-normal.js'

/** One model for each arm. Update the arm that was pulled with `leastSquaresUpdate`. */
export type BanditArms = readonly LeastSquaresState[]

/** @throws ShapeError when there is no arm, or as `initLeastSquares` */
export function initBandit(arms: number, features: number, lambda = 1): BanditArms {
  if (!(Number.isInteger(arms) && arms > 0)) throw new ShapeError(`initBandit: expected at least one arm, got ${arms}`)
  return Array.from({ length: arms }, () => initLeastSquares(features, lambda))
}

/**
 * Upper confidence bounds of all arms.
 * @param alpha - width of the bound in standard deviations, >= 0; 1 + sqrt(ln(2 / delta) / 2) in the paper
 * @param out - f64 [arms], written
 */
export function linUcbScores(arms: BanditArms, x: Float64Array, alpha: number, out: Float64Array): void {
  checkContext('linUcbScores', arms, x, out)
  for (let a = 0; a < arms.length; a++) {
    out[a] = leastSquaresMean(arms[a]!, x) + alpha * Math.sqrt(leastSquaresVariance(arms[a]!, x))
  }
}

/**
 * Scores of all arms under parameters drawn from their posteriors. theta.x with theta from N(mean, v^2 P) has the
 * distribution N(mean.x, v^2 x^T P x), arms being independent: it is drawn directly, one normal number an arm.
 * @param v - spread of the posterior, >= 0
 * @param out - f64 [arms], written
 */
export function thompsonScores(arms: BanditArms, x: Float64Array, v: number, rng: Rng, out: Float64Array): void {
  checkContext('thompsonScores', arms, x, out)
  for (let a = 0; a < arms.length; a++) {
    const spread = v * Math.sqrt(leastSquaresVariance(arms[a]!, x))
    out[a] = leastSquaresMean(arms[a]!, x) + spread * standardNormal(rng)
  }
}

function checkContext(where: string, arms: BanditArms, x: Float64Array, out: Float64Array): void {
  const features = arms[0]!.features
  if (x.length !== features || out.length !== arms.length) {
    throw new ShapeError(
      `${where}: expected ${features} features and room for ${arms.length} scores, got ${x.length} and ${out.length}`,
    )
  }
}
