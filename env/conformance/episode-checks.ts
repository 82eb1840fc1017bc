import { type Check, fail } from './check.js'
import { hasEnded, placeOf } from './recording.js'
import { describePlace } from './views.js'

/** How episodes start, go on and end. */
export const episodeChecks: readonly Check[] = [
  {
    name: 'reset-clears',
    promise: 'a reset starts a new episode: reward, quantities and both end flags are 0, somebody acts',
    run: ({ recording, spec }) => {
      for (const frame of recording) {
        if (frame.step > 0) continue
        for (const view of ['reward', 'quantities', 'terminated', 'truncated'] as const) {
          const i = frame.slot[view].findIndex((value) => value !== 0)
          if (i < 0) continue
          fail(`${placeOf(frame)}: ${describePlace(spec, view, i)} is ${frame.slot[view][i]}; reset must set it to 0`)
        }
        if (!frame.slot.alive.includes(1)) fail(`${placeOf(frame)}: alive is 0 for all; reset must set who acts`)
      }
    },
  },
  {
    name: 'end-flags',
    promise: 'terminated and truncated are 0 or 1 and never both set',
    run: ({ recording }) => {
      for (const frame of recording) {
        const terminated = frame.slot.terminated[0]!
        const truncated = frame.slot.truncated[0]!
        if (terminated > 1 || truncated > 1) {
          fail(`${placeOf(frame)}: terminated ${terminated}, truncated ${truncated}, expected 0 or 1`)
        }
        if (terminated + truncated > 1) {
          fail(
            `${placeOf(frame)}: terminated and truncated are both set; an end by the rules is terminated, a cut-off is truncated`,
          )
        }
      }
    },
  },
  {
    name: 'step-limit',
    promise: 'no episode is longer than spec.limitSteps',
    run: ({ recording, spec }) => {
      const limit = spec.limitSteps
      if (limit === null) return
      for (const frame of recording) {
        if (frame.step < limit || hasEnded(frame)) continue
        fail(`${placeOf(frame)}: the episode goes on, but spec.limitSteps is ${limit}; set truncated (or terminated)`)
      }
    },
  },
  {
    name: 'alive',
    promise:
      'alive is 0 or 1, nobody comes back within an episode unless the team is open, and somebody acts until it ends',
    run: ({ recording, spec }) => {
      recording.forEach((frame, k) => {
        const { alive } = frame.slot
        const before = frame.step > 0 ? recording[k - 1]!.slot.alive : undefined
        alive.forEach((value, i) => {
          const where = `${placeOf(frame)}: ${describePlace(spec, 'alive', i)}`
          if (value > 1) fail(`${where} is ${value}, expected 0 or 1`)
          if (value === 1 && before?.[i] === 0 && spec.open !== true) {
            fail(
              `${where} is 1 again; an agent that left stays away until reset, or set spec.open where agents come and go`,
            )
          }
        })
        if (!hasEnded(frame) && !alive.includes(1)) {
          fail(`${placeOf(frame)}: nobody acts, but the episode goes on; set terminated`)
        }
      })
    },
  },
]
