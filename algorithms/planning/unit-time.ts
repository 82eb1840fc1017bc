/**
 * Models whose steps take time (semi-Markov: Puterman 1994, chapter 11), as models without: what follows an outcome of time tau
 * is discounted by gamma^tau. With tau' the shortest time, gamma^tau = gamma^tau' gamma^(tau - tau'): so the model of discount
 * gamma' = gamma^tau' and probabilities p gamma^(tau - tau') has the same values, and what its rows lack of 1 may as well end.
 * Planners and their bounds stay as they are. Ends have value 0 whenever they are reached, so their probabilities are left alone.
 *
 * At discount 1 and 0 times change nothing: nothing is discounted, or nothing follows. The powers are rounded to f64 once, as a
 * discount and probabilities are; bounds hold for the numbers so rounded.
 */
import { ModelError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { power } from '#env/power.js'
import { withExtraState } from './extra-state.js'

/** Probabilities that hold what their times discount beyond the shortest. */
export interface TimedProbabilities {
  /** gamma' */
  readonly discount: number
  /** f64 [nonzeros], p gamma^(tau - tau'): rows sum to at most 1. The model's own array where times change nothing. */
  readonly probability: Float64Array
}

/** @throws ModelError when the shortest time is so short that its discount is 1 in f64 */
export function timedProbabilities(mdp: TabularMdp, discount: number): TimedProbabilities {
  const { successor, probability, terminal, elapsed } = mdp
  if (elapsed === undefined || !(discount > 0 && discount < 1)) return { discount, probability }
  let shortest = Number.POSITIVE_INFINITY
  for (let k = 0; k < elapsed.length; k++) {
    if (terminal[successor[k]!] === 0 && elapsed[k]! < shortest) shortest = elapsed[k]!
  }
  if (shortest === Number.POSITIVE_INFINITY) return { discount, probability }
  const stepDiscount = power(discount, shortest)
  if (stepDiscount === 1) {
    throw new ModelError(
      `the shortest time of a step is ${shortest}, whose discount ${discount}^${shortest} is 1 in f64; give times in a smaller unit`,
    )
  }
  const powers = new Map<number, number>()
  const discounted = probability.map((p, k) => {
    if (terminal[successor[k]!] === 1) return p
    const longer = elapsed[k]! - shortest
    const factor = powers.get(longer) ?? power(discount, longer)
    powers.set(longer, factor)
    return p * factor
  })
  return { discount: stepDiscount, probability: discounted }
}

/** A model without times, and the discount of each of its steps. */
export interface UnitTime {
  readonly mdp: TabularMdp
  readonly discount: number
}

/**
 * The model without times that has the same values, its states first; one more, terminal, takes the probability that long times
 * cost. The model itself where times change nothing.
 * @param mdp - which has passed its checks
 */
export function unitTime(mdp: TabularMdp, discount: number): UnitTime {
  const { elapsed, ...untimed } = mdp
  if (elapsed === undefined) return { mdp, discount }
  const { discount: stepDiscount, probability } = timedProbabilities(mdp, discount)
  if (probability === mdp.probability) return { mdp: untimed, discount: stepDiscount }
  return { mdp: withLostMass(untimed, probability), discount: stepDiscount }
}

/** @param probability - f64 [nonzeros], entries at most those of the model: the rest goes to one more state, an end */
function withLostMass(mdp: TabularMdp, probability: Float64Array): TabularMdp {
  const { numStates, numActions, rowStart, successor } = mdp
  const rows = numStates * numActions
  const lost = new Float64Array(rows)
  let losing = 0
  for (let row = 0; row < rows; row++) {
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) lost[row]! += mdp.probability[k]! - probability[k]!
    if (lost[row]! > 0) losing++
  }
  if (losing === 0) return { ...mdp, probability }
  const entries = successor.length + losing
  const next = new Int32Array(entries)
  const weight = new Float64Array(entries)
  const starts = new Int32Array(rows + numActions + 1)
  let entry = 0
  for (let row = 0; row < rows; row++) {
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++, entry++) {
      next[entry] = successor[k]!
      weight[entry] = probability[k]!
    }
    if (lost[row]! > 0) {
      next[entry] = numStates
      weight[entry++] = lost[row]!
    }
    starts[row + 1] = entry
  }
  starts.fill(entry, rows + 1)
  const reward = new Float64Array(rows + numActions)
  reward.set(mdp.reward)
  const terminal = new Uint8Array(numStates + 1).fill(1, numStates)
  terminal.set(mdp.terminal)
  const { start, stateIds } = withExtraState(mdp)
  return {
    numStates: numStates + 1,
    numActions,
    rowStart: starts,
    successor: next,
    probability: weight,
    reward,
    terminal,
    start,
    stateIds,
  }
}
