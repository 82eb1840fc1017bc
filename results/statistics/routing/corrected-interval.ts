import { ShapeError } from '#env/errors.js'
import type { Interval } from '../bootstrap.js'
import { mean } from '../mean.js'
import { tQuantile } from '../t-quantile.js'

/**
 * Corrected resampled t interval of a mean difference over the folds of a repeated cross-validation (Nadeau and Bengio
 * 2003, section 3.2): the variance of the mean is (1/J + testRows/trainRows) times the sample variance of the J
 * differences, with J - 1 degrees of freedom. Training rows shared between folds make the plain 1/J too small.
 * @param differences - [J], at least two
 * @param testToTrain - rows tested on over rows trained on: 1/4 in five folds
 * @throws ShapeError when there are fewer than two differences or the ratio isn't positive
 */
export function correctedInterval(differences: readonly number[], testToTrain: number, level = 0.95): Interval {
  const folds = differences.length
  if (folds < 2 || !(testToTrain > 0)) {
    throw new ShapeError(
      `correctedInterval: expected two differences at least and a ratio above 0, got ${folds} and ${testToTrain}`,
    )
  }
  const centre = mean(differences)
  const variance = differences.reduce((sum, one) => sum + (one - centre) * (one - centre), 0) / (folds - 1)
  const reach = tQuantile((1 + level) / 2, folds - 1) * Math.sqrt((1 / folds + testToTrain) * variance)
  return { low: centre - reach, high: centre + reach }
}
