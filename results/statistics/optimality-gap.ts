import { mean } from './mean.js'

/**
 * Optimality gap (Agarwal et al. 2021, section 4.3): how far normalised scores fall short of a target on average;
 * what lies above the target doesn't make up for it.
 * @param target - 1 when left out: the optimum of normalised scores
 * @throws ShapeError when there are no scores
 */
export function optimalityGap(scores: readonly number[], target = 1): number {
  return target - mean(scores.map((score) => Math.min(score, target)))
}
