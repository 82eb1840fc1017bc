import { allocateSlots } from '#env/slot.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'

/** What agents see at one moment, row after row: [E, N, O], [E, N, A], [E, N], [E, N]. */
export interface ViewsByHand {
  readonly observation?: readonly number[]
  readonly mask?: readonly number[]
  readonly featureRow?: readonly number[]
  readonly alive?: readonly number[]
}

/** One step of E rows, as in `TransitionBatch`. */
export interface StepByHand {
  readonly before?: ViewsByHand
  readonly after?: ViewsByHand
  readonly actions?: readonly number[]
  readonly reward?: readonly number[]
  /** [E, N, A]; absent: nothing is known. */
  readonly actionReward?: readonly number[]
  readonly terminated?: readonly number[]
  readonly elapsed?: readonly number[]
}

/** Views of some rows, made by hand. What isn't given: observations 0, no features, everything legal, everybody there. */
export function viewsByHand(spec: EnvSpec, rows: number, given: ViewsByHand = {}, features?: SparseMatrix): AgentViews {
  const { views } = allocateSlots(spec, rows, {}, features).seen
  views.mask.fill(1)
  views.observation.set(given.observation ?? [])
  views.mask.set(given.mask ?? [])
  views.featureRow.set(given.featureRow ?? [])
  views.alive.set(given.alive ?? [])
  return views
}

/** A whole transition, made by hand. What isn't given: no reward, action 0, nothing ends, a step takes time 1. */
export function stepByHand(spec: EnvSpec, rows: number, given: StepByHand, features?: SparseMatrix): TransitionBatch {
  const { layout, reward, terminated, truncated, quantities, elapsed } = allocateSlots(spec, rows)
  const filled = <T extends Uint8Array | Float64Array>(array: T, numbers: readonly number[] = []): T => {
    array.set(numbers)
    return array
  }
  const actions = new Int32Array(rows * layout.agents)
  actions.set(given.actions ?? [])
  return {
    spec,
    layout,
    size: rows,
    before: viewsByHand(spec, rows, given.before, features),
    actions,
    reward: filled(reward, given.reward),
    actionReward: Float64Array.from(given.actionReward ?? []),
    after: viewsByHand(spec, rows, given.after, features),
    terminated: filled(terminated, given.terminated),
    truncated,
    ended: terminated,
    elapsed: filled(elapsed, given.elapsed),
    quantities,
  }
}
