import { NonFiniteError, ShapeError } from '#env/errors.js'
import { type BootstrapOptions, type Interval, stratifiedBootstrap } from './bootstrap.js'
import { mean } from './mean.js'

/** The mean of differences over pairs, and a bootstrap interval of it. */
export interface PairedDifference extends Interval {
  readonly mean: number
}

/**
 * How much better one policy is than another on the same folds, or on the same seeds: the mean of (scores - reference) pair
 * by pair, with a percentile bootstrap interval that draws pairs within their repetition. What makes a fold or a seed easy or
 * hard cancels out.
 *
 * Folds of one repetition share training rows and repetitions share test rows, so the interval is narrower than one over
 * independent data would be; it says how stable the difference is over splits of this set.
 * @param scores - [repetitions][folds]
 * @param reference - [repetitions][folds], of the same folds in the same order
 * @throws ShapeError when the two differ in shape or are empty
 * @throws NonFiniteError when a score is NaN or infinite
 */
export function pairedDifference(
  scores: readonly (readonly number[])[],
  reference: readonly (readonly number[])[],
  options: BootstrapOptions,
): PairedDifference {
  const shape = (table: readonly (readonly number[])[]): string => table.map((folds) => folds.length).join('+')
  if (shape(scores) !== shape(reference)) {
    throw new ShapeError(
      `pairedDifference: expected the same folds for both, got ${shape(scores)} and ${shape(reference)}`,
    )
  }
  const differences = scores.map((folds, repetition) =>
    folds.map((score, fold) => {
      const difference = score - reference[repetition]![fold]!
      if (Number.isFinite(difference)) return difference
      throw new NonFiniteError(
        `pairedDifference: expected finite scores, got ${score} and ${reference[repetition]![fold]} in fold ${fold} of repetition ${repetition}`,
      )
    }),
  )
  const interval = stratifiedBootstrap(differences, mean, options)
  return { mean: mean(differences.flat()), ...interval }
}
