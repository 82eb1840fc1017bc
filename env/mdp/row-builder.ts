import { ModelError, NotEnumerableError } from '../errors.js'
import type { TabularMdp } from './tabular-mdp.js'
import type { TransitionSink } from './transition-sink.js'

/** Collects transition rows of a model as it is discovered, merging repeated successors. */
export class RowBuilder implements TransitionSink {
  /** Rows finished so far. */
  numRows = 0
  readonly #maxEntries: number
  readonly #name: string
  readonly #mass: Float64Array
  readonly #seen: Uint8Array
  readonly #terminal: Uint8Array
  readonly #queue: number[] = []
  #head = 0
  readonly #touched: number[] = []
  #expected = 0
  #rowEnd: number[] = []
  #rewards: number[] = []
  #successor = new Int32Array(1024)
  #probability = new Float64Array(1024)
  #entries = 0

  /** @param numStates - of the environment, reachable or not */
  constructor(numStates: number, maxEntries: number, name: string) {
    this.#mass = new Float64Array(numStates)
    this.#seen = new Uint8Array(numStates)
    this.#terminal = new Uint8Array(numStates)
    this.#maxEntries = maxEntries
    this.#name = name
  }

  add(successor: number, probability: number, reward: number, terminated: boolean): void {
    if (!(Number.isInteger(successor) && successor >= 0 && successor < this.#mass.length)) {
      throw new ModelError(`${this.#name}: successor ${successor} lies outside 0..${this.#mass.length - 1}`)
    }
    if (!(probability >= 0 && probability <= 1 + 1e-12) || !Number.isFinite(reward)) {
      throw new ModelError(
        `${this.#name}: outcome (successor ${successor}, probability ${probability}, reward ${reward}) isn't a transition`,
      )
    }
    if (probability === 0) return
    const end = terminated ? 1 : 0
    if (this.#seen[successor] === 0) {
      this.#seen[successor] = 1
      this.#terminal[successor] = end
      this.#queue.push(successor)
    } else if (this.#terminal[successor] !== end) {
      throw new ModelError(
        `${this.#name}: state ${successor} is reached both as terminal and as not; number them apart`,
      )
    }
    if (this.#mass[successor] === 0) this.#touched.push(successor)
    this.#mass[successor]! += probability
    this.#expected += probability * reward
  }

  /** Closes the current row and returns its number. State and action are for messages. */
  finishRow(state: number, action: number): number {
    if (this.#touched.length > 1) this.#touched.sort((a, b) => a - b)
    this.#reserve(this.#touched.length)
    let sum = 0
    for (const next of this.#touched) {
      this.#successor[this.#entries] = next
      this.#probability[this.#entries] = this.#mass[next]!
      sum += this.#mass[next]!
      this.#mass[next] = 0
      this.#entries++
    }
    if (this.#touched.length > 0 && Math.abs(sum - 1) > 1e-9) {
      const row = state < 0 ? 'the start distribution' : `state ${state} action ${action}`
      throw new ModelError(`${this.#name}: ${row}: probabilities sum to ${sum}, expected 1`)
    }
    this.#rowEnd.push(this.#entries)
    this.#rewards.push(this.#expected)
    this.#touched.length = 0
    this.#expected = 0
    return this.numRows++
  }

  /** States discovered so far, and transitions of the rows finished. */
  get found(): { readonly states: number; readonly transitions: number } {
    return { states: this.#queue.length, transitions: this.#entries }
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
  build(startRow: number, rowOf: Int32Array, numActions: number): TabularMdp {
    const stateIds = Int32Array.from(this.#queue).sort()
    const numStates = stateIds.length
    const indexOf = new Int32Array(this.#mass.length).fill(-1)
    stateIds.forEach((id, index) => {
      indexOf[id] = index
    })
    const begin = (row: number) => (row === 0 ? 0 : this.#rowEnd[row - 1]!)
    const startSize = this.#rowEnd[startRow]! - begin(startRow)
    const mdp = {
      numStates,
      numActions,
      rowStart: new Int32Array(numStates * numActions + 1),
      successor: new Int32Array(this.#entries - startSize),
      probability: new Float64Array(this.#entries - startSize),
      reward: new Float64Array(numStates * numActions),
      terminal: Uint8Array.from(stateIds, (id) => this.#terminal[id]!),
      start: new Float64Array(numStates),
      stateIds,
    }
    for (let k = begin(startRow); k < this.#rowEnd[startRow]!; k++) {
      mdp.start[indexOf[this.#successor[k]!]!] = this.#probability[k]!
    }
    let entries = 0
    for (let s = 0; s < numStates; s++) {
      const first = rowOf[stateIds[s]!]!
      for (let a = 0; a < numActions; a++) {
        if (first >= 0) {
          for (let k = begin(first + a); k < this.#rowEnd[first + a]!; k++, entries++) {
            mdp.successor[entries] = indexOf[this.#successor[k]!]!
            mdp.probability[entries] = this.#probability[k]!
          }
          mdp.reward[s * numActions + a] = this.#rewards[first + a]!
        }
        mdp.rowStart[s * numActions + a + 1] = entries
      }
    }
    return mdp
  }

  #reserve(more: number): void {
    const needed = this.#entries + more
    if (needed > this.#maxEntries) {
      throw new NotEnumerableError(`${this.#name}: more than ${this.#maxEntries} transitions; evaluate by sampling`)
    }
    if (needed <= this.#successor.length) return
    const size = Math.max(needed, 2 * this.#successor.length)
    const successor = new Int32Array(size)
    successor.set(this.#successor)
    this.#successor = successor
    const probability = new Float64Array(size)
    probability.set(this.#probability)
    this.#probability = probability
  }
}
