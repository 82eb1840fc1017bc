import type { TransitionSink } from '../mdp/transition-sink.js'
import type { ArrivalLaw } from './arrival-law.js'
import type { AgentConfig } from './config.js'
import type { DispatchState } from './dispatch-state.js'
import { COST, LOSS } from './quantities.js'
import type { DispatchRules } from './rules.js'
import type { StateIndex } from './state-index.js'

/** What the enumeration of one instance needs. */
export interface DispatchModel {
  readonly index: StateIndex
  readonly rules: DispatchRules
  readonly agents: readonly AgentConfig[]
  readonly arrivals: ArrivalLaw
  /** How many are rewarded: one dispatcher, or each agent. */
  readonly deciders: number
}

/** Part of a distribution over successor states. */
interface Branch {
  readonly offset: number
  readonly probability: number
}

/** What a decision may earn, and its probability. */
interface Answer {
  readonly q: Float64Array
  readonly probability: number
}

/**
 * Every outcome of a tick, exactly: the rules of `DispatchState` with each draw replaced by its distribution.
 * @param state - where the tick begins; left somewhere else
 * @param claimants - agents with a valid claim
 */
export function addOutcomes(
  model: DispatchModel,
  state: DispatchState,
  claimants: readonly number[],
  sink: TransitionSink,
): void {
  const before = inboxOf(state)
  if (claimants.length === 0) {
    state.beginStep()
    state.endOffers()
    addArrivals(model, state, 1, [{ q: Float64Array.from(state.quantities), probability: 1 }], sink)
    return
  }
  for (const winner of claimants) {
    const skill = model.agents[winner]!.skill[state.type[0]!]!
    const answers = [true, false].map((good): Answer => {
      state.beginStep()
      state.award(winner, claimants.length, good ? 1 : 0)
      state.endOffers()
      const q = Float64Array.from(state.quantities)
      if (good) {
        setInbox(state, before)
        state.queue[winner]!--
      }
      return { q, probability: good ? skill : 1 - skill }
    })
    addArrivals(model, state, 1 / claimants.length, answers, sink)
    setInbox(state, before)
    state.queue[winner]!--
  }
}

type Inbox = readonly { readonly type: number; readonly left: number; readonly arrival: number }[]

function inboxOf({ waiting, type, left, arrival }: DispatchState): Inbox {
  return Array.from({ length: waiting }, (_, k) => ({ type: type[k]!, left: left[k]!, arrival: arrival[k]! }))
}

function setInbox(state: DispatchState, inbox: Inbox): void {
  inbox.forEach(({ type, left, arrival }, k) => {
    state.type[k] = type
    state.left[k] = left
    state.arrival[k] = arrival
  })
  state.waiting = inbox.length
}

/** Steps 4 and 5 of a tick: service, failure and repair of each agent, then what arrives. */
function addArrivals(
  model: DispatchModel,
  state: DispatchState,
  weight: number,
  answers: readonly Answer[],
  sink: TransitionSink,
): void {
  const { inbox: numbers } = model.index
  const branches = agentBranches(model, state.queue, state.down)
  const rewards = new Float64Array(model.deciders)
  const costs = new Float64Array(1)
  const before = inboxOf(state)
  for (const { accepted, probability, refused } of model.arrivals[model.rules.places - state.waiting]!) {
    let reward = 0
    let cost = 0
    for (const { q, probability: p } of answers) {
      const loss = q[LOSS]!
      for (const more of refused) {
        q[LOSS] = loss + more.loss
        if (p > 0) reward += p * more.probability * model.rules.reward(q)
      }
      q[LOSS] = loss
      cost += p * q[COST]!
    }
    for (const type of accepted) state.arrive(type)
    const next = numbers!.numberOf(state.waiting, state.type, state.left)
    setInbox(state, before)
    rewards.fill(reward)
    costs[0] = cost
    for (const branch of branches)
      sink.add(next + branch.offset, weight * probability * branch.probability, rewards, false, 1, costs)
  }
}

/** Product over agents of service, failure and repair. */
function agentBranches(
  { index, agents, rules }: DispatchModel,
  queue: Int32Array,
  down: Uint8Array,
): readonly Branch[] {
  let branches: Branch[] = [{ offset: 0, probability: 1 }]
  agents.forEach(({ capacity, repair, fail }, i) => {
    const own: Branch[] = []
    const push = (length: number, isDown: number, probability: number) => {
      if (probability > 0) own.push({ offset: index.place[i]! * (length + (capacity + 1) * isDown), probability })
    }
    const q = queue[i]!
    if (down[i] === 1) {
      push(q, 0, repair)
      push(q, 1, 1 - repair)
    } else {
      const service = q > 0 ? rules.service[i]!.hazard[0]! : 0
      push(q - 1, 1, service * fail)
      push(q - 1, 0, service * (1 - fail))
      push(q, 1, (1 - service) * fail)
      push(q, 0, (1 - service) * (1 - fail))
    }
    branches = branches.flatMap((a) =>
      own.map((b) => ({ offset: a.offset + b.offset, probability: a.probability * b.probability })),
    )
  })
  return branches
}
