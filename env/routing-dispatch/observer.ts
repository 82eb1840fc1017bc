import type { Slot } from '../slot.js'
import type { RoutingDispatchConfig } from './config.js'
import type { DispatchState } from './dispatch-state.js'
import type { StateIndex } from './state-index.js'

/** What an agent tells the others of its load. */
const IDLE = 0
const BUSY = 1
const DOWN_OR_FULL = 2

/** Symbols one agent shows the others: nothing, up or down, or the load message. */
const symbolsShown = { full: 0, own: 1, local: 2, 'local-with-message': 3 }

/**
 * Writes what each agent sees of the state: its number, and the same as real values in [0, 1].
 *
 * Local observations are numbered inbox + X * (own digit + A_i * (symbols of the others, lowest index fastest)).
 * Real values: inbox (one-hot type, patience left), own queue and up, then per other agent its symbol one-hot.
 * The full observation is the state's number; real values: inbox, then each agent's queue and up.
 */
export class Observer {
  readonly #index: StateIndex
  readonly #observers: number
  readonly #shown: number
  /** Values of the head of the inbox, none included. */
  readonly #heads: number
  /** f64 [N * N], place value of agent j's symbol in agent i's observation; 0 for j = i. */
  readonly #symbolPlace: Float64Array
  readonly #symbols: Int32Array
  /** u8 [N], whether agent i's observations are few enough to number. */
  readonly #numbered: Uint8Array

  /** @param observers - number of agents of the environment: N, or 1 for the centralised dispatcher */
  constructor(index: StateIndex, mode: RoutingDispatchConfig['observation'], observers: number) {
    this.#index = index
    this.#observers = observers
    this.#shown = symbolsShown[mode]
    this.#symbols = new Int32Array(index.numAgents)
    this.#numbered = Uint8Array.from(index.digitSize, (_, i) => (this.numObservations(i) > 0 ? 1 : 0))
    this.#symbolPlace = new Float64Array(index.numAgents ** 2)
    this.#heads = 1 + index.numTypes * index.patience
    for (let i = 0; i < index.numAgents; i++) {
      let place = this.#heads * index.places * index.digitSize[i]!
      for (let j = 0; j < index.numAgents; j++) {
        if (j === i) continue
        this.#symbolPlace[i * index.numAgents + j] = place
        place *= this.#shown
      }
    }
  }

  /** Number of distinct observations of one agent; 0 where there are too many to number. */
  numObservations(agent: number): number {
    const { places, patience, numTypes, digitSize, numAgents, numStates } = this.#index
    if (this.#shown === 0) return numStates
    const count = (1 + numTypes * patience) * places * digitSize[agent]! * this.#shown ** (numAgents - 1)
    return count <= 2 ** 30 ? count : 0
  }

  /** Length of the real-valued observation. */
  get size(): number {
    const { numTypes, numAgents, places } = this.#index
    if (this.#shown === 0) return this.stateSize
    return numTypes + 3 + (places > 1 ? 1 : 0) + (this.#shown > 1 ? (numAgents - 1) * this.#shown : 0)
  }

  /** How many of the observed numbers are load messages of others: the last ones, a symbol one-hot from each. */
  get messages(): number {
    return this.#shown === symbolsShown['local-with-message'] ? (this.#index.numAgents - 1) * this.#shown : 0
  }

  /** Length of the global state vector. */
  get stateSize(): number {
    return this.#index.places * (this.#index.numTypes + 1) + 2 * this.#index.numAgents
  }

  /** Writes observationId, stateId, and observation and state where the slot has room for them. */
  write(team: DispatchState, slot: Slot): void {
    const { queue, down } = team
    const { numAgents, capacity, place, numStates } = this.#index
    let state = -1
    if (numStates > 0) {
      state = this.#index.inbox!.numberOf(team.waiting, team.type, team.left)
      for (let i = 0; i < numAgents; i++) state += place[i]! * (queue[i]! + (capacity[i]! + 1) * down[i]!)
    }
    slot.stateId[0] = state
    // What an agent sees of the inbox: its head, and how many wait behind it.
    const { waiting } = team
    const head = waiting > 0 ? this.#index.patience * team.type[0]! + team.left[0]! : 0
    const inbox = waiting > 1 ? head + this.#heads * (waiting - 1) : head
    const inboxSize = this.#heads * this.#index.places
    if (this.#shown === 0) {
      for (let i = 0; i < this.#observers; i++) slot.observationId[i] = state
    } else {
      this.#readSymbols(queue, down)
      for (let i = 0; i < this.#observers; i++) {
        const digit = queue[i]! + (capacity[i]! + 1) * down[i]!
        let id = inbox + inboxSize * digit
        if (this.#shown > 1) {
          for (let j = 0; j < numAgents; j++) id += this.#symbolPlace[i * numAgents + j]! * this.#symbols[j]!
        }
        slot.observationId[i] = this.#numbered[i] === 1 ? id : -1
      }
    }
    if (slot.observation.length > 0) this.#writeObservation(team, slot.observation)
    if (slot.state.length > 0) this.#writeState(team, slot.state, 0)
  }

  #readSymbols(queue: Int32Array, down: Uint8Array): void {
    const { numAgents, capacity } = this.#index
    for (let j = 0; j < numAgents; j++) {
      if (this.#shown === 2) this.#symbols[j] = down[j]!
      else this.#symbols[j] = down[j] === 1 || queue[j] === capacity[j] ? DOWN_OR_FULL : queue[j] === 0 ? IDLE : BUSY
    }
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
    let at = from
    for (let place = 0; place < this.#index.places; place++) at = this.#writeQuery(team, place, out, at)
    for (let i = 0; i < this.#index.numAgents; i++) {
      out[at++] = team.queue[i]! / this.#index.capacity[i]!
      out[at++] = 1 - team.down[i]!
    }
  }

  #writeObservation(team: DispatchState, out: Float32Array): void {
    const { queue, down } = team
    const { size } = this
    const { places } = this.#index
    for (let i = 0; i < this.#observers; i++) {
      if (this.#shown === 0) {
        this.#writeState(team, out, i * size)
        continue
      }
      let at = this.#writeQuery(team, 0, out, i * size)
      if (places > 1) out[at++] = Math.max(0, team.waiting - 1) / (places - 1)
      out[at++] = queue[i]! / this.#index.capacity[i]!
      out[at++] = 1 - down[i]!
      if (this.#shown === 1) continue
      for (let j = 0; j < this.#index.numAgents; j++) {
        if (j === i) continue
        for (let symbol = 0; symbol < this.#shown; symbol++) out[at++] = this.#symbols[j] === symbol ? 1 : 0
      }
    }
  }
}
