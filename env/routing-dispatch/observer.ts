import type { Slot } from '../slot.js'
import type { RoutingDispatchConfig } from './config.js'
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
    for (let i = 0; i < index.numAgents; i++) {
      let place = index.inboxSize * index.digitSize[i]!
      for (let j = 0; j < index.numAgents; j++) {
        if (j === i) continue
        this.#symbolPlace[i * index.numAgents + j] = place
        place *= this.#shown
      }
    }
  }

  /** Number of distinct observations of one agent; 0 where there are too many to number. */
  numObservations(agent: number): number {
    const { inboxSize, digitSize, numAgents, numStates } = this.#index
    if (this.#shown === 0) return numStates
    const count = inboxSize * digitSize[agent]! * this.#shown ** (numAgents - 1)
    return count <= 2 ** 30 ? count : 0
  }

  /** Length of the real-valued observation. */
  get size(): number {
    const { numTypes, numAgents } = this.#index
    if (this.#shown === 0) return this.stateSize
    return numTypes + 3 + (this.#shown > 1 ? (numAgents - 1) * this.#shown : 0)
  }

  /** How many of the observed numbers are load messages of others: the last ones, a symbol one-hot from each. */
  get messages(): number {
    return this.#shown === symbolsShown['local-with-message'] ? (this.#index.numAgents - 1) * this.#shown : 0
  }

  /** Length of the global state vector. */
  get stateSize(): number {
    return this.#index.numTypes + 1 + 2 * this.#index.numAgents
  }

  /** Writes observationId, stateId, and observation and state where the slot has room for them. */
  write(inbox: number, queue: Int32Array, down: Uint8Array, slot: Slot): void {
    const { numAgents, capacity, inboxSize, place, numStates } = this.#index
    let state = inbox
    for (let i = 0; i < numAgents; i++) state += place[i]! * (queue[i]! + (capacity[i]! + 1) * down[i]!)
    slot.stateId[0] = numStates > 0 ? state : -1
    if (this.#shown === 0) {
      for (let i = 0; i < this.#observers; i++) slot.observationId[i] = numStates > 0 ? state : -1
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
    if (slot.observation.length > 0) this.#writeObservation(inbox, queue, down, slot.observation)
    if (slot.state.length > 0) this.#writeState(inbox, queue, down, slot.state, 0)
  }

  #readSymbols(queue: Int32Array, down: Uint8Array): void {
    const { numAgents, capacity } = this.#index
    for (let j = 0; j < numAgents; j++) {
      if (this.#shown === 2) this.#symbols[j] = down[j]!
      else this.#symbols[j] = down[j] === 1 || queue[j] === capacity[j] ? DOWN_OR_FULL : queue[j] === 0 ? IDLE : BUSY
    }
  }

  #writeInbox(inbox: number, out: Float32Array, at: number): number {
    const { numTypes, patience } = this.#index
    for (let t = 0; t < numTypes; t++) out[at + t] = inbox > 0 && Math.floor((inbox - 1) / patience) === t ? 1 : 0
    out[at + numTypes] = inbox > 0 ? (((inbox - 1) % patience) + 1) / patience : 0
    return at + numTypes + 1
  }

  #writeState(inbox: number, queue: Int32Array, down: Uint8Array, out: Float32Array, from: number): void {
    let at = this.#writeInbox(inbox, out, from)
    for (let i = 0; i < this.#index.numAgents; i++) {
      out[at++] = queue[i]! / this.#index.capacity[i]!
      out[at++] = 1 - down[i]!
    }
  }

  #writeObservation(inbox: number, queue: Int32Array, down: Uint8Array, out: Float32Array): void {
    const { size } = this
    for (let i = 0; i < this.#observers; i++) {
      if (this.#shown === 0) {
        this.#writeState(inbox, queue, down, out, i * size)
        continue
      }
      let at = this.#writeInbox(inbox, out, i * size)
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
