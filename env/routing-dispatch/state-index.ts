import type { RoutingDispatchConfig } from './config.js'
import { InboxIndex } from './inbox-index.js'
import { type DispatchRules, dispatchRules } from './rules.js'

/** States beyond this many aren't numbered (ids are i32). */
const MAX_STATES = 2 ** 30

/**
 * Numbers the states: s = x + X * (a_0 + A_0 * (a_1 + A_1 * ...)), with the inbox x (with one place: 0 = none, else
 * 1 + patience * type + (left - 1); see `InboxIndex`) and agent i's digit a_i = queue + (capacity + 1) * down.
 */
export interface StateIndex {
  readonly numAgents: number
  readonly numTypes: number
  readonly patience: number
  /** B, places of the inbox. */
  readonly places: number
  readonly inbox: InboxIndex | null
  /** X, number of inbox values; 0 where there are too many to number. */
  readonly inboxSize: number
  /** i32 [N], A_i = 2 * (capacity + 1). */
  readonly digitSize: Int32Array
  /** i32 [N], queue capacity. */
  readonly capacity: Int32Array
  /** f64 [N], place value of agent i's digit in s. */
  readonly place: Float64Array
  /** Number of states, or 0 where there are too many to number. */
  readonly numStates: number
}

/** Long inboxes have many contents: they are numbered once, however many environments there are of a config. */
const known = new WeakMap<RoutingDispatchConfig, StateIndex>()

/** The numbers of a team's states. */
export function stateIndex(config: RoutingDispatchConfig, rules?: DispatchRules): StateIndex {
  const index = known.get(config) ?? makeIndex(config, rules ?? dispatchRules(config))
  known.set(config, index)
  return index
}

function makeIndex(config: RoutingDispatchConfig, rules: DispatchRules): StateIndex {
  const { capacity, numAgents, numTypes, patience, places, priority } = rules
  const mayShareTicks = config.arrivals.kind !== 'bernoulli'
  const inbox = InboxIndex.of(places, patience, priority, mayShareTicks)
  const inboxSize = inbox?.size ?? 0
  const digitSize = capacity.map((size) => 2 * (size + 1))
  const place = new Float64Array(numAgents)
  let size = inboxSize
  digitSize.forEach((digits, i) => {
    place[i] = size
    size *= digits
  })
  return {
    numAgents,
    numTypes,
    patience,
    places,
    inbox,
    inboxSize,
    digitSize,
    capacity,
    place,
    numStates: size <= MAX_STATES ? size : 0,
  }
}

/**
 * The parts of state s.
 * @param queue - i32 [N], written
 * @param down - u8 [N], written
 * @returns the inbox x
 */
export function decodeState(index: StateIndex, state: number, queue: Int32Array, down: Uint8Array): number {
  const inbox = state % index.inboxSize
  let rest = (state - inbox) / index.inboxSize
  for (let i = 0; i < index.numAgents; i++) {
    const size = index.digitSize[i]!
    const digit = rest % size
    rest = (rest - digit) / size
    const half = index.capacity[i]! + 1
    down[i] = digit >= half ? 1 : 0
    queue[i] = digit - half * down[i]!
  }
  return inbox
}
