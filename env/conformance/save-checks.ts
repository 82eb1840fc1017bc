import type { EnvState } from '../env.js'
import { allocateSlots, type Slot } from '../slot.js'
import { type Check, type CheckContext, fail } from './check.js'
import { Player } from './player.js'
import { firstDivergence, placeOf, type Recording } from './recording.js'
import { copySlot, firstDifference, presentViews } from './views.js'

/** Steps played before each save. */
const SAVE_AFTER = [0, 1, 2, 7, 40]

/** Steps played after it, once before and once after a reset. */
const CONTINUE = 40

/** That an environment can be saved, carried as JSON, and gone on with. */
export const saveChecks: readonly Check[] = [
  {
    name: 'save-json',
    promise: 'a saved state survives JSON',
    run: (context) => {
      const { state } = saved(context, 3)
      const text = JSON.stringify(state)
      if (text === undefined) fail('saveState gave nothing; return plain data')
      const lost = firstLoss(state, JSON.parse(text), 'state')
      if (lost !== undefined) fail(`${lost}; keep plain data: finite numbers, texts, lists, objects`)
    },
  },
  {
    name: 'save-continues',
    promise: 'after saveState and loadState an environment goes on as if nothing had happened',
    run: (context) => {
      for (const steps of SAVE_AFTER) {
        const { player, state, slot } = saved(context, steps)
        const straight = goOn(player)
        load(context, player, state, slot, 'itself')
        compare(context, straight, goOn(player), `saved after ${steps} steps and loaded into itself`)
      }
    },
  },
  {
    name: 'save-moves',
    promise: 'a saved state goes on in another instance as it did in its own',
    run: (context) => {
      for (const steps of SAVE_AFTER) {
        const { player, state, slot } = saved(context, steps)
        const straight = goOn(player)
        const other = new Player(context.make(), allocateSlots(context.spec, 1).rows[0]!, `${context.seed}/other`)
        other.reset()
        load(context, other, state, slot, 'another instance')
        compare(context, straight, goOn(other), `saved after ${steps} steps and loaded into another instance`)
      }
    },
  },
]

interface Saved {
  readonly player: Player
  /** What `saveState` gave, carried through JSON where it is loaded. */
  readonly state: EnvState
  /** The slot at the moment of saving. */
  readonly slot: Slot
}

/** Plays a number of steps (never to an end) and saves. */
function saved({ make, spec, seed }: CheckContext, steps: number): Saved {
  const player = new Player(make(), allocateSlots(spec, 1).rows[0]!, seed)
  player.reset()
  for (let t = 0; t < steps && player.step(); t++) if (player.ended) player.reset()
  return { player, state: player.env.saveState(), slot: copySlot(player.slot) }
}

/** Plays on with actions of its own: to the ends on the way, and from a reset halfway. */
function goOn(player: Player): Recording {
  player.chooseFrom('continue')
  return Array.from({ length: 2 * CONTINUE }, (_, step) => {
    if (step === CONTINUE || player.ended) player.reset()
    else player.step()
    return { episode: 0, step: step + 1, actions: player.actions.slice(), slot: copySlot(player.slot) }
  })
}

function load({ spec }: CheckContext, player: Player, state: EnvState, expected: Slot, into: string): void {
  player.env.loadState(JSON.parse(JSON.stringify(state)))
  const difference = firstDifference(spec, expected, player.slot, [...presentViews, 'alive', 'terminated', 'truncated'])
  if (difference !== undefined) {
    fail(`after loadState into ${into} ${difference}; loadState must write the views of the slot again`)
  }
}

function compare({ spec }: CheckContext, expected: Recording, got: Recording, what: string): void {
  const k = expected.findIndex((frame, i) => firstDivergence(spec, [frame], [got[i]!]) !== undefined)
  if (k < 0) return
  const difference = firstDifference(spec, expected[k]!.slot, got[k]!.slot)
  fail(
    `${what}, ${placeOf(expected[k]!).replace('episode 0, ', '')} differs: ${difference}; save everything that later steps read, the generator included`,
  )
}

/** The first place where JSON changed a value, or undefined. */
function firstLoss(before: unknown, after: unknown, path: string): string | undefined {
  if (before === null || typeof before !== 'object') {
    return Object.is(before, after) || before === after ? undefined : `${path} is ${String(before)}, which JSON loses`
  }
  if (!Array.isArray(before) && Object.getPrototypeOf(before) !== Object.prototype) {
    return `${path} is a ${before.constructor?.name ?? 'special object'}, which JSON changes`
  }
  for (const [key, value] of Object.entries(before)) {
    const lost = firstLoss(value, (after as { [key: string]: unknown })[key], `${path}.${key}`)
    if (lost !== undefined) return lost
  }
  return undefined
}
