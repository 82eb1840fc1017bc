import type { PolicyBatch } from './policy.js'
import { power } from './power.js'
import type { EnvSpec, Layout } from './spec.js'

/** What all agents of E rows see at one moment. The arrays are those of a slot, [E, ...]. */
export interface AgentViews extends PolicyBatch {
  /** u8 [E, N], 1 = acts in this state. */
  readonly alive: Uint8Array
  /** i32 [E, N] */
  readonly featureRow: Int32Array
}

/**
 * One step of E rows, whole: what was acted on, what was done and earned, and what followed. A learner needs nothing else,
 * and remembers nothing of its own. The arrays are the same ones every step: their numbers hold until the next.
 *
 * Agents that don't act. An agent acts where `before.alive` is 1. One that has left, or hasn't come yet, has no legal action;
 * its part of a joint action is 0 (-1 means the same); it learns nothing from the step, and nothing is bootstrapped from it.
 */
export interface TransitionBatch {
  readonly spec: EnvSpec
  readonly layout: Layout
  /** Rows E. */
  readonly size: number
  /** What was acted on. */
  readonly before: AgentViews
  /** i32 [E, N, H], what was done. */
  readonly actions: Int32Array
  /** f64 [E, N] */
  readonly reward: Float64Array
  /** f64 [E, N, H, A], what each action would have earned; empty unless asked for and known. */
  readonly actionReward: Float64Array
  /** What followed, before any reset: of rows that ended too. */
  readonly after: AgentViews
  /** u8 [E], the environment ended by its own rules: the value of `after` is 0. */
  readonly terminated: Uint8Array
  /** u8 [E], the episode was cut off: the value of `after` goes on. */
  readonly truncated: Uint8Array
  /** u8 [E], terminated or truncated: the row's next step belongs to another episode. */
  readonly ended: Uint8Array
  /** f64 [E], time the step took. */
  readonly elapsed: Float64Array
  /** f64 [E, K] */
  readonly quantities: Float64Array
}

/**
 * What the value of `after` counts for each agent: gamma^elapsed; 0 after termination, and for an agent that is away at the next
 * step. It may come back: what it earns then doesn't count here.
 * With it `reward + discount * value(after)` is the whole of every target, at a cut-off too.
 * @param gamma - in [0, 1]
 * @param out - f64 [E, N], written
 */
export function discounts(transition: TransitionBatch, gamma: number, out: Float64Array): Float64Array {
  const { size, terminated, elapsed } = transition
  const { agents } = transition.layout
  const { alive } = transition.after
  for (let row = 0, k = 0; row < size; row++) {
    const goesOn = terminated[row] === 1 ? 0 : power(gamma, elapsed[row]!)
    for (const end = k + agents; k < end; k++) out[k] = goesOn * alive[k]!
  }
  return out
}

/**
 * The same for a team that learns one value together: gamma^elapsed, 0 after termination. It goes on as long as the
 * environment does, whoever acts.
 * @param out - f64 [E], written
 */
export function teamDiscounts(transition: TransitionBatch, gamma: number, out: Float64Array): Float64Array {
  const { size, terminated, elapsed } = transition
  for (let row = 0; row < size; row++) out[row] = terminated[row] === 1 ? 0 : power(gamma, elapsed[row]!)
  return out
}
