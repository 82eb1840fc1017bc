import { ModelError } from '../errors.js'
import type { EnvSpec } from '../spec.js'
import { scoreWeights } from '../spec.js'
import { OutcomeColumns } from './outcome-columns.js'
import type { TabularMdp } from './tabular-mdp.js'
import type { StartSink, TransitionSink } from './transition-sink.js'

/** Rows, without what the agents see. */
export interface BuiltModel extends TabularMdp {
  readonly agentReward: readonly Float64Array[]
}

/** Outcomes with the same successor and time. */
interface Timed {
  readonly successor: number
  readonly time: number
  probability: number
}

/**
 * Collects transition rows of a model as it is discovered, merging outcomes with the same successor and time. First the start
 * distribution (`start`, `finishStart`), then rows (`beginRow`, `add`, `finishRow`), then `build`.
 */
export class RowBuilder implements TransitionSink {
  /** Rows finished so far. */
  numRows = 0
  /** Receives the start distribution. */
  readonly start: StartSink = { add: (state, probability) => this.#merge(state, probability, false, 1) }
  readonly #name: string
  readonly #weights: Float64Array
  readonly #shared: boolean
  readonly #costNames: readonly string[]
  readonly #seen: Uint8Array
  readonly #terminal: Uint8Array
  readonly #queue: number[] = []
  #head = 0
  /** The row at hand; state -1 is the start distribution. */
  #state = -1
  #action = -1
  /** Probability of each successor of the row at hand in time 1, and the successors that have any. */
  readonly #mass: Float64Array
  readonly #touched: number[] = []
  /** Outcomes of the row at hand in other times. */
  readonly #timed: Timed[] = []
  /** Expectations of the row at hand: the team score, each agent's reward where they are kept apart, costs. */
  #score = 0
  /** Sum of the sizes of what `#score` sums up: what cancels to less than f64 resolves of it is 0. */
  #size = 0
  #outcomes = 0
  readonly #own: Float64Array
  readonly #costs: Float64Array
  readonly #rowEnd: number[] = []
  readonly #scores: number[] = []
  readonly #ownRewards: number[][]
  readonly #expectedCosts: number[][]
  readonly #starts: { readonly state: number; readonly probability: number }[] = []
  readonly #entries: OutcomeColumns

  constructor(spec: EnvSpec, maxEntries: number) {
    const { numStates, agents, costs = [] } = spec
    this.#mass = new Float64Array(numStates)
    this.#seen = new Uint8Array(numStates)
    this.#terminal = new Uint8Array(numStates)
    this.#entries = new OutcomeColumns(spec.id, maxEntries)
    this.#name = spec.id
    this.#weights = scoreWeights(spec)
    this.#shared = spec.score.aggregate === 'shared'
    this.#costNames = costs
    this.#own = new Float64Array(keptApart(spec) ? agents.length : 0)
    this.#costs = new Float64Array(costs.length)
    this.#ownRewards = Array.from(this.#own, () => [])
    this.#expectedCosts = costs.map(() => [])
  }

  /** Opens the row of a state and joint action. */
  beginRow(state: number, action: number): void {
    this.#state = state
    this.#action = action
  }

  add(
    successor: number,
    probability: number,
    rewards: ArrayLike<number>,
    terminated: boolean,
    elapsed = 1,
    costs: ArrayLike<number> = [],
  ): void {
    const score = this.#scoreOf(rewards)
    if (costs.length !== this.#costs.length) {
      this.#refuse(
        `expected ${this.#costs.length} costs (spec.costs names ${this.#costNames.join(', ') || 'none'}), got ${costs.length}`,
      )
    }
    if (!(elapsed > 0 && elapsed < Number.POSITIVE_INFINITY)) {
      this.#refuse(`elapsed is ${elapsed}, expected a positive, finite time`)
    }
    this.#merge(successor, probability, terminated, elapsed)
    this.#score += probability * score
    this.#size += Math.abs(probability * score)
    this.#outcomes++
    for (let i = 0; i < this.#own.length; i++) this.#own[i]! += probability * rewards[i]!
    for (let c = 0; c < costs.length; c++) {
      if (!Number.isFinite(costs[c]))
        this.#refuse(`cost "${this.#costNames[c]}" is ${costs[c]}, expected a finite number`)
      this.#costs[c]! += probability * costs[c]!
    }
  }

  /** Closes the start distribution. */
  finishStart(): void {
    this.#appendRow()
    this.#checkSum(0)
    const { length, successor, probability } = this.#entries
    for (let k = 0; k < length; k++) this.#starts.push({ state: successor[k]!, probability: probability[k]! })
    this.#entries.clear()
  }

  /** Closes the row at hand and returns its number. A row without outcomes is an illegal action. */
  finishRow(): number {
    const from = this.#entries.length
    this.#appendRow()
    if (this.#entries.length > from) this.#checkSum(from)
    this.#rowEnd.push(this.#entries.length)
    // A row that neither gains nor loses must not seem to: without discount it may be gone round for ever.
    const isRounding = Math.abs(this.#score) <= this.#outcomes * Number.EPSILON * this.#size
    this.#scores.push(isRounding ? 0 : this.#score)
    for (let i = 0; i < this.#own.length; i++) this.#ownRewards[i]!.push(this.#own[i]!)
    for (let c = 0; c < this.#costs.length; c++) this.#expectedCosts[c]!.push(this.#costs[c]!)
    this.#score = 0
    this.#size = 0
    this.#outcomes = 0
    this.#own.fill(0)
    this.#costs.fill(0)
    return this.numRows++
  }

  /** States discovered so far, and transitions of the rows finished. */
  get found(): { readonly states: number; readonly transitions: number } {
    return { states: this.#queue.length, transitions: this.#entries.length }
  }

  /** Whether a time other than 1 has come. */
  get hasDurations(): boolean {
    return this.#entries.elapsed !== undefined
  }

  /** The next live state discovered and not yet given out, or -1. */
  nextUndiscovered(): number {
    while (this.#head < this.#queue.length) {
      const state = this.#queue[this.#head++]!
      if (this.#terminal[state] === 0) return state
    }
    return -1
  }

  /**
   * The model, states in ascending order of their environment numbers.
   * @param rowOf - i32, the first row of each state by its environment number; -1 where it has none
   */
  build(rowOf: Int32Array, numActions: number): BuiltModel {
    const stateIds = Int32Array.from(this.#queue).sort()
    const numStates = stateIds.length
    const indexOf = new Int32Array(this.#mass.length).fill(-1)
    stateIds.forEach((id, index) => {
      indexOf[id] = index
    })
    const rowStart = new Int32Array(numStates * numActions + 1)
    const found = this.#entries
    const successor = new Int32Array(found.length)
    const probability = new Float64Array(found.length)
    const elapsed = found.elapsed === undefined ? undefined : new Float64Array(found.length)
    const perRow = () => new Float64Array(numStates * numActions)
    const reward = perRow()
    const own = this.#ownRewards.map(perRow)
    const costs = this.#expectedCosts.map(perRow)
    let entries = 0
    for (let s = 0, row = 0; s < numStates; s++) {
      const first = rowOf[stateIds[s]!]!
      for (let a = 0; a < numActions; a++, row++) {
        if (first >= 0) {
          const from = first + a
          for (let k = from === 0 ? 0 : this.#rowEnd[from - 1]!; k < this.#rowEnd[from]!; k++, entries++) {
            successor[entries] = indexOf[found.successor[k]!]!
            probability[entries] = found.probability[k]!
            if (elapsed !== undefined) elapsed[entries] = found.elapsed![k]!
          }
          reward[row] = this.#scores[from]!
          for (let i = 0; i < own.length; i++) own[i]![row] = this.#ownRewards[i]![from]!
          for (let c = 0; c < costs.length; c++) costs[c]![row] = this.#expectedCosts[c]![from]!
        }
        rowStart[row + 1] = entries
      }
    }
    const start = new Float64Array(numStates)
    for (const { state, probability } of this.#starts) start[indexOf[state]!] = probability
    return {
      numStates,
      numActions,
      rowStart,
      successor,
      probability,
      reward,
      agentReward: own.length > 0 ? own : Array.from(this.#weights, () => reward),
      ...(elapsed === undefined ? {} : { elapsed }),
      ...(costs.length === 0
        ? {}
        : { costs: Object.fromEntries(this.#costNames.map((name, c) => [name, costs[c]!] as const)) }),
      terminal: Uint8Array.from(stateIds, (id) => this.#terminal[id]!),
      start,
      stateIds,
    }
  }

  /** The team score of an outcome. */
  #scoreOf(rewards: ArrayLike<number>): number {
    const weights = this.#weights
    if (rewards?.length !== weights.length) {
      const got = rewards?.length === undefined ? String(rewards) : `${rewards.length}`
      this.#refuse(`expected ${weights.length} rewards in an array, one an agent, got ${got}`)
    }
    let score = 0
    for (let i = 0; i < weights.length; i++) {
      const reward = rewards[i]!
      if (!Number.isFinite(reward)) this.#refuse(`reward ${reward} of agent ${i} isn't finite`)
      if (this.#shared && reward !== rewards[0]) {
        this.#refuse(
          `agents 0 and ${i} get ${rewards[0]} and ${reward}, but spec.score says that all get the same (shared); use team-sum or agent-mean`,
        )
      }
      score += weights[i]! * reward
    }
    return score
  }

  #merge(successor: number, probability: number, terminated: boolean, time: number): void {
    if (!(Number.isInteger(successor) && successor >= 0 && successor < this.#mass.length)) {
      this.#refuse(`successor ${successor} lies outside 0..${this.#mass.length - 1}`)
    }
    if (!(probability >= 0 && probability <= 1 + 1e-12)) {
      this.#refuse(`successor ${successor} has probability ${probability}, expected a number in 0..1`)
    }
    if (probability === 0) return
    const end = terminated ? 1 : 0
    if (this.#seen[successor] === 0) {
      this.#seen[successor] = 1
      this.#terminal[successor] = end
      this.#queue.push(successor)
    } else if (this.#terminal[successor] !== end) {
      this.#refuse(`state ${successor} is reached both as terminal and as not; number them apart`)
    }
    if (time === 1) {
      if (this.#mass[successor] === 0) this.#touched.push(successor)
      this.#mass[successor]! += probability
      return
    }
    this.#entries.keepTimes()
    const same = this.#timed.find((outcome) => outcome.successor === successor && outcome.time === time)
    if (same === undefined) this.#timed.push({ successor, time, probability })
    else same.probability += probability
  }

  /** Appends the row at hand to the entries and clears it. */
  #appendRow(): void {
    const touched = this.#touched
    const timed = this.#timed
    this.#entries.reserve(touched.length + timed.length)
    if (touched.length > 1) touched.sort((a, b) => a - b)
    if (timed.length === 0) {
      for (const successor of touched) this.#entries.append(successor, 1, this.#mass[successor]!)
    } else {
      for (const successor of touched) timed.push({ successor, time: 1, probability: this.#mass[successor]! })
      timed.sort((a, b) => a.successor - b.successor || a.time - b.time)
      for (const { successor, time, probability } of timed) this.#entries.append(successor, time, probability)
      timed.length = 0
    }
    for (const successor of touched) this.#mass[successor] = 0
    touched.length = 0
  }

  /** @throws ModelError unless the entries from here on sum to 1 */
  #checkSum(from: number): void {
    let sum = 0
    const { length, probability } = this.#entries
    for (let k = from; k < length; k++) sum += probability[k]!
    if (!(Math.abs(sum - 1) <= 1e-9)) this.#refuse(`probabilities sum to ${sum}, expected 1`)
  }

  #refuse(problem: string): never {
    const where = this.#state < 0 ? 'the start distribution' : `state ${this.#state} action ${this.#action}`
    throw new ModelError(`${this.#name}: ${where}: ${problem}`)
  }
}

/** Whether agents have rewards of their own: several agents whose score isn't one shared number. */
export function keptApart({ agents, score }: EnvSpec): boolean {
  return agents.length > 1 && score.aggregate !== 'shared'
}
