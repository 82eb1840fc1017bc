import type { Env } from '../env.js'
import { isEnumerable } from '../mdp/enumerate.js'
import { allocateSlots, type Slot } from '../slot.js'
import { type CheckContext, fail } from './check.js'
import { DeclaredRow } from './declared-model.js'
import { type Frame, hasEnded } from './recording.js'

/** One simulated step between numbered states. */
export interface Visit {
  readonly frame: Frame
  readonly state: number
  readonly actions: Int32Array
  readonly next: number
  /** [N + costs]: what each agent earned in the step, then the quantities that `spec.costs` names. */
  readonly numbers: Float64Array
  /** Time that the step took. */
  readonly elapsed: number
}

type EnumerableEnv = Env & Required<Pick<Env, 'startStates' | 'showState' | 'transitions'>>

/** An environment's declared model beside what the recording saw. */
export interface Model {
  readonly env: EnumerableEnv
  readonly slot: Slot
  readonly visits: readonly Visit[]
  /** What is declared for a state and joint action; asked for once. */
  rowOf(state: number, actions: Int32Array): DeclaredRow
}

/** Runs a check on the declared model; where none is declared there is nothing to check. */
export function withModel(check: (model: Model, context: CheckContext) => void): (context: CheckContext) => void {
  return (context) => {
    const env = context.make()
    if (!isEnumerable(env)) return
    const slot = allocateSlots(context.spec, 1).rows[0]!
    env.bind(slot)
    const rows = new Map<string, DeclaredRow>()
    const rowOf = (state: number, actions: Int32Array) => {
      const key = `${state}:${actions.join()}`
      const known = rows.get(key)
      if (known !== undefined) return known
      const row = new DeclaredRow(context.spec)
      env.showState(state)
      env.transitions(state, actions, row)
      rows.set(key, row)
      return row
    }
    check({ env, slot, visits: visitsOf(context), rowOf }, context)
  }
}

function visitsOf({ recording, spec }: CheckContext): Visit[] {
  const places = (spec.costs ?? []).map((cost) => spec.quantities.findIndex(({ name }) => name === cost))
  return recording.flatMap((frame, k) => {
    if (frame.step === 0) return []
    const state = recording[k - 1]!.slot.stateId[0]!
    const next = frame.slot.stateId[0]!
    if (state < 0 || next < 0) fail('stateId is -1 although the environment declares a model; number every state')
    const { reward, quantities, elapsed } = frame.slot
    const numbers = Float64Array.of(...reward, ...places.map((place) => quantities[place]!))
    return [{ frame, state, actions: frame.actions, next, numbers, elapsed: elapsed[0]! }]
  })
}

/** Whether the episode ended with this step because of the step limit alone (in whichever flag). */
export function endedAtLimit(frame: Frame, limitSteps: number | null): boolean {
  return hasEnded(frame) && limitSteps !== null && frame.step >= limitSteps
}
