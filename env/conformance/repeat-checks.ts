import { allocateSlots, type SlotNeeds } from '../slot.js'
import { type Check, type CheckContext, fail } from './check.js'
import { Player } from './player.js'
import { firstDivergence, type Recording, record } from './recording.js'
import { copySlot, describePlace, firstDifference, viewNames } from './views.js'

/** Frames of a run that is compared with the beginning of the recording or of another run. */
const FRAMES = 300

/** What must come out the same however often, wherever and by whom it is run. */
export const repeatChecks: readonly Check[] = [
  {
    name: 'same-seed',
    promise: 'equal seeds and actions give equal trajectories',
    run: (context) => {
      compare(context, record(fresh(context), FRAMES), 'a second run from the same seed differs')
    },
  },
  {
    name: 'reset-forgets',
    promise: 'an episode depends on its seed and actions, not on episodes before it',
    run: (context) => {
      const used = fresh(context, `${context.seed}/other`)
      record(used, FRAMES)
      const again = new Player(used.env, used.slot, context.seed)
      compare(context, record(again, FRAMES), 'after other episodes the same seed gives another trajectory; reset all')
    },
  },
  {
    name: 'rebind',
    promise: 'a second bind points the environment at the new slot and leaves the old one alone',
    run: (context) => {
      const first = fresh(context, `${context.seed}/other`)
      record(first, 20)
      const left = copySlot(first.slot)
      const moved = new Player(first.env, allocateSlots(context.spec, 1).rows[0]!, context.seed)
      const recording = record(moved, FRAMES)
      const touched = firstDifference(context.spec, left, first.slot)
      if (touched !== undefined) fail(`after a second bind the old slot is still written: ${touched}`)
      compare(context, recording, 'after a second bind the new slot differs; write to the slot bound last')
    },
  },
  {
    name: 'own-slot',
    promise: "nothing is written outside the environment's own slot",
    run: (context) => {
      const { rows } = allocateSlots(context.spec, 3)
      const neighbours = [rows[0]!, rows[2]!]
      const sentinel = 77
      for (const row of neighbours) for (const view of viewNames) row[view].fill(sentinel)
      record(new Player(context.make(), rows[1]!, context.seed), FRAMES)
      for (const row of neighbours) {
        for (const view of viewNames) {
          const i = row[view].findIndex((value) => value !== sentinel)
          if (i < 0) continue
          const where = `${describePlace(context.spec, view, i)} of a neighbouring environment`
          fail(`${where} was overwritten; write to the views of bind only, never to their buffer`)
        }
      }
    },
  },
  {
    name: 'actions-array',
    promise: 'the array of actions is neither changed nor kept',
    run: (context) => {
      const player = fresh(context)
      player.freshArrays = true
      player.afterStep = (passed) => {
        const i = passed.findIndex((action, k) => action !== player.actions[k])
        if (i >= 0) fail(`step wrote ${passed[i]} to actions[${i}]; the array belongs to the caller, only read it`)
        passed.fill(-1)
      }
      const recording = record(player, FRAMES)
      compare(context, recording, 'overwriting the actions after a step changes what follows; copy what you need later')
    },
  },
  {
    name: 'narrow-slot',
    promise: 'without room for observation and state vectors, everything else is the same',
    run: (context) => {
      const player = fresh(context, context.seed, { observation: false, state: false })
      const views = viewNames.filter((view) => view !== 'observation' && view !== 'state')
      const difference = firstDivergence(
        context.spec,
        context.recording.slice(0, FRAMES),
        record(player, FRAMES),
        views,
      )
      if (difference !== undefined) {
        fail(`bound to a slot without vectors, ${difference}; skip views of length 0 and nothing else`)
      }
    },
  },
]

function fresh(context: CheckContext, seed = context.seed, needs?: SlotNeeds): Player {
  return new Player(context.make(), allocateSlots(context.spec, 1, needs).rows[0]!, seed)
}

/** Holds a run against the beginning of the long recording, which has the same seed. */
function compare({ spec, recording }: CheckContext, got: Recording, what: string): void {
  const difference = firstDivergence(spec, recording.slice(0, got.length), got)
  if (difference !== undefined) fail(`${what}: ${difference}`)
}
