import type { CompiledExpression } from '../expression/reward-expression.js'
import type { TransitionSink } from '../mdp/transition-sink.js'
import type { AgentConfig, TypeConfig } from './config.js'
import { ANSWERED, CONFLICTS, COST, LATENCY, LOSS, QUEUED, quantities, VALUE, WAITED } from './quantities.js'
import type { StateIndex } from './state-index.js'

/** What the enumeration of one instance needs. */
export interface DispatchModel {
  readonly index: StateIndex
  readonly agents: readonly AgentConfig[]
  readonly types: readonly TypeConfig[]
  readonly reward: CompiledExpression
  /** How many are rewarded: one dispatcher, or each agent. */
  readonly deciders: number
}

/** Part of a distribution over successor states. */
interface Branch {
  readonly offset: number
  readonly probability: number
}

/**
 * Every outcome of a tick, exactly: the rules of `RoutingDispatch` with each draw replaced by its distribution.
 * @param claimants - agents with a valid claim
 * @param inbox - 0 = none, else 1 + patience * type + (remaining - 1)
 */
export function addOutcomes(
  model: DispatchModel,
  inbox: number,
  queue: Int32Array,
  down: Uint8Array,
  claimants: readonly number[],
  sink: TransitionSink,
): void {
  const { patience } = model.index
  const type = inbox > 0 ? Math.floor((inbox - 1) / patience) : -1
  const remaining = inbox > 0 ? ((inbox - 1) % patience) + 1 : 0
  if (claimants.length === 0) {
    const q = new Float64Array(quantities.length)
    const expires = remaining === 1
    if (expires) q[LOSS] = model.types[type]!.loss
    q[WAITED] = remaining > 1 ? 1 : 0
    q[QUEUED] = queue.reduce((sum, length) => sum + length, 0)
    addArrivals(model, remaining > 1 ? inbox - 1 : 0, queue, down, 1, [{ q, probability: 1 }], sink)
    return
  }
  for (const winner of claimants) {
    const agent = model.agents[winner]!
    const claimed = Int32Array.from(queue)
    claimed[winner]!++
    const q = new Float64Array(quantities.length)
    q[COST] = agent.price
    q[CONFLICTS] = claimants.length - 1
    q[QUEUED] = claimed.reduce((sum, length) => sum + length, 0)
    q[ANSWERED] = 1
    q[LATENCY] = patience - remaining + claimed[winner]! / agent.service
    const good = Float64Array.from(q)
    good[VALUE] = model.types[type]!.value
    const skill = agent.skill[type]!
    const answers = [
      { q: good, probability: skill },
      { q, probability: 1 - skill },
    ]
    addArrivals(model, 0, claimed, down, 1 / claimants.length, answers, sink)
  }
}

/** Steps 4 and 5 of a tick: service, failure and repair of each agent, then the arrival. */
function addArrivals(
  model: DispatchModel,
  inbox: number,
  queue: Int32Array,
  down: Uint8Array,
  weight: number,
  answers: readonly { q: Float64Array; probability: number }[],
  sink: TransitionSink,
): void {
  const { patience } = model.index
  const branches = agentBranches(model, queue, down)
  const rewards = new Float64Array(model.deciders)
  const costs = new Float64Array(1)
  const add = (probability: number, next: number, loss: number): void => {
    if (probability <= 0) return
    let reward = 0
    let cost = 0
    for (const { q, probability: p } of answers) {
      const before = q[LOSS]!
      q[LOSS] = before + loss
      if (p > 0) reward += p * model.reward(q)
      cost += p * q[COST]!
      q[LOSS] = before
    }
    rewards.fill(reward)
    costs[0] = cost
    for (const branch of branches)
      sink.add(next + branch.offset, weight * probability * branch.probability, rewards, false, 1, costs)
  }
  let none = 1
  model.types.forEach((type, t) => {
    none -= type.arrival
    if (inbox === 0) add(type.arrival, 1 + patience * t + (patience - 1), 0)
    else add(type.arrival, inbox, type.loss)
  })
  // Rounding may leave a crumb where the arrivals fill up the distribution.
  add(none < 1e-12 ? 0 : none, inbox, 0)
}

/** Product over agents of service, failure and repair. */
function agentBranches(model: DispatchModel, queue: Int32Array, down: Uint8Array): readonly Branch[] {
  const { index } = model
  let branches: Branch[] = [{ offset: 0, probability: 1 }]
  model.agents.forEach((agent, i) => {
    const own: Branch[] = []
    const push = (length: number, isDown: number, probability: number) => {
      if (probability > 0) own.push({ offset: index.place[i]! * (length + (agent.capacity + 1) * isDown), probability })
    }
    const q = queue[i]!
    if (down[i] === 1) {
      push(q, 0, agent.repair)
      push(q, 1, 1 - agent.repair)
    } else {
      const service = q > 0 ? agent.service : 0
      push(q - 1, 1, service * agent.fail)
      push(q - 1, 0, service * (1 - agent.fail))
      push(q, 1, (1 - service) * agent.fail)
      push(q, 0, (1 - service) * (1 - agent.fail))
    }
    branches = branches.flatMap((a) =>
      own.map((b) => ({ offset: a.offset + b.offset, probability: a.probability * b.probability })),
    )
  })
  return branches
}
