/**
 * Linear Q by stochastic gradient descent: Q(x, a) = w_a.x + c_a, one update for each observed (row, action, target). With
 * one-step rewards as targets it is a linear contextual bandit's value; with r + gamma max Q(x', .) semi-gradient Q-learning
 * (Sutton and Barto 2018, section 9.3).
 *
 * Step sizes are kept for each action and feature: words differ in frequency by orders of magnitude.
 * - constant: eta
 * - count: eta / n^power, n the times the feature was active with the action
 * - adagrad: eta / sqrt(eps + sum of squared gradients) (Duchi et al. 2011, section 1.1, diagonal)
 *
 * Penalty: a row of the table moves `penalty[feature] * w` where the feature is active. With penalty[j] = lambda / n_j, n_j
 * the rows that have feature j, the steps of one pass add up to the gradient of ridge's lambda |w|^2 / 2, without touching
 * features that aren't there. The intercept isn't penalised.
 */

import { NonFiniteError, ShapeError } from '#env/errors.js'
import { power } from '#env/power.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { rowDot } from './sparse-rows.js'

export type StepSchedule =
  | { readonly kind: 'constant'; readonly rate: number }
  | { readonly kind: 'count'; readonly rate: number; readonly power: number }
  | { readonly kind: 'adagrad'; readonly rate: number }

/** Everything that is learned. Saved by copying the three arrays. Row a of each table is [columns weights, intercept]. */
export interface LinearQState {
  readonly actions: number
  readonly columns: number
  /** f64 [actions * (columns + 1)] */
  readonly weights: Float64Array
  /** f64 [actions * (columns + 1)]: counts or sums of squared gradients */
  readonly schedule: Float64Array
}

/** A table of zeros. @throws ShapeError when a size isn't a positive whole number */
export function initLinearQ(actions: number, columns: number): LinearQState {
  if (!(Number.isInteger(actions) && actions > 0 && Number.isInteger(columns) && columns > 0)) {
    throw new ShapeError(`initLinearQ: expected positive whole sizes, got ${actions} actions and ${columns} columns`)
  }
  const size = actions * (columns + 1)
  return { actions, columns, weights: new Float64Array(size), schedule: new Float64Array(size) }
}

/** Q(x[row], action). Checks nothing: it is inner loops. */
export function linearQValue(state: LinearQState, x: SparseMatrix, row: number, action: number): number {
  const offset = action * (state.columns + 1)
  return rowDot(x, row, state.weights, offset) + state.weights[offset + state.columns]!
}

/**
 * One gradient step on (target - Q)^2 / 2 plus the penalty. Allocates nothing.
 * @param target - what Q(x[row], action) should have been, in reward units
 * @param penalty - f64 [columns], >= 0, or one number for all columns; 0 for none
 * @returns the error target - Q before the step
 * @throws ShapeError when the row, action or width doesn't fit
 * @throws NonFiniteError when the target isn't finite
 */
export function linearQUpdate(
  state: LinearQState,
  x: SparseMatrix,
  row: number,
  action: number,
  target: number,
  schedule: StepSchedule,
  penalty: Float64Array | number = 0,
): number {
  const { columns, weights } = state
  if (!(row >= 0 && row < x.rows && action >= 0 && action < state.actions && x.columns === columns)) {
    throw new ShapeError(
      `linearQUpdate: row ${row} and action ${action} of width ${x.columns} don't fit ${x.rows} rows, ${state.actions} actions, width ${columns}`,
    )
  }
  if (!Number.isFinite(target)) throw new NonFiniteError(`linearQUpdate: expected a finite target, got ${target}`)
  const offset = action * (columns + 1)
  const error = target - linearQValue(state, x, row, action)
  const end = x.rowStart[row + 1]!
  for (let k = x.rowStart[row]!; k < end; k++) {
    const column = x.index[k]!
    const entry = offset + column
    const decay = (typeof penalty === 'number' ? penalty : penalty[column]!) * weights[entry]!
    const gradient = error * x.value[k]! - decay
    weights[entry]! += stepSize(state.schedule, entry, gradient, schedule) * gradient
  }
  const intercept = offset + columns
  weights[intercept]! += stepSize(state.schedule, intercept, error, schedule) * error
  return error
}

/** Counts the step, then says how long it is. */
function stepSize(table: Float64Array, entry: number, gradient: number, schedule: StepSchedule): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate
    case 'count':
      table[entry]! += 1
      return schedule.rate / power(table[entry]!, schedule.power)
    case 'adagrad':
      table[entry]! += gradient * gradient
      return schedule.rate / Math.sqrt(1e-12 + table[entry]!)
  }
}
