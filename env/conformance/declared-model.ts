import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import type { EnvSpec } from '../spec.js'

/** A time that a step to one successor may take. */
interface StepTime {
  readonly time: number
  readonly probability: number
}

/** One successor of a state and joint action, outcomes with the same successor taken together. */
export interface Successor {
  readonly probability: number
  readonly times: readonly StepTime[]
  /** Expected numbers given this successor: rewards of the agents, then costs. */
  readonly expected: readonly number[]
  readonly terminated: boolean
}

/** The declared time that a simulated one is, but for rounding; undefined where there is none. */
export function declaredTime({ times }: Successor, elapsed: number): number | undefined {
  return times.find(({ time }) => Math.abs(time - elapsed) <= 1e-9 * Math.max(time, elapsed))?.time
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
  /** Thousands of rows are held at once: their outcomes are numbers side by side, by the order in which successors came. */
  readonly #placeOf = new Map<number, number>()
  readonly #probability: number[] = []
  readonly #ends: number[] = []
  readonly #weighted: number[] = []
  /** Of each outcome with a time of its own: its successor's place, the time, the probability. */
  readonly #timePlace: number[] = []
  readonly #time: number[] = []
  readonly #timeProbability: number[] = []
  /** Whether some successor is reached in several times; else the place of a time is that of its successor. */
  #severalTimes = false
  /** Extremes of the numbers declared: rewards of the agents, then costs. */
  readonly lowest: Float64Array
  readonly highest: Float64Array
  /** Numbers (by place and kind) that differ between the ways to one successor. */
  readonly #mixed = new Set<number>()
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
    this.#check('rewards', rewards, this.#agents)
    this.#check('costs', costs, this.#costs.length)
    if (!(elapsed > 0 && elapsed < Number.POSITIVE_INFINITY)) {
      this.problem ??= `elapsed ${elapsed} isn't a positive, finite time`
    }
    if (this.problem !== undefined || probability === 0) return
    let place = this.#placeOf.get(successor)
    if (place === undefined) {
      place = this.#probability.length
      this.#placeOf.set(successor, place)
      this.#probability.push(0)
      this.#ends.push(terminated ? 1 : 0)
      for (let i = 0; i < this.lowest.length; i++) this.#weighted.push(0)
      this.#addTime(place, elapsed, probability)
    } else if (!this.#severalTimes && this.#time[place] === elapsed) this.#timeProbability[place]! += probability
    else this.#addTime(place, elapsed, probability)
    if (this.#ends[place] !== (terminated ? 1 : 0)) {
      this.problem ??= `successor ${successor} is declared both as an end and as not; number them apart`
    }
    this.#probability[place]! += probability
    const width = this.lowest.length
    for (let i = 0; i < width; i++) {
      const number = i < this.#agents ? rewards[i]! : costs[i - this.#agents]!
      const at = place * width + i
      const before = this.#probability[place]! - probability
      if (before > 0 && Math.abs(this.#weighted[at]! - before * number) > 1e-12 * before) this.#mixed.add(at)
      this.#weighted[at]! += probability * number
      if (number < this.lowest[i]!) this.lowest[i] = number
      if (number > this.highest[i]!) this.highest[i] = number
    }
  }

  /** The states that have some probability, in the order in which they were declared. */
  get states(): readonly number[] {
    return [...this.#placeOf.keys()]
  }

  has(state: number): boolean {
    return this.#placeOf.has(state)
  }

  get(state: number): Successor | undefined {
    const place = this.#placeOf.get(state)
    if (place === undefined) return undefined
    const probability = this.#probability[place]!
    const width = this.lowest.length
    const expected = this.#weighted.slice(place * width, (place + 1) * width).map((number) => number / probability)
    return { probability, times: this.#timesOf(place), expected, terminated: this.#ends[place] === 1 }
  }

  /** Whether a successor is reached in ways that differ in a number: what is seen of it then varies around its expectation. */
  varies(successor: number, kind: number): boolean {
    return this.#mixed.has(this.#placeOf.get(successor)! * this.lowest.length + kind)
  }

  #addTime(place: number, time: number, probability: number): void {
    if (this.#timePlace.length !== place) this.#severalTimes = true
    if (this.#severalTimes) {
      const known = this.#timePlace.findIndex((other, k) => other === place && this.#time[k] === time)
      if (known >= 0) {
        this.#timeProbability[known]! += probability
        return
      }
    }
    this.#timePlace.push(place)
    this.#time.push(time)
    this.#timeProbability.push(probability)
  }

  #timesOf(place: number): StepTime[] {
    const at = (k: number) => ({ time: this.#time[k]!, probability: this.#timeProbability[k]! })
    if (!this.#severalTimes) return [at(place)]
    return this.#timePlace.flatMap((other, k) => (other === place ? [at(k)] : []))
  }

  #check(what: 'rewards' | 'costs', numbers: ArrayLike<number>, count: number): void {
    if (numbers?.length !== count) {
      const which = what === 'rewards' ? 'one an agent' : `spec.costs names ${this.#costs.join(', ') || 'none'}`
      this.problem ??= `expected ${count} ${what} in an array (${which}), got ${numbers?.length ?? String(numbers)}`
      return
    }
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(numbers[i])) this.problem ??= `${what} [${Array.from(numbers).join(', ')}] aren't finite`
    }
  }
}
