import { NotEnumerableError } from '#env/errors.js'
import { isActing } from '#env/space.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { ownChoices } from '../own-choices.js'

/** Joint actions of some agents, numbered with the last choice's fastest. */
export interface JointActions {
  readonly count: number
  /** Choices in a joint action. */
  readonly choices: number
  /** i32 [choices], the place of each among those of all agents, agent * H + head. */
  readonly placeOf: Int32Array
  /** [choices], actions of each. */
  readonly sizes: Int32Array
  /** i32 [count, choices] */
  readonly actionOf: Int32Array
}

/** Enumerates the joint actions of some agents, all of them unless told. @throws NotEnumerableError beyond 4096 */
export function jointActions(spec: EnvSpec, agents: readonly number[] = spec.agents.map((_, i) => i)): JointActions {
  const { actionsOf } = layoutOf(spec)
  const { count: choices, placeOf } = ownChoices({ spec, agents })
  const sizes = placeOf.map((place) => actionsOf[place]!)
  const count = sizes.reduce((product, n) => product * n, 1)
  if (count > 4096) {
    throw new NotEnumerableError(
      `${spec.id}: ${count} joint actions are more than a table serves (4096); learn independently`,
    )
  }
  const actionOf = new Int32Array(count * choices)
  for (let j = 0; j < count; j++) {
    let rest = j
    for (let i = choices - 1; i >= 0; i--) {
      actionOf[j * choices + i] = rest % sizes[i]!
      rest = Math.floor(rest / sizes[i]!)
    }
  }
  return { count, choices, placeOf, sizes, actionOf }
}

/**
 * Whether every part of joint action j is legal, 0 for agents that don't act.
 * @param mask - u8; the row's begins at `maskRow`
 * @param width - entries of one choice's mask
 */
export function isLegal(joint: JointActions, j: number, mask: Uint8Array, maskRow: number, width: number): boolean {
  const { choices, actionOf, placeOf } = joint
  for (let i = 0; i < choices; i++) {
    const action = actionOf[j * choices + i]!
    const row = maskRow + placeOf[i]! * width
    if (mask[row + action] === 1) continue
    if (action > 0 || isActing(mask, row, width)) return false
  }
  return true
}

/** The number of the joint action of a row, whose actions begin at `from`. */
export function jointIndex({ choices, sizes, placeOf }: JointActions, actions: Int32Array, from: number): number {
  let joint = 0
  for (let i = 0; i < choices; i++) joint = joint * sizes[i]! + actions[from + placeOf[i]!]!
  return joint
}
