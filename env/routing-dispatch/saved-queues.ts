import { StateError } from '../errors.js'
import { type DispatchState, NONE } from './dispatch-state.js'
import type { QueuedQuery } from './queued-queries.js'

type SavedQuery = { readonly [K in keyof QueuedQuery]: number }

/** A `DispatchState` as plain data, without the tickets of its inbox: the environment's queries have none. */
export type SavedQueues = {
  /** Head first. */
  readonly inbox: readonly { readonly type: number; readonly left: number; readonly arrival: number }[]
  readonly queue: readonly number[]
  readonly down: readonly number[]
  /** What the queues hold, where it is told apart; null where not. */
  readonly queued: readonly (readonly SavedQuery[])[] | null
  readonly tick: number
  readonly awards: number
  readonly arrived: number
}

export function saveQueues(state: DispatchState): SavedQueues {
  const { waiting, type, left, arrival, queue, down, queued, tick, awards, arrived } = state
  return {
    inbox: Array.from({ length: waiting }, (_, k) => ({ type: type[k]!, left: left[k]!, arrival: arrival[k]! })),
    queue: [...queue],
    down: [...down],
    queued:
      queued === null
        ? null
        : Array.from(queue, (length, i) => Array.from({ length }, (_, k) => ({ ...queued.at(i, k) }))),
    tick,
    awards,
    arrived,
  }
}

/** @throws StateError where it is another team's */
export function loadQueues(state: DispatchState, saved: SavedQueues): void {
  const n = state.rules.numAgents
  const fits =
    saved.queue?.length === n &&
    saved.down?.length === n &&
    Array.isArray(saved.inbox) &&
    saved.inbox.length <= state.rules.places &&
    (saved.queued === null) === (state.queued === null)
  if (!fits) throw new StateError(`routing-dispatch: the saved state doesn't have ${n} agents; it is another team's`)
  state.reset()
  saved.inbox.forEach(({ type, left, arrival }, k) => {
    state.type[k] = type
    state.left[k] = left
    state.arrival[k] = arrival
    state.ticket[k] = NONE
  })
  state.waiting = saved.inbox.length
  state.queue.set(saved.queue)
  state.down.set(saved.down)
  saved.queued?.forEach((queries, i) => {
    queries.forEach((query, k) => {
      Object.assign(state.queued!.next(i, k), query)
    })
  })
  state.tick = saved.tick
  state.awards = saved.awards
  state.arrived = saved.arrived
}
