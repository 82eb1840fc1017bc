import type { Slot } from '../slot.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import type { DispatchState } from './dispatch-state.js'
import type { StateIndex } from './state-index.js'

/** What an agent tells the others of its load. */
const IDLE = 0
const BUSY = 1
const DOWN_OR_FULL = 2

/** Symbols one agent shows each of the others: none, up or down, or the load message. */
const symbolsShown = { full: 0, own: 0, 'own-with-counts': 0, local: 2, 'local-with-message': 3 }

/** What the observer reads of a config. */
type Observed = Pick<RoutingDispatchConfig, 'observation' | 'encoding' | 'goodSkill' | 'instance' | 'agents' | 'types'>

/**
 * Writes what each agent sees of the state: its number, and the same as real values in [0, 1].
 *
 * Local observations are numbered head of the inbox + H * (queries behind it + B * (own digit + A_i * what it hears)), which is the
 * symbols of the others, lowest index fastest, or the counts of idle agents that are good at each type, the first type fastest. The full observation is the state's
 * number.
 *
 * Real values, encoding numbers: head of the inbox (one-hot type, patience left), with several places the share of those behind it that
 * are taken, own queue and up, then per other agent its symbol one-hot, or per
 * type its count as a share of the most there can be; full: every place of the inbox, then each agent's queue and up. Encoding
 * one-hot: the head of the inbox and, with several places, the number behind it (full: every place), the own digit (full: every agent's),
 * and each symbol or count.
 */
export class Observer {
  readonly #index: StateIndex
  readonly #observers: number
  readonly #full: boolean
  readonly #oneHot: boolean
  readonly #shown: number
  /** H, values of the head of the inbox, none included. */
  readonly #heads: number
  /** f64 [N * N], place value of agent j's symbol in agent i's observation; 0 for j = i. */
  readonly #symbolPlace: Float64Array
  readonly #symbols: Int32Array
  /** Types whose idle agents are counted: all or none. */
  readonly #counted: number
  /** u8 [N * T], whether agent i is good at type t; i32 [T], agents that are, and how many of them are idle. */
  readonly #good: Uint8Array
  readonly #mostGood: Int32Array
  readonly #idleGood: Int32Array
  /** i32 [N], length of each agent's real-valued observation, and the longest: where the next agent's begins. */
  readonly #sizes: Int32Array
  readonly #stride: number
  /** u8 [N], whether agent i's observations are few enough to number. */
  readonly #numbered: Uint8Array

  /** @param observers - number of agents of the environment: N, or 1 for the centralised dispatcher */
  constructor(index: StateIndex, config: Observed, observers: number) {
    const { numAgents, numTypes } = index
    const { agents } = resolveInstance(config)
    this.#index = index
    this.#observers = observers
    this.#full = config.observation === 'full'
    this.#oneHot = config.encoding === 'one-hot'
    this.#shown = symbolsShown[config.observation]
    this.#heads = 1 + numTypes * index.patience
    this.#counted = config.observation === 'own-with-counts' ? numTypes : 0
    this.#good = Uint8Array.from(agents.flatMap(({ skill }) => skill.map((s) => (s >= config.goodSkill ? 1 : 0))))
    this.#mostGood = new Int32Array(numTypes)
    this.#good.forEach((good, k) => {
      this.#mostGood[k % numTypes]! += good
    })
    this.#idleGood = new Int32Array(numTypes)
    this.#symbols = new Int32Array(numAgents)
    this.#numbered = Uint8Array.from(index.digitSize, (_, i) => (this.numObservations(i) > 0 ? 1 : 0))
    this.#symbolPlace = new Float64Array(numAgents ** 2)
    for (let i = 0; i < numAgents; i++) {
      let place = this.#heads * index.places * index.digitSize[i]!
      for (let j = 0; j < numAgents; j++) {
        if (j === i) continue
        this.#symbolPlace[i * numAgents + j] = place
        place *= this.#shown
      }
    }
    this.#sizes = Int32Array.from({ length: observers }, (_, i) => this.#ownSize(i) + this.#heardSize)
    this.#stride = Math.max(...this.#sizes)
  }

  /** Number of distinct observations of one agent; 0 where there are too many to number. */
  numObservations(agent: number): number {
    const { places, digitSize, numAgents, numStates } = this.#index
    if (this.#full) return numStates
    let count = this.#heads * places * digitSize[agent]!
    if (this.#shown > 0) count *= this.#shown ** (numAgents - 1)
    for (let t = 0; t < this.#counted; t++) count *= this.#mostGood[t]! + 1
    return count <= 2 ** 30 ? count : 0
  }

  /** Length of an agent's real-valued observation. */
  sizeOf(agent: number): number {
    return this.#sizes[agent]!
  }

  /** How many of the observed numbers are messages of others, the last ones: load symbols or counts. */
  get messages(): number {
    return this.#shown === symbolsShown.local ? 0 : this.#heardSize
  }

  /** Numbers that an agent observes of the others, unless it sees everything. */
  get #heardSize(): number {
    if (this.#shown > 0) return (this.#index.numAgents - 1) * this.#shown
    let size = 0
    for (let t = 0; t < this.#counted; t++) size += this.#oneHot ? this.#mostGood[t]! + 1 : 1
    return size
  }

  #ownSize(agent: number): number {
    const { digitSize, numTypes, places } = this.#index
    const behind = places > 1 ? 1 : 0
    if (!this.#oneHot) return this.#full ? this.stateSize : numTypes + 3 + behind
    if (this.#full) return places * this.#heads + digitSize.reduce((sum, size) => sum + size, 0)
    return this.#heads + behind * places + digitSize[agent]!
  }

  /** Length of the global state vector. */
  get stateSize(): number {
    return this.#index.places * (this.#index.numTypes + 1) + 2 * this.#index.numAgents
  }

  /** Writes observationId, stateId, and observation and state where the slot has room for them. */
  write(team: DispatchState, slot: Slot): void {
    const { queue, down, waiting } = team
    const { numAgents, capacity, place, numStates } = this.#index
    let state = -1
    if (numStates > 0) {
      state = this.#index.inbox!.numberOf(waiting, team.type, team.left)
      for (let i = 0; i < numAgents; i++) state += place[i]! * (queue[i]! + (capacity[i]! + 1) * down[i]!)
    }
    slot.stateId[0] = state
    if (this.#full) {
      for (let i = 0; i < this.#observers; i++) slot.observationId[i] = state
    } else {
      // What an agent sees of the inbox: its head, and how many wait behind it.
      const inbox = waiting > 1 ? this.#code(team, 0) + this.#heads * (waiting - 1) : this.#code(team, 0)
      const inboxSize = this.#heads * this.#index.places
      if (this.#shown > 0) this.#readSymbols(queue, down)
      const heard = inboxSize * this.#readCounts(queue, down)
      for (let i = 0; i < this.#observers; i++) {
        const digit = queue[i]! + (capacity[i]! + 1) * down[i]!
        let id = inbox + inboxSize * digit + heard * this.#index.digitSize[i]!
        if (this.#shown > 0) {
          for (let j = 0; j < numAgents; j++) id += this.#symbolPlace[i * numAgents + j]! * this.#symbols[j]!
        }
        slot.observationId[i] = this.#numbered[i] === 1 ? id : -1
      }
    }
    if (slot.observation.length > 0) this.#writeObservation(team, slot.observation)
    if (slot.state.length > 0) this.#writeState(team, slot.state, 0)
  }

  /** The query at a place of the inbox as a number: 0 = none, else 1 + patience * type + (left - 1). */
  #code(team: DispatchState, place: number): number {
    return place < team.waiting ? this.#index.patience * team.type[place]! + team.left[place]! : 0
  }

  #readSymbols(queue: Int32Array, down: Uint8Array): void {
    const { numAgents, capacity } = this.#index
    for (let j = 0; j < numAgents; j++) {
      if (this.#shown === symbolsShown.local) this.#symbols[j] = down[j]!
      else this.#symbols[j] = down[j] === 1 || queue[j] === capacity[j] ? DOWN_OR_FULL : queue[j] === 0 ? IDLE : BUSY
    }
  }

  /** Counts the idle agents that are good at each type; returns the counts as one number. */
  #readCounts(queue: Int32Array, down: Uint8Array): number {
    const { numAgents, numTypes } = this.#index
    let number = 0
    for (let t = this.#counted - 1; t >= 0; t--) {
      let idle = 0
      for (let j = 0; j < numAgents; j++) {
        if (down[j] === 0 && queue[j] === 0) idle += this.#good[j * numTypes + t]!
      }
      this.#idleGood[t] = idle
      number = number * (this.#mostGood[t]! + 1) + idle
    }
    return number
  }

  /** The query at a place of the inbox: its type one-hot, and the share of its patience that is left. */
  #writeQuery(team: DispatchState, place: number, out: Float32Array, at: number): number {
    const { numTypes, patience } = this.#index
    const waits = place < team.waiting
    for (let t = 0; t < numTypes; t++) out[at + t] = waits && team.type[place] === t ? 1 : 0
    out[at + numTypes] = waits ? team.left[place]! / patience : 0
    return at + numTypes + 1
  }

  #writeState(team: DispatchState, out: Float32Array, from: number): void {
    const { places, numAgents, capacity } = this.#index
    const { queue, down } = team
    let at = from
    for (let place = 0; place < places; place++) at = this.#writeQuery(team, place, out, at)
    for (let i = 0; i < numAgents; i++) {
      out[at++] = queue[i]! / capacity[i]!
      out[at++] = 1 - down[i]!
    }
  }

  /** Who sees everything sees the same as the others. */
  #writeFull(team: DispatchState, out: Float32Array): void {
    this.#writeState(team, out, 0)
    const size = this.#stride
    const all = size * this.#observers
    for (let k = size; k < all; k++) out[k] = out[k - size]!
  }

  #writeObservation(team: DispatchState, out: Float32Array): void {
    if (this.#oneHot) {
      this.#writeOneHot(team, out)
      return
    }
    if (this.#full) {
      this.#writeFull(team, out)
      return
    }
    const { queue, down } = team
    const { places } = this.#index
    for (let i = 0; i < this.#observers; i++) {
      const from = i * this.#stride
      let at = this.#writeQuery(team, 0, out, from)
      if (places > 1) out[at++] = Math.max(0, team.waiting - 1) / (places - 1)
      out[at++] = queue[i]! / this.#index.capacity[i]!
      out[at++] = 1 - down[i]!
      for (let t = 0; t < this.#counted; t++) out[at++] = this.#idleGood[t]! / Math.max(1, this.#mostGood[t]!)
      if (this.#shown === 0) continue
      for (let j = 0; j < this.#index.numAgents; j++) {
        if (j === i) continue
        for (let symbol = 0; symbol < this.#shown; symbol++) out[at++] = this.#symbols[j] === symbol ? 1 : 0
      }
    }
  }

  #writeOneHot(team: DispatchState, out: Float32Array): void {
    const { queue, down } = team
    const { numAgents, digitSize, capacity, places } = this.#index
    out.fill(0)
    for (let i = 0; i < this.#observers; i++) {
      let at = i * this.#stride
      for (let place = 0; place < (this.#full ? places : 1); place++) {
        out[at + this.#code(team, place)] = 1
        at += this.#heads
      }
      if (!this.#full && places > 1) {
        out[at + Math.max(0, team.waiting - 1)] = 1
        at += places
      }
      for (let j = this.#full ? 0 : i; j < (this.#full ? numAgents : i + 1); j++) {
        out[at + queue[j]! + (capacity[j]! + 1) * down[j]!] = 1
        at += digitSize[j]!
      }
      for (let t = 0; t < this.#counted; t++) {
        out[at + this.#idleGood[t]!] = 1
        at += this.#mostGood[t]! + 1
      }
      if (this.#shown === 0) continue
      for (let j = 0; j < numAgents; j++) {
        if (j === i) continue
        out[at + this.#symbols[j]!] = 1
        at += this.#shown
      }
    }
  }
}
