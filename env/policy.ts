import type { Json } from './json.js'
import type { Rng } from './rng.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { Layout } from './spec.js'

/** What policies read: `size` rows of what the agents see now. The arrays are those of a slot, [size, ...]. */
export interface PolicyBatch {
  readonly layout: Layout
  readonly size: number
  /** f32 [size, N, O] */
  readonly observation: Float32Array
  /** u8 [size, N, H, A] */
  readonly mask: Uint8Array
  /** i32 [size, N] */
  readonly observationId: Int32Array
  /** i32 [size] */
  readonly stateId: Int32Array
  /** f32 [size, G] */
  readonly state: Float32Array
  /** Sparse features, where the environment has them. */
  readonly features?: SparseMatrix
  /** i32 [size, N], rows of `features`; there where `features` is. */
  readonly featureRow?: Int32Array
  /**
   * u8 [size, N], agents that still act; where it is absent, those with a legal action. An agent that doesn't act takes
   * action 0 and remembers what it did before.
   */
  readonly alive?: Uint8Array
  /** f32 [size, N, M], what each agent remembers (`policy.memory`); `act` reads it and writes it in place. */
  readonly memory?: Float32Array
}

/**
 * The numbers that each agent carries from one step to the next. Whoever plays the policy keeps them, [size, N, M], hands them
 * over in the batch, and sets them back to `initial` where a row begins anew (`PolicyMemoryRows` does).
 *
 * - Each agent's are its own: what it does and remembers follows from what it sees itself and from its own numbers.
 * - What it remembers doesn't depend on what was drawn: `act` writes the same memory whatever the generator gives. A policy
 *   that draws has therefore an exact value, on the chain of states and memories.
 * - `probabilities` and `scores` read the memory and leave it alone: they say what `act` is about to do.
 * - An agent that doesn't act keeps its memory.
 */
export interface PolicyMemory {
  /** M, numbers an agent, at least 1. */
  readonly size: number
  /** f32 [N, M], at the start of an episode; zeros where absent. */
  readonly initial?: Float32Array
}

/**
 * What an agent's part of a policy depends on. local: what the agent sees itself (its observation, ids, features and mask);
 * messages: the same, where some of the observed numbers are messages of others (`AgentSpec.messages` says how many); bids: either of
 * these, and one number from each of the others, its bid; global: also the state, and what others see. But for `global` the agents
 * could act apart, each on a machine of its own.
 */
export type Observes = 'local' | 'messages' | 'bids' | 'global'

/** A way to act. Nothing in it depends on how it was made: learned, scripted or planned. */
export interface Policy {
  readonly observes: Observes
  /**
   * Writes every choice of every agent of every row to `out`, i32 [size, N, H]: a legal one, 0 for agents that don't act. Synchronous: a
   * policy whose numbers live on a device acts on the processor with a copy of them, brought up to date before (`settle`).
   */
  act(batch: PolicyBatch, rng: Rng, out: Int32Array): void
  /** Scores of each agent's actions, f64 [size, N, H, A], higher is better; illegal ones -Infinity. Needed to serve. */
  scores?(batch: PolicyBatch, out: Float64Array): void
  /**
   * Probability of each agent's actions given what it sees and remembers, f64 [size, N, H, A]; agents choose independently. Those
   * of an agent that acts sum to 1. The row of one that doesn't act isn't read and may hold anything: its action is 0 for certain.
   * Needed by policies that draw; a policy without it is deterministic: `act` makes no draw.
   */
  probabilities?(batch: PolicyBatch, out: Float64Array): void
  /** Absent for policies that remember nothing. */
  readonly memory?: PolicyMemory
  /** What a policy bundle stores; absent for policies that can't be saved. */
  export?(): PolicyExport
}

/** A tensor by name: C order. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array
}

/** Everything needed to make a policy again. */
export interface PolicyExport {
  /** Which loader reads it: `tabular`, `linear`, or a kind of one's own (`LearnerEntry.loadPolicy`). */
  readonly kind: string
  readonly details: { readonly [key: string]: Json }
  readonly tensors: { readonly [name: string]: Tensor }
}
