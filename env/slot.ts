import { allocateViews, type ViewBlock } from './agent-views.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { EnvSpec, Layout } from './spec.js'
import { layoutOf } from './spec.js'

/**
 * Where an environment writes what happened: the views of one row of larger typed arrays. With N agents, H heads (1, unless
 * actions are multi-discrete), O the widest observation, A the most actions of a head, G the state's length, K the number of
 * quantities. Unused tails are 0.
 */
export interface Slot {
  /** f32 [N, O]; empty when the caller doesn't read it (check `length`, or the environment's `wantsObservation`). */
  readonly observation: Float32Array
  /** u8 [N, H, A], 1 = legal; agents that don't act have no legal action, and their part of a joint action is 0. */
  readonly mask: Uint8Array
  /** i32 [N], the observation's number, -1 where it can't be numbered. */
  readonly observationId: Int32Array
  /** i32 [N], the row of the environment's `features` that the agent sees, -1 = none. */
  readonly featureRow: Int32Array
  /** i32 [1], the state's number, -1 where it can't be numbered. */
  readonly stateId: Int32Array
  /** f32 [G]; empty when the caller doesn't read it. */
  readonly state: Float32Array
  /** f64 [N], reward of the last step. */
  readonly reward: Float64Array
  /**
   * f64 [N, H, A], what each action would have earned in the last step, NaN where that isn't known; empty unless the caller asked for it
   * (`SlotNeeds.actionReward`) and the environment knows (`spec.knowsActionRewards`). Written by `step`; `reset` leaves it alone.
   */
  readonly actionReward: Float64Array
  /** u8 [N], 1 = acts in this state; 0 = has left, or hasn't come yet. */
  readonly alive: Uint8Array
  /** u8 [1], the environment ended by its own rules: the value afterwards is 0. */
  readonly terminated: Uint8Array
  /** u8 [1], the episode was cut off: the value afterwards goes on. */
  readonly truncated: Uint8Array
  /** f64 [K], named in `spec.quantities`. */
  readonly quantities: Float64Array
  /** f64 [1], time the last step took; discount = gamma^elapsed. */
  readonly elapsed: Float64Array
}

/** Which of the wide views a caller reads; environments skip what nobody reads. */
export interface SlotNeeds {
  /** Real-valued observations. Default true. */
  readonly observation?: boolean
  /** The global state vector. Default true. */
  readonly state?: boolean
  /** Rewards of the actions not taken, from environments that know them. Default false: an agent learns from what it does. */
  readonly actionReward?: boolean
}

/** The arrays of `rows` slots, and each row's views into them. */
export interface SlotBuffers extends Slot {
  readonly layout: Layout
  readonly rows: readonly Slot[]
  /** What agents see, of all rows. */
  readonly seen: ViewBlock
}

/**
 * Allocates slots for `rows` environments of one spec; the only place where slot memory is made.
 * Every array is [rows, ...] with the shape a row has in `Slot`.
 * @param features - of the environment, where it has them
 */
export function allocateSlots(
  spec: EnvSpec,
  rows: number,
  needs: SlotNeeds = {},
  features?: SparseMatrix,
): SlotBuffers {
  const layout = layoutOf(spec)
  const { agents: n, numQuantities } = layout
  const width = layout.heads * layout.numActions
  const observationSize = needs.observation === false ? 0 : layout.observationSize
  const stateSize = needs.state === false ? 0 : layout.stateSize
  const actionRewards = needs.actionReward === true && spec.knowsActionRewards === true ? width : 0
  const seen = allocateViews(layout, rows, { observationSize, stateSize }, features)
  const { observation, mask, observationId, featureRow, stateId, state, alive } = seen.views
  const buffers: Slot = {
    observation,
    mask,
    observationId,
    featureRow,
    stateId,
    state,
    reward: new Float64Array(rows * n),
    actionReward: new Float64Array(rows * n * actionRewards).fill(Number.NaN),
    alive,
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    quantities: new Float64Array(rows * numQuantities),
    elapsed: new Float64Array(rows).fill(1),
  }
  const row = (e: number): Slot => ({
    observation: buffers.observation.subarray(e * n * observationSize, (e + 1) * n * observationSize),
    mask: buffers.mask.subarray(e * n * width, (e + 1) * n * width),
    observationId: buffers.observationId.subarray(e * n, (e + 1) * n),
    featureRow: buffers.featureRow.subarray(e * n, (e + 1) * n),
    stateId: buffers.stateId.subarray(e, e + 1),
    state: buffers.state.subarray(e * stateSize, (e + 1) * stateSize),
    reward: buffers.reward.subarray(e * n, (e + 1) * n),
    actionReward: buffers.actionReward.subarray(e * n * actionRewards, (e + 1) * n * actionRewards),
    alive: buffers.alive.subarray(e * n, (e + 1) * n),
    terminated: buffers.terminated.subarray(e, e + 1),
    truncated: buffers.truncated.subarray(e, e + 1),
    quantities: buffers.quantities.subarray(e * numQuantities, (e + 1) * numQuantities),
    elapsed: buffers.elapsed.subarray(e, e + 1),
  })
  return { ...buffers, layout, rows: Array.from({ length: rows }, (_, e) => row(e)), seen }
}
