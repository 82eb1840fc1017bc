import type { Json } from './json.js'
import type { FactoredModel } from './mdp/factored-model.js'
import type { StartSink, TransitionSink } from './mdp/transition-sink.js'
import type { Rng } from './rng.js'
import type { Slot } from './slot.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { EnvSpec } from './spec.js'

/** A saved environment: plain data, its generator included. */
export type EnvState = { readonly [key: string]: Json }

/**
 * A world in which agents act together. Written once against a slot of typed arrays; the gym faces (gym/) and
 * `VectorEnv` are built on it.
 *
 * Order of calls: `bind`; then `reset`, then `step` until `terminated` or `truncated` is set; then `reset` again.
 * `reset` and `step` write the whole slot: observation (where bound with room for it), mask, ids, state, alive,
 * terminated, truncated; `step` also reward, quantities and elapsed (`reset` sets reward and quantities to 0).
 * `step` allocates nothing.
 */
export abstract class Env<S extends EnvSpec = EnvSpec> {
  /** Agents, spaces, limits, score, quantities: all a caller may know before the first reset. */
  abstract readonly spec: S

  /**
   * Sparse features, such as encoded texts: agents see the row that `slot.featureRow` names. One matrix for all environments
   * of a batch; it never changes.
   */
  readonly features?: SparseMatrix

  /** Receives the views this environment writes into, before the first reset; a later call points it at another slot. */
  abstract bind(slot: Slot): void

  /** Starts an episode. Keeps `rng`, whose state is part of `saveState()`. */
  abstract reset(rng: Rng): void

  /** One joint action, i32 [N, H]: actions[i] belongs to spec.agents[i] where agents make one choice; 0 for agents that don't act. */
  abstract step(actions: Int32Array): void

  /** Everything needed to go on from here, generator included. */
  abstract saveState(): EnvState

  /** Goes back to a saved state: writes observation, masks and ids of the slot again. @throws StateError when it doesn't fit */
  abstract loadState(state: EnvState): void

  /**
   * Enumerable environments: the distribution over start states, added to `sink`.
   * `startStates`, `showState` and `transitions` come together and describe the environment without its step limit.
   */
  startStates?(sink: StartSink): void

  /**
   * Enumerable environments: writes observation, mask, observationId, stateId and state of the slot as they are in
   * `state`, 0..numStates-1. Whatever was going on before needs a `reset` or `loadState` to go on.
   */
  showState?(state: number): void

  /** Enumerable environments: every outcome of a joint action, [N], all of it legal in `state`, added to `sink`. */
  transitions?(state: number, jointAction: Int32Array, sink: TransitionSink): void

  /**
   * Enumerable environments whose parts move independently between decisions: the same model in factors, for exact values where
   * the joint transitions are too many. Undefined where its settings don't allow it.
   */
  factoredModel?(): FactoredModel | undefined

  /** For traces: starts an episode from a given state instead of a drawn one. */
  injectInitial?(json: Json): void

  /** For traces: what would have been drawn in the next step. */
  applyEvents?(json: Json): void
}
