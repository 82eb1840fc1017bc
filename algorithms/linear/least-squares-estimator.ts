import { z } from 'zod'
import { ConfigError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import {
  type DiagonalState,
  diagonalUpdate,
  diagonalVariance,
  initDiagonal,
} from '../regression/diagonal-least-squares.js'
import {
  initLeastSquares,
  type LeastSquaresState,
  leastSquaresUpdate,
  leastSquaresVariance,
} from '../regression/recursive-least-squares.js'
import type { LinearInput } from './linear-inputs.js'
import type { LinearEstimator } from './online-learner.js'

/** Settings of learners on recursive least squares. */
export const leastSquaresConfig = z.strictObject({
  lambda: z.number().gt(0).default(1).describe('penalty of the squared weights, intercept included'),
  covariance: z
    .enum(['auto', 'full', 'diagonal'])
    .default('auto')
    .describe('full: exact, memory grows with the square of the features; diagonal: wide features; auto: by fullLimit'),
  fullLimit: z
    .int()
    .min(1)
    .max(8192)
    .default(256)
    .describe('most features (columns, observed numbers and the intercept) that a full covariance is kept for'),
})

export type LeastSquaresConfig = z.infer<typeof leastSquaresConfig>

/**
 * One recursive least squares problem an action: exact where the features are few, with a diagonal covariance where they
 * are many.
 * @throws ConfigError when a full covariance is asked for more than `fullLimit` features
 */
export function leastSquaresEstimator(
  input: LinearInput,
  actions: number,
  config: LeastSquaresConfig,
): LinearEstimator {
  const width = input.columns + 1
  const { covariance, fullLimit, lambda } = config
  if (covariance === 'full' && width > fullLimit) {
    throw new ConfigError([
      {
        path: 'covariance',
        message: `a full covariance of ${width} features takes ${Math.ceil((8 * actions * width * width) / 2 ** 20)} MiB, fullLimit is ${fullLimit}; use diagonal, encode to fewer columns, or raise fullLimit`,
      },
    ])
  }
  const full = covariance === 'full' || (covariance === 'auto' && width <= fullLimit)
  return full ? fullEstimator(input, actions, lambda) : diagonalEstimator(input, actions, lambda)
}

function fullEstimator({ columns }: LinearInput, actions: number, lambda: number): LinearEstimator {
  const width = columns + 1
  const weights = new Float64Array(actions * width)
  const roots = new Float64Array(actions * width * width)
  const states = Array.from({ length: actions }, (_, a): LeastSquaresState => {
    const fresh = initLeastSquares(width, lambda)
    const root = roots.subarray(a * width * width, (a + 1) * width * width)
    root.set(fresh.root)
    return { ...fresh, mean: weights.subarray(a * width, (a + 1) * width), root }
  })
  const dense = new Float64Array(width)
  return {
    weights,
    arrays: { weights, roots },
    update: (x, action, target) => leastSquaresUpdate(states[action]!, writeDense(x, dense), target),
    variance: (x, action) => leastSquaresVariance(states[action]!, writeDense(x, dense)),
  }
}

function diagonalEstimator({ columns }: LinearInput, actions: number, lambda: number): LinearEstimator {
  const width = columns + 1
  const weights = new Float64Array(actions * width)
  const variances = new Float64Array(actions * width)
  const states = Array.from({ length: actions }, (_, a): DiagonalState => {
    const variance = variances.subarray(a * width, (a + 1) * width)
    variance.set(initDiagonal(columns, lambda).variance)
    return { columns, mean: weights.subarray(a * width, (a + 1) * width), variance }
  })
  return {
    weights,
    arrays: { weights, variances },
    update: (x, action, target) => diagonalUpdate(states[action]!, x, 0, target),
    variance: (x, action) => diagonalVariance(states[action]!, x, 0),
  }
}

/** Row 0 and the intercept's 1. */
function writeDense(x: SparseMatrix, out: Float64Array): Float64Array {
  out.fill(0)
  const end = x.rowStart[1]!
  for (let k = 0; k < end; k++) out[x.index[k]!] = x.value[k]!
  out[x.columns] = 1
  return out
}
