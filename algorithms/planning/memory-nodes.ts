import { ModelError, NotEnumerableError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { PolicyBatch } from '#env/policy.js'
import { selectRowsOf } from '#env/policy-batch.js'

/** Pairs of a state and what all agents remember that are told apart at most; about 100 MB beside their transitions. */
export const MOST_MEMORY_NODES = 1_000_000

/** Transitions between them at most: 240 MB. */
export const MOST_MEMORY_TRANSITIONS = 20_000_000

/**
 * The nodes of the chain that a policy with memory makes: pairs of a state and of what all agents remember, bit by bit, numbered
 * as they are found. A terminal state is one node whatever is remembered there.
 */
export class MemoryNodes {
  readonly #mdp: JointMdp
  /** N * M, numbers remembered in a row. */
  readonly #width: number
  /** Memories by their bits, and f32 [memories, N, M]. */
  readonly #idOf = new Map<string, number>()
  #memories = new Float32Array(0)
  /** Of each node, i32. */
  #states = new Int32Array(1024)
  #memoryOf = new Int32Array(1024)
  #count = 0
  /** i32, open addressing: node + 1 at the first free place from its hash on, 0 = free. Twice as long as the arrays of nodes. */
  #places = new Int32Array(2048)

  /** @param initial - f32 [N, M], what is remembered at the start: memory 0 */
  constructor(mdp: JointMdp, initial: Float32Array) {
    this.#mdp = mdp
    this.#width = initial.length
    this.remember(initial, 0)
  }

  get count(): number {
    return this.#count
  }

  stateOf(node: number): number {
    return this.#states[node]!
  }

  /** The node of a state with the initial memory, or -1 where it hasn't come up. */
  initialNode(state: number): number {
    return this.#places[this.#place(state, 0)]! - 1
  }

  /** The number of what is remembered at [offset, offset + N * M) of `values`. @throws ModelError for NaN */
  remember(values: Float32Array, offset: number): number {
    const row = values.slice(offset, offset + this.#width)
    if (row.some(Number.isNaN)) {
      throw new ModelError("evaluatePolicy: the policy's memory holds NaN, expected numbers; check what `act` writes")
    }
    const key = String.fromCharCode(...new Uint16Array(row.buffer))
    const known = this.#idOf.get(key)
    if (known !== undefined) return known
    const id = this.#idOf.size
    this.#idOf.set(key, id)
    if (this.#memories.length < (id + 1) * this.#width) {
      const grown = new Float32Array(Math.max(64, 2 * (id + 1)) * this.#width)
      grown.set(this.#memories)
      this.#memories = grown
    }
    this.#memories.set(row, id * this.#width)
    return id
  }

  /** The node of a state and a memory, a new one where it hasn't come up. @throws NotEnumerableError beyond the limit */
  node(state: number, memory: number): number {
    const kept = this.#mdp.terminal[state] === 1 ? 0 : memory
    const place = this.#place(state, kept)
    const known = this.#places[place]!
    if (known > 0) return known - 1
    if (this.count >= MOST_MEMORY_NODES) {
      throw tooLarge(`more than ${MOST_MEMORY_NODES} pairs of a state and a memory`)
    }
    const node = this.#count++
    this.#states[node] = state
    this.#memoryOf[node] = kept
    this.#places[place] = node + 1
    if (this.#count === this.#states.length) this.#grow()
    return node
  }

  /** Where the node of a state and a memory stands, or would stand. */
  #place(state: number, memory: number): number {
    const last = this.#places.length - 1
    let hash = Math.imul(state, 0x9e3779b1) ^ Math.imul(memory, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    for (let place = (hash ^ (hash >>> 13)) & last; ; place = (place + 1) & last) {
      const node = this.#places[place]! - 1
      if (node < 0 || (this.#states[node] === state && this.#memoryOf[node] === memory)) return place
    }
  }

  #grow(): void {
    const [states, memoryOf] = [this.#states, this.#memoryOf]
    this.#states = new Int32Array(2 * this.#count)
    this.#states.set(states)
    this.#memoryOf = new Int32Array(2 * this.#count)
    this.#memoryOf.set(memoryOf)
    this.#places = new Int32Array(4 * this.#count)
    for (let node = 0; node < this.#count; node++) {
      this.#places[this.#place(states[node]!, memoryOf[node]!)] = node + 1
    }
  }

  /** What the agents see and remember in the nodes from..to-1. */
  batch(from: number, to: number): PolicyBatch & { readonly memory: Float32Array } {
    const width = this.#width
    const memory = new Float32Array((to - from) * width)
    for (let node = from; node < to; node++) {
      const at = this.#memoryOf[node]! * width
      memory.set(this.#memories.subarray(at, at + width), (node - from) * width)
    }
    return { ...selectRowsOf(this.#mdp.batch, this.#states.subarray(from, to)), memory }
  }
}

/** Why a policy with memory has no exact value here. */
export function tooLarge(what: string): NotEnumerableError {
  return new NotEnumerableError(
    `evaluatePolicy: ${what} can be reached with this policy's memory, too many for its exact value; evaluate by sampling`,
  )
}
