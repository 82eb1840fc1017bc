import type { Slot } from '../slot.js'
import type { EnvSpec } from '../spec.js'
import type { Player } from './player.js'
import { copySlot, firstDifference, type ViewName, viewNames } from './views.js'

/** The slot after a reset (step 0) or a step. */
export interface Frame {
  readonly episode: number
  readonly step: number
  /** The joint action that led here, [N]; empty after a reset. */
  readonly actions: Int32Array
  readonly slot: Slot
}

export type Recording = readonly Frame[]

/** Episodes with a limit up to this are played to their end. */
const LONGEST_EPISODE = 1000

/** Other episodes are cut here, so that there are several. */
const CUT_AFTER = 200

/**
 * Plays on for a number of frames, starting with a reset, and keeps every slot. Stops early where an agent has no legal
 * action.
 */
export function record(player: Player, frames: number): Recording {
  const limit = player.env.spec.limitSteps
  const cutAfter = limit !== null && limit <= LONGEST_EPISODE ? limit + 1 : CUT_AFTER
  const recording: Frame[] = []
  let episode = -1
  let step = 0
  while (recording.length < frames) {
    if (episode < 0 || player.ended || step >= cutAfter) {
      player.reset()
      episode++
      step = 0
      recording.push({ episode, step, actions: new Int32Array(0), slot: copySlot(player.slot) })
      continue
    }
    if (!player.step()) break
    step++
    recording.push({ episode, step, actions: player.actions.slice(), slot: copySlot(player.slot) })
  }
  return recording
}

/** Whether the episode ended with this frame. */
export function hasEnded(frame: Frame): boolean {
  return frame.slot.terminated[0] !== 0 || frame.slot.truncated[0] !== 0
}

/** Where a frame lies, for messages. */
export function placeOf(frame: Frame): string {
  return frame.step === 0 ? `episode ${frame.episode}, after reset` : `episode ${frame.episode}, step ${frame.step}`
}

/** The first place where two recordings differ, as text, or undefined. */
export function firstDivergence(
  spec: EnvSpec,
  expected: Recording,
  got: Recording,
  views?: readonly ViewName[],
): string | undefined {
  for (let k = 0; k < Math.min(expected.length, got.length); k++) {
    const { step, slot } = expected[k]!
    // A reset takes no time: what elapsed holds then is the caller's.
    const said = step > 0 ? views : (views ?? viewNames).filter((view) => view !== 'elapsed')
    const difference = firstDifference(spec, slot, got[k]!.slot, said)
    if (difference !== undefined) return `${placeOf(expected[k]!)}: ${difference}`
  }
  return expected.length === got.length ? undefined : 'one run ended before the other'
}
