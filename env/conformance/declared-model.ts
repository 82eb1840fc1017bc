import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import type { EnvSpec } from '../spec.js'

/** One successor of a state and joint action, outcomes with the same successor taken together. */
export interface Successor {
  probability: number
  /** Probability of each time that the step may take. */
  readonly times: Map<number, number>
  /** Expected numbers given this successor, times `probability`: rewards of the agents, then costs. */
  readonly weighted: Float64Array
  terminated: boolean
}

/** The declared time that a simulated one is, but for rounding; undefined where there is none. */
export function declaredTime({ times }: Successor, elapsed: number): number | undefined {
  if (times.has(elapsed)) return elapsed
  return [...times.keys()].find((time) => Math.abs(time - elapsed) <= 1e-9 * Math.max(time, elapsed))
}

/** Probabilities that are declared one by one. */
class Declared {
  /** The first thing wrong with it, or undefined. */
  problem: string | undefined
  sum = 0
  readonly #numStates: number

  constructor(numStates: number) {
    this.#numStates = numStates
  }

  /** The first thing wrong with it as a whole, or undefined. */
  verdict(): string | undefined {
    if (this.problem !== undefined) return this.problem
    return Math.abs(this.sum - 1) > 1e-9 ? `probabilities sum to ${this.sum}, expected 1` : undefined
  }

  protected count(what: string, state: number, probability: number): void {
    if (!Number.isInteger(state) || state < 0 || state >= this.#numStates) {
      this.problem ??= `${what} ${state} lies outside 0..${this.#numStates - 1}`
    }
    if (!(probability >= 0 && probability <= 1 + 1e-12)) this.problem ??= `probability ${probability} isn't in 0..1`
    this.sum += probability
  }
}

/** Everything an environment declared of its start. */
export class DeclaredStart extends Declared implements StartSink {
  readonly states = new Set<number>()

  add(state: number, probability: number): void {
    this.count('state', state, probability)
    if (probability > 0) this.states.add(state)
  }
}

/** Everything an environment declared for a state and joint action. */
export class DeclaredRow extends Declared implements TransitionSink {
  readonly successors = new Map<number, Successor>()
  /** Extremes of the numbers declared: rewards of the agents, then costs. */
  readonly lowest: Float64Array
  readonly highest: Float64Array
  readonly #agents: number
  readonly #costs: readonly string[]

  constructor({ numStates, agents, costs = [] }: EnvSpec) {
    super(numStates)
    this.#agents = agents.length
    this.#costs = costs
    this.lowest = new Float64Array(agents.length + costs.length).fill(Number.POSITIVE_INFINITY)
    this.highest = new Float64Array(agents.length + costs.length).fill(Number.NEGATIVE_INFINITY)
  }

  add(
    successor: number,
    probability: number,
    rewards: ArrayLike<number>,
    terminated: boolean,
    elapsed = 1,
    costs: ArrayLike<number> = [],
  ): void {
    this.count('successor', successor, probability)
    this.#check('rewards', 'one an agent', rewards, this.#agents)
    this.#check('costs', `spec.costs names ${this.#costs.join(', ') || 'none'}`, costs, this.#costs.length)
    if (!(elapsed > 0 && elapsed < Number.POSITIVE_INFINITY)) {
      this.problem ??= `elapsed ${elapsed} isn't a positive, finite time`
    }
    if (this.problem !== undefined || probability === 0) return
    const numbers = Float64Array.of(...Array.from(rewards), ...Array.from(costs))
    const known = this.successors.get(successor) ?? {
      probability: 0,
      times: new Map<number, number>(),
      weighted: new Float64Array(numbers.length),
      terminated: !!terminated,
    }
    this.successors.set(successor, known)
    if (known.terminated !== !!terminated) {
      this.problem ??= `successor ${successor} is declared both as an end and as not; number them apart`
    }
    known.probability += probability
    known.times.set(elapsed, (known.times.get(elapsed) ?? 0) + probability)
    numbers.forEach((number, i) => {
      known.weighted[i]! += probability * number
      this.lowest[i] = Math.min(this.lowest[i]!, number)
      this.highest[i] = Math.max(this.highest[i]!, number)
    })
  }

  #check(what: string, which: string, numbers: ArrayLike<number>, count: number): void {
    if (numbers?.length !== count) {
      this.problem ??= `expected ${count} ${what} in an array (${which}), got ${numbers?.length ?? String(numbers)}`
      return
    }
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(numbers[i])) this.problem ??= `${what} [${Array.from(numbers).join(', ')}] aren't finite`
    }
  }
}
