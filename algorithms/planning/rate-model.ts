import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** A model whose average reward a step is what another earns per unit of time. */
export interface RateModel {
  readonly mdp: TabularMdp
  /** eta: relative values of the other model are so many times its own. */
  readonly scale: number
}

/**
 * The data transformation of Schweitzer (1971; Puterman 1994, section 11.5.1): with y(s, a) the expected time of a step and eta the
 * least of them, rewards r / y and probabilities eta / y P + (1 - eta / y) I. Every policy has the same gain in both models.
 * The model itself where all steps take time 1.
 * @param mdp - which has passed its checks
 */
export function rateModel(mdp: TabularMdp): RateModel {
  const { elapsed, ...untimed } = mdp
  if (elapsed === undefined) return { mdp, scale: 1 }
  const { numActions, rowStart, successor, probability } = mdp
  const rows = rowStart.length - 1
  const time = new Float64Array(rows)
  let scale = Number.POSITIVE_INFINITY
  for (let row = 0; row < rows; row++) {
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) time[row]! += probability[k]! * elapsed[k]!
    if (time[row]! > 0 && time[row]! < scale) scale = time[row]!
  }
  const starts = new Int32Array(rows + 1)
  const next: number[] = []
  const weight: number[] = []
  const reward = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    if (time[row]! > 0) {
      const moves = scale / time[row]!
      reward[row] = mdp.reward[row]! / time[row]!
      for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
        next.push(successor[k]!)
        weight.push(moves * probability[k]!)
      }
      if (moves < 1) {
        next.push(Math.floor(row / numActions))
        weight.push(1 - moves)
      }
    }
    starts[row + 1] = next.length
  }
  const timed = { rowStart: starts, successor: Int32Array.from(next), probability: Float64Array.from(weight), reward }
  return { mdp: { ...untimed, ...timed }, scale }
}
