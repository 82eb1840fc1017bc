import { ModelError } from '#env/errors.js'
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { checkEpsilon } from './discount.js'
import { checkResolution } from './optimality-sweep.js'
import { planInUnitTime } from './plan-in-unit-time.js'
import type { Plan, Planner, PlanOptions } from './planner.js'
import { backupError, largestSize, measurePrecision } from './rounding.js'
import { unitTime } from './unit-time.js'

export interface InductionResult {
  /** f64 [S], V*, exact but for rounding. */
  readonly value: Float64Array
  /** i32 [S], optimal actions, ties to the lowest; -1 in terminal states. */
  readonly policy: Int32Array
}

/**
 * Backward induction in topological order (Bertsekas 1995, section 2.1): V* of a model in which no state can be reached
 * from itself, for any discount in [0, 1]. One pass over the transitions.
 * @returns null when the model has a cycle
 */
export function backwardInduction(mdp: TabularMdp, discount: number): InductionResult | null {
  const unit = unitTime(mdp, discount)
  const found = induct(unit.mdp, unit.discount)
  if (found === null || unit.mdp.numStates === mdp.numStates) return found
  return { value: found.value.subarray(0, mdp.numStates), policy: found.policy.subarray(0, mdp.numStates) }
}

function induct(mdp: TabularMdp, discount: number): InductionResult | null {
  const order = successorsFirst(mdp)
  if (order === null) return null
  const { numActions, rowStart, successor, probability, reward, terminal } = mdp
  const value = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  for (const s of order) {
    if (terminal[s] === 1) continue
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++) {
      const row = s * numActions + a
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) continue
      let next = 0
      for (let k = from; k < to; k++) next += probability[k]! * value[successor[k]!]!
      const q = reward[row]! + discount * next
      if (q > best) {
        best = q
        policy[s] = a
      }
    }
    value[s] = best
  }
  return { value, policy }
}

/** Whether no state can be reached from itself. */
export function isAcyclic(mdp: TabularMdp): boolean {
  return successorsFirst(mdp) !== null
}

/**
 * `backwardInduction` behind the contract, for any discount in [0, 1]. Its bounds are what rounding may have added up to along
 * the longest way through the model.
 */
export const backwardInductionPlanner: Planner = {
  name: 'backward-induction',
  plan: (mdp, options) => planInUnitTime(mdp, options, planBackward),
}

function planBackward(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon } = options
  if (!(discount >= 0 && discount <= 1)) {
    throw new ModelError(`backwardInduction: expected a discount in [0, 1], got ${discount}; give one such as 1`)
  }
  checkEpsilon('backwardInduction', epsilon)
  checkMdp(mdp)
  const order = successorsFirst(mdp)
  const found = order === null ? null : induct(mdp, discount)
  if (order === null || found === null) {
    throw new ModelError(
      'backwardInduction: expected a model that never comes back to a state, but this one has cycles; use another planner',
    )
  }
  const { value, policy } = found
  const precision = measurePrecision(mdp)
  const rounding = backupError({ ...precision, maxRowLength: 4 * precision.maxRowLength }, discount, largestSize(value))
  const error = new Float64Array(mdp.numStates)
  for (const s of order) {
    if (mdp.terminal[s] === 1) continue
    let after = 0
    const to = mdp.rowStart[(s + 1) * mdp.numActions]!
    for (let k = mdp.rowStart[s * mdp.numActions]!; k < to; k++) after = Math.max(after, error[mdp.successor[k]!]!)
    error[s] = rounding + discount * precision.maxRowSum * after
  }
  checkResolution('backwardInduction', options, 2 * largestSize(error))
  const lower = value.map((v, s) => v - error[s]!)
  const upper = value.map((v, s) => v + error[s]!)
  return { value, policy, lower, upper, iterations: 1, method: backwardInductionPlanner.name }
}

/** States with every successor before the states that lead to it; null when there is a cycle. Depth first, no recursion. */
function successorsFirst(mdp: TabularMdp): Int32Array | null {
  const { numStates, numActions, rowStart, successor } = mdp
  const open = 1
  const closed = 2
  const mark = new Uint8Array(numStates)
  const cursor = new Int32Array(numStates)
  const stack = new Int32Array(numStates)
  const order = new Int32Array(numStates)
  let filled = 0
  for (let root = 0; root < numStates; root++) {
    if (mark[root] !== 0) continue
    let depth = 0
    stack[0] = root
    mark[root] = open
    cursor[root] = rowStart[root * numActions]!
    while (depth >= 0) {
      const s = stack[depth]!
      if (cursor[s]! === rowStart[(s + 1) * numActions]!) {
        mark[s] = closed
        order[filled++] = s
        depth--
        continue
      }
      const next = successor[cursor[s]!]!
      cursor[s] = cursor[s]! + 1
      if (mark[next] === open) return null
      if (mark[next] === 0) {
        mark[next] = open
        cursor[next] = rowStart[next * numActions]!
        stack[++depth] = next
      }
    }
  }
  return order
}
