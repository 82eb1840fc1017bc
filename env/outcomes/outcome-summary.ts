import type { ModelOutcomes } from './model-outcomes.js'

/** How the models of a table do, over the rows where it is known. */
export interface OutcomeSummary {
  readonly rows: number
  /** Mean correctness of each model, 0..1, and the rows it is known on; NaN-free: 0 rows give accuracy 0. */
  readonly models: readonly { readonly name: string; readonly known: number; readonly accuracy: number }[]
  /** Mean over rows of the best model's correctness: what a perfect router reaches; rows without any are left out. */
  readonly oracle: number
}

/** Accuracy of each model and of the per-query oracle. */
export function summariseOutcomes(table: ModelOutcomes): OutcomeSummary {
  const sums = new Float64Array(table.models.length)
  const known = new Int32Array(table.models.length)
  let oracle = 0
  let oracleRows = 0
  for (let row = 0; row < table.size; row++) {
    let best = -1
    for (let model = 0; model < table.models.length; model++) {
      const value = table.correct(row, model)
      if (value === undefined) continue
      sums[model]! += value
      known[model]!++
      best = Math.max(best, value)
    }
    if (best < 0) continue
    oracle += best
    oracleRows++
  }
  return {
    rows: table.size,
    models: table.models.map((name, m) => ({ name, known: known[m]!, accuracy: sums[m]! / Math.max(1, known[m]!) })),
    oracle: oracle / Math.max(1, oracleRows),
  }
}
