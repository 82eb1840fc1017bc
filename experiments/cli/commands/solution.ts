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

/** What `cadre solve --average --json` prints. */
export interface AverageSolution extends Solved {
  /** Reward a unit of time in the long run, from any state. */
  readonly gain: number
  readonly bounds: { readonly lower: number; readonly upper: number }
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

/** The best average reward in words. @param per - what one reward is counted on: a step where all take time 1 */
export function describeAverage(use: string, solution: AverageSolution, per: 'step' | 'unit of time'): string[] {
  const { gain, bounds, relativeValue } = solution
  return [
    `${use}: best average reward ${gain.toPrecision(10)} a ${per}, within ${((bounds.upper - bounds.lower) / 2).toPrecision(2)}`,
    effort(solution, relativeValue.length),
    methodLine(solution),
    'relative values and policy of every state: --json',
  ]
}

function effort({ states, actions, iterations, seconds }: Solved, numStates: number): string {
  return `${states} reachable states of ${numStates}, ${actions} joint actions; ${iterations} iterations in ${seconds.toFixed(2)} s`
}

function methodLine({ method, reason }: Solved): string {
  return reason === null ? `method: ${method}` : `method: ${method} (${reason})`
}
