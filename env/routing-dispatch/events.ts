import { z } from 'zod'
import { StateError } from '../errors.js'
import type { TraceContract } from '../trace/trace-contract.js'
import type { DispatchState } from './dispatch-state.js'

const index = z.int().min(0)
const query = z.strictObject({ type: index, left: z.int().min(1).describe('decisions left') })

/** A start: the inbox, head first, each agent's queue and whether it is down. */
export const dispatchInitial = z.strictObject({
  inbox: z.array(query),
  queue: z.array(index),
  down: z.array(z.union([z.literal(0), z.literal(1)])),
})

/** What happens in one step. Agents and types by their numbers. */
export const dispatchEvents = z.strictObject({
  winner: index.optional().describe('who of those that claim takes the query; needed where several do'),
  good: z
    .union([z.boolean(), z.number().min(0).max(1)])
    .default(false)
    .describe('whether the answer to the query claimed is good, or how good, 0 to 1'),
  served: z
    .array(z.union([index, z.strictObject({ agent: index, place: index })]))
    .default([])
    .describe('agents that finish a query, the oldest of their queue unless a place is given'),
  failed: z
    .array(z.union([index, z.strictObject({ agent: index, begun: z.array(index) })]))
    .default([])
    .describe('agents that go down; begun = places of the queue that are never given back'),
  repaired: z.array(index).default([]),
  withdrawn: z.array(index).default([]).describe('places of the inbox, one after the other, whose queries leave'),
  arrivals: z.array(index).default([]).describe('types of what arrives, in order of time'),
})

export type DispatchEvents = z.infer<typeof dispatchEvents>

/** The state after a step, any of its fields. */
const dispatchStateFields = z
  .strictObject({
    inbox: z.array(query.partial()),
    queue: z.array(index),
    down: z.array(index),
    stepsTaken: index,
  })
  .partial()

export const dispatchTrace: TraceContract = {
  initial: dispatchInitial,
  state: dispatchStateFields,
  events: dispatchEvents,
}

/** @throws StateError where the start is another team's */
export function placeInitial(state: DispatchState, start: z.infer<typeof dispatchInitial>, where: string): void {
  const { numAgents, capacity, numTypes, patience, places } = state.rules
  const refuse = (message: string): never => {
    throw new StateError(`${where}: ${message}`)
  }
  if (start.queue.length !== numAgents || start.down.length !== numAgents) {
    refuse(`expected queue and down of ${numAgents} agents, got ${start.queue.length} and ${start.down.length}`)
  }
  if (start.inbox.length > places) refuse(`expected at most ${places} queries in the inbox, got ${start.inbox.length}`)
  if (start.queue.some((length) => length > 0) && state.queued !== null) {
    refuse('expected empty queues: what is queued must be known where queues are given back')
  }
  start.queue.forEach((length, i) => {
    if (length > capacity[i]!) refuse(`queue.${i}: expected at most ${capacity[i]}, got ${length}`)
  })
  for (const { type, left } of start.inbox) {
    if (type >= numTypes || left > patience) {
      refuse(`inbox: expected types below ${numTypes} with 1 to ${patience} decisions left, got ${type}, ${left}`)
    }
    state.restore(type, left)
  }
  state.queue.set(start.queue)
  state.down.set(start.down)
}

/**
 * Who wins by a tape.
 * @param claimants - i32, those that claim, the first `claims`
 * @throws StateError where the tape names nobody of several, or one who doesn't claim
 */
export function givenWinner({ winner }: DispatchEvents, claimants: Int32Array, claims: number): number {
  if (winner === undefined && claims === 1) return claimants[0]!
  for (let k = 0; k < claims; k++) if (claimants[k] === winner) return winner!
  throw new StateError(
    `routing-dispatch.applyEvents: expected winner to be one of those that claim (${[...claimants.subarray(0, claims)].join(', ')}), got ${winner}`,
  )
}

/** Steps 4 and 5 of a tick by a tape. @throws StateError where something can't happen in this state */
export function applyGiven(state: DispatchState, events: DispatchEvents): void {
  const { numAgents, numTypes } = state.rules
  const check = (possible: boolean, what: string) => {
    if (!possible) throw new StateError(`routing-dispatch.applyEvents: ${what} can't happen in this state`)
  }
  for (const one of events.served) {
    const { agent, place } = typeof one === 'number' ? { agent: one, place: 0 } : one
    check(agent < numAgents && place < state.queue[agent]!, `served: agent ${agent}, place ${place}`)
    state.complete(agent, place)
  }
  for (const one of events.failed) {
    const { agent, begun } = typeof one === 'number' ? { agent: one, begun: [] } : one
    const places = begun.every((place, k) => place < state.queue[agent]! && !(place <= (begun[k - 1] ?? -1)))
    check(agent < numAgents && state.down[agent] === 0 && places, `failed: agent ${agent}`)
    state.goDown(agent, begun)
  }
  for (const agent of events.repaired) {
    check(agent < numAgents && state.down[agent] === 1, `repaired: agent ${agent}`)
    state.comeUp(agent)
  }
  for (const place of events.withdrawn) {
    check(place < state.waiting, `withdrawn: place ${place}`)
    state.withdraw(place)
  }
  for (const type of events.arrivals) {
    check(type < numTypes, `arrivals: type ${type}`)
    state.arrive(type)
  }
}
