import type { SparseMatrix } from '#env/sparse-matrix.js'
import { greedyValue } from '../greedy-action.js'
import type { RidgeTargets } from '../regression/choose-lambda.js'
import { InputRow, type LinearInput } from './linear-inputs.js'
import { linearValues } from './linear-policy.js'
import type { ReplayMemory } from './replay-memory.js'

/** A memory as a regression: steps on which the agent saw the same are one row. */
export interface ReplayRows {
  readonly x: SparseMatrix
  /** i32 [steps], the row of each step */
  readonly rowOf: Int32Array
  /** i32 [rows], equal where the sparse features are: what must be held out together */
  readonly keys: Int32Array
}

/** Gathers what was seen. @param features - of the environment, where it has them */
export function gatherRows(memory: ReplayMemory, features: SparseMatrix | undefined, input: LinearInput): ReplayRows {
  const { featureRow, observation } = memory.columns
  const { observationSize: size } = input
  const compare = (a: number, b: number) => {
    let order = featureRow[a]! - featureRow[b]!
    for (let j = 0; order === 0 && j < size; j++) order = observation[a * size + j]! - observation[b * size + j]!
    return order
  }
  const sorted = Int32Array.from({ length: memory.size }, (_, m) => m).sort((a, b) => compare(a, b) || a - b)
  const rowOf = new Int32Array(memory.size)
  const firsts: number[] = []
  sorted.forEach((m, at) => {
    if (at === 0 || compare(sorted[at - 1]!, m) !== 0) firsts.push(m)
    rowOf[m] = firsts.length - 1
  })
  const row = new InputRow(input)
  const read = (m: number) => row.read(features, featureRow[m]!, observation, m * size)
  const rowStart = new Int32Array(firsts.length + 1)
  firsts.forEach((m, r) => {
    rowStart[r + 1] = rowStart[r]! + read(m).rowStart[1]!
  })
  const index = new Int32Array(rowStart.at(-1)!)
  const value = new Float32Array(index.length)
  firsts.forEach((m, r) => {
    const { rowStart: own } = read(m)
    index.set(row.index.subarray(0, own[1]), rowStart[r])
    value.set(row.value.subarray(0, own[1]), rowStart[r])
  })
  const keys = Int32Array.from(firsts, (m, r) => (featureRow[m]! < 0 ? r : featureRow[m]!))
  return { x: { rows: firsts.length, columns: input.columns, rowStart, index, value }, rowOf, keys }
}

/**
 * Targets of each action under given values: the mean over a row's steps of what the action brought,
 * r + discount * max_a' Q(x', a'), and of what it would have earned where that is known.
 * @param weights - f64 [actions, columns + 1]: those values
 * @param repeats - average: a row counts once however often it was seen; count: as often as it was
 */
export function replayTargets(
  memory: ReplayMemory,
  features: SparseMatrix | undefined,
  rows: ReplayRows,
  input: LinearInput,
  weights: Float64Array,
  repeats: 'average' | 'count',
): RidgeTargets[] {
  const { columns } = memory
  const actions = weights.length / (input.columns + 1)
  const outputs = Array.from({ length: actions }, () => ({
    target: new Float64Array(rows.x.rows),
    weight: new Float64Array(rows.x.rows),
  }))
  const add = (action: number, row: number, target: number) => {
    outputs[action]!.target[row]! += target
    outputs[action]!.weight[row]! += 1
  }
  const next = new InputRow(input)
  const values = new Float64Array(actions)
  const size = input.observationSize
  for (let m = 0; m < memory.size; m++) {
    const row = rows.rowOf[m]!
    const taken = columns.action[m]!
    const discount = columns.discount[m]!
    let target = columns.reward[m]!
    if (discount > 0) {
      const x = next.read(features, columns.nextFeatureRow[m]!, columns.nextObservation, m * size)
      linearValues(weights, x, actions, values)
      target += discount * greedyValue(values, 0, columns.nextMask, m * actions, actions)
    }
    add(taken, row, target)
    if (columns.actionReward.length === 0) continue
    for (let a = 0; a < actions; a++) {
      const known = columns.actionReward[m * actions + a]!
      if (a !== taken && !Number.isNaN(known)) add(a, row, known)
    }
  }
  for (const { target, weight } of outputs) {
    for (let row = 0; row < target.length; row++) {
      if (weight[row] === 0) continue
      target[row] = target[row]! / weight[row]!
      if (repeats === 'average') weight[row] = 1
    }
  }
  return outputs
}
