/**
 * Policy iteration for the average reward of models that are weakly communicating: the best gain is the same from every state
 * (Haviv and Puterman 1991, "An improved algorithm for solving communicating average reward Markov decision processes";
 * Puterman 1994, section 9.5). A policy that can be caught in several sets of states is led into the best of them first. So the
 * time doesn't depend on how slowly a chain mixes.
 *
 * Bounds. For any h, min over states of the policy's r + P h - h <= its gain <= best gain <= max of (r + P h - h) over all actions.
 * P h - h is summed as p (h' - h), so that rounding counts by differences of h only; what a row misses of 1 counts as staying.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { chainGain } from './chain-gain.js'
import { endComponents } from './end-components.js'
import { expectationRoundings } from './expectation.js'
import { PolicyRows } from './policy-rows.js'
import { rowsTowards } from './row-graph.js'

export interface GainIterationOptions {
  /** i32 [S], the policy to begin with; -1 or left out: the action that pays most at once. */
  readonly policy?: Int32Array
  /** Stop as soon as the bounds are so near; reward units a step. Default: when no action is better. */
  readonly epsilon?: number
  /** Roundings that each number of a row has gone through before. Default 0. */
  readonly roundings?: number
  /** Most evaluations. Default 1,000. */
  readonly maxIterations?: number
}

export interface GainIteration {
  /** lower <= gain of the policy <= best gain <= upper, reward units a step. */
  readonly lower: number
  readonly upper: number
  /** f64 [S], relative values, 0 in one state that the policy returns to; reward units. */
  readonly bias: Float64Array
  /** i32 [S] */
  readonly policy: Int32Array
  readonly iterations: number
  /** Whether no action was better any more. */
  readonly settled: boolean
}

/** @param mdp - which has passed its checks, without terminal states or times */
export function gainIteration(mdp: TabularMdp, options: GainIterationOptions = {}): GainIteration {
  const { epsilon = Number.NEGATIVE_INFINITY, roundings = 0, maxIterations = 1000 } = options
  const { numStates, numActions, rowStart } = mdp
  const policy = firstPolicy(mdp, options.policy)
  const bias = new Float64Array(numStates)
  const rows = new PolicyRows()
  const evaluated = new Int32Array(numStates)
  let root = -1
  for (let iterations = 1; ; iterations++) {
    root = leadToOneClass(mdp, policy, root)
    evaluated.set(policy)
    chainGain(rows.ofPolicy(mdp, evaluated), numStates, root, bias)
    let lower = Number.POSITIVE_INFINITY
    let upper = Number.NEGATIVE_INFINITY
    let changed = false
    for (let s = 0; s < numStates; s++) {
      const kept = s * numActions + policy[s]!
      const keptDrift = drift(mdp, kept, bias, s)
      const keptError = driftError(mdp, kept, bias, s, roundings)
      lower = Math.min(lower, keptDrift - keptError)
      let best = keptDrift
      for (let row = s * numActions; row < (s + 1) * numActions; row++) {
        if (rowStart[row] === rowStart[row + 1]) continue
        const found = drift(mdp, row, bias, s)
        const error = driftError(mdp, row, bias, s, roundings)
        upper = Math.max(upper, found + error)
        if (found <= best || found - keptDrift <= error + keptError) continue
        best = found
        policy[s] = row % numActions
        changed = true
      }
    }
    if (!changed || upper - lower <= epsilon || iterations === maxIterations) {
      return { lower, upper, bias, policy: evaluated, iterations, settled: !changed }
    }
  }
}

/** r + P h - h of a row of state s. */
export function drift(
  { rowStart, successor, probability, reward }: TabularMdp,
  row: number,
  h: Float64Array,
  s: number,
): number {
  let sum = reward[row]!
  for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) sum += probability[k]! * (h[successor[k]!]! - h[s]!)
  return sum
}

/** Bound on the rounding error of `drift` (Higham 2002, section 3.1). @param roundings - of the model's own numbers */
export function driftError(
  { rowStart, successor, probability, reward }: TabularMdp,
  row: number,
  h: Float64Array,
  s: number,
  roundings: number,
): number {
  let size = Math.abs(reward[row]!)
  const [from, to] = [rowStart[row]!, rowStart[row + 1]!]
  for (let k = from; k < to; k++) size += probability[k]! * Math.abs(h[successor[k]!]! - h[s]!)
  return 0.5 * Number.EPSILON * (expectationRoundings(4 * (to - from)) + roundings) * size
}

function firstPolicy({ numStates, numActions, rowStart, reward }: TabularMdp, given?: Int32Array): Int32Array {
  return Int32Array.from({ length: numStates }, (_, s) => {
    if (given !== undefined && given[s] !== -1) return given[s]!
    let best = -1
    for (let row = s * numActions; row < (s + 1) * numActions; row++) {
      if (rowStart[row] !== rowStart[row + 1] && (best === -1 || reward[row]! > reward[best]!)) best = row
    }
    return best % numActions
  })
}

/**
 * Changes a policy so that it ends up in one set of states from everywhere: the best of those that it can be caught in.
 * @param before - a state of the set that was taken before, which stays where it still is one of the best; or -1
 * @returns a state of the set
 */
function leadToOneClass(mdp: TabularMdp, policy: Int32Array, before: number): number {
  const { numStates, numActions } = mdp
  const used = new Uint8Array(mdp.reward.length)
  for (let s = 0; s < numStates; s++) used[s * numActions + policy[s]!] = 1
  const { count, component } = endComponents(mdp, used)
  if (count === 1) return before !== -1 && component[before] === 0 ? before : component.indexOf(0)
  let best = -1
  let most = Number.NEGATIVE_INFINITY
  for (let c = 0; c < count; c++) {
    const gain = gainWithin(mdp, policy, component, c)
    if (gain > most || (gain === most && before !== -1 && component[before] === c)) {
      most = gain
      best = c
    }
  }
  const targets = Uint8Array.from(component, (c) => (c === best ? 1 : 0))
  const all = Int32Array.from(mdp.reward.keys()).filter((row) => mdp.rowStart[row] !== mdp.rowStart[row + 1])
  const graph = { mdp, numGroups: numStates, groupOf: Int32Array.from({ length: numStates }, (_, s) => s) }
  const towards = rowsTowards(graph, all, targets)
  // States from which the policy comes there by itself keep their actions.
  const own = all.filter((row) => used[row] === 1)
  const arrives = rowsTowards(graph, own, targets)
  for (let s = 0; s < numStates; s++) {
    if (targets[s] === 0 && arrives[s] === -1) policy[s] = towards[s]! % numActions
  }
  return before !== -1 && component[before] === best ? before : component.indexOf(best)
}

/** The gain of a policy in a set of states that it stays in. */
function gainWithin(mdp: TabularMdp, policy: Int32Array, component: Int32Array, c: number): number {
  const states = Int32Array.from({ length: mdp.numStates }, (_, s) => s).filter((s) => component[s] === c)
  const place = new Int32Array(mdp.numStates)
  states.forEach((s, k) => {
    place[s] = k
  })
  const rows = new PolicyRows()
  rows.beginRows(states.length)
  states.forEach((s, k) => {
    rows.beginRow(k)
    rows.addRow(mdp, k, s * mdp.numActions + policy[s]!, 1, (state) => place[state]!)
  })
  return chainGain(rows, states.length, 0, new Float64Array(states.length))
}
