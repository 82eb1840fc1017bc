import type { Slot } from '../slot.js'
import { type EnvSpec, layoutOf } from '../spec.js'

export type ViewName = keyof Slot

/** Every view of a slot. */
export const viewNames = [
  'observation',
  'mask',
  'observationId',
  'featureRow',
  'stateId',
  'state',
  'reward',
  'actionReward',
  'alive',
  'terminated',
  'truncated',
  'quantities',
  'elapsed',
] as const satisfies readonly ViewName[]

/** The views that say what the world looks like now, and nothing of how it got there. */
export const presentViews = ['observation', 'mask', 'observationId', 'featureRow', 'stateId', 'state'] as const

/** A copy that later steps leave alone. */
export function copySlot(slot: Slot): Slot {
  return {
    observation: slot.observation.slice(),
    mask: slot.mask.slice(),
    observationId: slot.observationId.slice(),
    featureRow: slot.featureRow.slice(),
    stateId: slot.stateId.slice(),
    state: slot.state.slice(),
    reward: slot.reward.slice(),
    actionReward: slot.actionReward.slice(),
    alive: slot.alive.slice(),
    terminated: slot.terminated.slice(),
    truncated: slot.truncated.slice(),
    quantities: slot.quantities.slice(),
    elapsed: slot.elapsed.slice(),
  }
}

/** The first number in which two slots differ, as text, or undefined. */
export function firstDifference(
  spec: EnvSpec,
  expected: Slot,
  got: Slot,
  views: readonly ViewName[] = viewNames,
): string | undefined {
  for (const view of views) {
    const a = expected[view]
    const b = got[view]
    for (let i = 0; i < a.length; i++) {
      if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) {
        return `${describePlace(spec, view, i)} is ${b[i]}, expected ${a[i]}`
      }
    }
  }
  return undefined
}

/** What entry `index` of a view is, in words. */
export function describePlace(spec: EnvSpec, view: ViewName, index: number): string {
  const { observationSize, numActions, heads } = layoutOf(spec)
  const chooser = (c: number) => {
    const choice = heads === 1 ? '' : `, choice ${c % heads},`
    return `${agent(Math.floor(c / heads))}${choice}`
  }
  const agent = (i: number) => `agent "${spec.agents[i]!.name}"`
  switch (view) {
    case 'observation':
      return `observation[${index % observationSize}] of ${agent(Math.floor(index / observationSize))}`
    case 'mask':
      return `the mask of action ${index % numActions} of ${chooser(Math.floor(index / numActions))}`
    case 'actionReward':
      return `the reward of action ${index % numActions} of ${chooser(Math.floor(index / numActions))}`
    case 'observationId':
    case 'featureRow':
    case 'reward':
    case 'alive':
      return `${view} of ${agent(index)}`
    case 'state':
      return `state[${index}]`
    case 'quantities':
      return `quantity "${spec.quantities[index]!.name}"`
    default:
      return view
  }
}
