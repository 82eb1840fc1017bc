import type { Form } from './solve-tensors.js'

/** One entry for each of the environment's own state numbers; unreachable states null. */
export type PerState = readonly (number | null)[]

/** What every form of `cadre solve --json` prints. */
interface Solved {
  readonly iterations: number
  readonly seconds: number
  /** Reachable ones, terminal ones included. */
  readonly states: number
  /** Joint actions. */
  readonly actions: number
  readonly method: string
  /** Why this method; null where it was asked for. */
  readonly reason: string | null
}

/** What `cadre solve --json` prints; with `--horizon`, what holds at the first step. */
export interface Solution extends Solved, Form {
  /** V* under the start distribution. */
  readonly start: number
  /** Within epsilon / 2 of V*; terminal states 0. */
  readonly value: PerState
  /** Joint actions, the last agent's fastest; terminal states -1. */
  readonly policy: PerState
  readonly bounds: { readonly lower: PerState; readonly upper: PerState }
  /** With `--horizon` only: values and actions at each time t from 0, t steps having gone. */
  readonly schedule?: { readonly value: readonly PerState[]; readonly policy: readonly PerState[] }
}

/** What `cadre solve --json` prints of a large environment solved in factors: its states are too many to list. */
export interface FactoredSolution extends Solved, Form {
  /** V* under the start distribution, and a bound on its error: of every state's value, in fact. */
  readonly start: number
  readonly error: number
  readonly value: null
  readonly policy: null
  readonly bounds: null
}

/** What `cadre solve --average --json` prints. */
export interface AverageSolution extends Solved {
  /** Reward a unit of time in the long run, from the start. */
  readonly gain: number
  readonly bounds: { readonly lower: number; readonly upper: number }
  /** The same from each state: equal numbers unless one can be caught in sets of states that differ. */
  readonly gains: PerState
  readonly gainBounds: { readonly lower: PerState; readonly upper: PerState }
  readonly relativeValue: PerState
  readonly policy: PerState
}

/** What was asked for. */
interface Asked {
  readonly gamma?: number
  readonly epsilon: number
  readonly horizon?: number
}

/** A solution in words, a few lines. */
export function describe(use: string, { gamma, epsilon, horizon }: Asked, solution: Solution): string[] {
  const steps = horizon === undefined ? '' : `, ${horizon} steps`
  const within = horizon === undefined ? epsilon / 2 : 'what f64 rounds'
  return [
    `${use}, gamma ${gamma}${steps}: V*(start) = ${solution.start.toPrecision(10)}, within ${within}`,
    effort(solution, solution.value.length),
    solution.backend === null ? methodLine(solution) : `${methodLine(solution)}, on tensors by ${solution.backend}`,
    'values, policy and bounds of every state: --json',
  ]
}

/** A solution in factors in words. */
export function describeFactored(use: string, { gamma }: Asked, solution: FactoredSolution): string[] {
  const { start, error, states, actions, iterations, seconds } = solution
  return [
    `${use}, gamma ${gamma}: V*(start) = ${start.toPrecision(10)}, within ${error.toPrecision(2)}`,
    `${states} states, ${actions} joint actions; ${iterations} iterations in ${seconds.toFixed(2)} s`,
    methodLine(solution),
    'values and policy of every state are left out: they are too many to list',
  ]
}

/** Different averages that are told apart in words at most. */
const MOST_GAINS = 5

/**
 * The best average reward in words.
 * @param epsilon - averages that differ by less are told as one
 * @param per - what one reward is counted on: a step where all take time 1
 */
export function describeAverage(
  use: string,
  solution: AverageSolution,
  epsilon: number,
  per: 'step' | 'unit of time',
): string[] {
  const { gain, bounds, relativeValue } = solution
  const groups = gainGroups(solution, epsilon)
  const within = ((bounds.upper - bounds.lower) / 2).toPrecision(2)
  const differs = groups.length > 1
  return [
    `${use}: best average reward ${gain.toPrecision(10)} a ${per}${differs ? ' from the start' : ''}, within ${within}`,
    ...(differs ? [`it differs between states: ${describeGroups(groups)}`] : []),
    effort(solution, relativeValue.length),
    methodLine(solution),
    `${differs ? 'averages, ' : ''}relative values and policy of every state: --json`,
  ]
}

/** States from which the best average is the same. */
interface GainGroup {
  readonly gain: number
  /** The lowest of them. */
  readonly state: number
  readonly states: number
}

/** From the best average down; one group where no two states differ by more than epsilon. */
function gainGroups({ gains }: AverageSolution, epsilon: number): GainGroup[] {
  const known = gains.flatMap((gain, state) => (gain === null ? [] : [{ gain, state }]))
  known.sort((a, b) => b.gain - a.gain)
  const groups: GainGroup[] = []
  for (const { gain, state } of known) {
    const last = groups.at(-1)
    if (last === undefined || last.gain - gain > epsilon) groups.push({ gain, state, states: 1 })
    else groups[groups.length - 1] = { gain: last.gain, state: Math.min(last.state, state), states: last.states + 1 }
  }
  return groups
}

function describeGroups(groups: readonly GainGroup[]): string {
  const told = groups
    .slice(0, MOST_GAINS)
    .map(({ gain, state, states }) =>
      states === 1
        ? `${gain.toPrecision(6)} from state ${state}`
        : `${gain.toPrecision(6)} from ${states} states such as ${state}`,
    )
  const rest = groups.length - told.length
  return rest === 0 ? told.join(', ') : `${told.join(', ')}, and ${rest} more`
}

function effort({ states, actions, iterations, seconds }: Solved, numStates: number): string {
  return `${states} reachable states of ${numStates}, ${actions} joint actions; ${iterations} iterations in ${seconds.toFixed(2)} s`
}

function methodLine({ method, reason }: Solved): string {
  return reason === null ? `method: ${method}` : `method: ${method} (${reason})`
}
