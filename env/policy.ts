import type { Json } from './env.js'
import type { Rng } from './rng.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { Layout } from './spec.js'

/** What policies read: `size` rows of what the agents see now. The arrays are those of a slot, [size, ...]. */
export interface PolicyBatch {
  readonly layout: Layout
  readonly size: number
  /** f32 [size, N, O] */
  readonly observation: Float32Array
  /** u8 [size, N, A] */
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
  /** i32 [size], the policy's own memory, where it has one (`policy.memory`). */
  readonly memory?: Int32Array
}

/** Memory of a policy as a finite-state controller: what it carries from one step to the next. */
export interface PolicyMemory {
  /** Number of memory values, 0..size-1. */
  readonly size: number
  /** Value at the start of an episode. */
  readonly initial: number
  /** The value after acting. `actions` holds the joint action of this row at [offset, offset + N). */
  next(memory: number, actions: Int32Array, offset: number): number
}

/** A way to act. Nothing in it depends on how it was made: learned, scripted or planned. */
export interface Policy {
  /** local: reads each agent's own observation only; global: reads the state. */
  readonly observes: 'local' | 'global'
  /** Writes a legal action for every agent of every row to `out`, i32 [size, N]. */
  act(batch: PolicyBatch, rng: Rng, out: Int32Array): void
  /** Scores of each agent's actions, f64 [size, N, A], higher is better; illegal ones -Infinity. Needed to serve. */
  scores?(batch: PolicyBatch, out: Float64Array): void
  /**
   * Probability of each agent's actions given what it sees, f64 [size, N, A]; agents choose independently. Needed by
   * policies that draw; a policy without it is deterministic: `act` makes no draw.
   */
  probabilities?(batch: PolicyBatch, out: Float64Array): void
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
  /** Which loader reads it: tabular, linear, graph, scripted. */
  readonly kind: string
  readonly details: { readonly [key: string]: Json }
  readonly tensors: { readonly [name: string]: Tensor }
}
