import type { AfterstateSink, FactoredModel } from '../mdp/factored-model.js'
import type { AgentConfig, TypeConfig } from './config.js'
import type { DispatchModel } from './outcomes.js'
import { ANSWERED, CONFLICTS, COST, LATENCY, LOSS, QUEUED, quantities, VALUE, WAITED } from './quantities.js'
import { decodeState } from './state-index.js'

/**
 * The model in factors: the inbox, which the arrival moves, and each agent, which service, failure and repair move. A decision
 * leads to one afterstate for each claimant: its queue one longer, the inbox empty; or, unclaimed, to the query one decision
 * older, or lost.
 *
 * Rewards are expectations over success and arrival, so that any expression over the quantities is exact, additive or not.
 * @param centralised - whether a joint action is the one choice of a dispatcher
 */
export function factoredDispatch(model: DispatchModel, centralised: boolean): FactoredModel {
  const { index, agents } = model
  const { patience, numAgents, place, capacity } = index
  const rewards = new StepRewards(model)
  const queue = new Int32Array(numAgents)
  const down = new Uint8Array(numAgents)
  const claimants = new Int32Array(numAgents)
  /** The state that `queue` and `down` are of, its inbox, and its queries queued. */
  let state = -1
  let inbox = 0
  let queued = 0
  const decode = (asked: number): void => {
    state = asked
    inbox = decodeState(index, state, queue, down)
    queued = 0
    for (let i = 0; i < numAgents; i++) queued += queue[i]!
  }
  const mayClaim = (i: number): boolean => inbox > 0 && down[i] === 0 && queue[i]! < capacity[i]!
  /** Fills `claimants` with the agents whose claims are valid; returns how many. */
  const readClaims = (jointAction: Int32Array): number => {
    let count = 0
    if (centralised) {
      const winner = jointAction[0]! - 1
      if (winner >= 0 && mayClaim(winner)) claimants[count++] = winner
      return count
    }
    for (let i = 0; i < numAgents; i++) if (jointAction[i] === 1 && mayClaim(i)) claimants[count++] = i
    return count
  }
  return {
    sizes: Int32Array.of(index.inboxSize, ...index.digitSize),
    moves: [arrivalMoves(index.inboxSize, patience, model.types), ...agents.map(agentMoves)],
    outcomes(asked: number, jointAction: Int32Array, sink: AfterstateSink): void {
      if (asked !== state) decode(asked)
      const count = readClaims(jointAction)
      if (count === 0) {
        const waits = inbox > 0 && (inbox - 1) % patience > 0
        sink.add(waits ? state - 1 : state - inbox, 1, rewards.unclaimed(inbox, queued))
        return
      }
      for (let k = 0; k < count; k++) {
        const winner = claimants[k]!
        const reward = rewards.claimed(inbox, winner, queue[winner]! + 1, queued + 1, count - 1)
        sink.add(state - inbox + place[winner]!, 1 / count, reward)
      }
    },
  }
}

/** An empty inbox takes the query that arrives, an occupied one stays as it is. */
function arrivalMoves(inboxSize: number, patience: number, types: readonly TypeConfig[]): Float64Array {
  const moves = new Float64Array(inboxSize * inboxSize)
  for (let inbox = 1; inbox < inboxSize; inbox++) moves[inbox * inboxSize + inbox] = 1
  types.forEach((type, t) => {
    moves[patience * (t + 1)] = type.arrival
  })
  moves[0] = noArrival(types)
  return moves
}

/** Rounding may leave a crumb where the arrivals fill up the distribution. */
function noArrival(types: readonly TypeConfig[]): number {
  const none = types.reduce((rest, { arrival }) => rest - arrival, 1)
  return none < 1e-12 ? 0 : none
}

/** Service, then failure; or repair. Digit: queue + (capacity + 1) * down. */
function agentMoves({ capacity, service, fail, repair }: AgentConfig): Float64Array {
  const half = capacity + 1
  const size = 2 * half
  const moves = new Float64Array(size * size)
  const add = (from: number, to: number, p: number) => {
    moves[from * size + to]! += p
  }
  for (let q = 0; q < half; q++) {
    add(half + q, q, repair)
    add(half + q, half + q, 1 - repair)
    const served = q > 0 ? service : 0
    if (q > 0) {
      add(q, half + q - 1, served * fail)
      add(q, q - 1, served * (1 - fail))
    }
    add(q, half + q, (1 - served) * fail)
    add(q, q, (1 - served) * (1 - fail))
  }
  return moves
}

/** Expected rewards of a tick, each worked out once. */
class StepRewards {
  readonly #model: DispatchModel
  readonly #queues: number
  readonly #longest: number
  /** f64 by inbox and queries queued, and by inbox, agent, its queue, queries queued and conflicts; NaN until it is asked for. */
  readonly #unclaimed: Float64Array
  readonly #claimed: Float64Array
  readonly #quantities = new Float64Array(quantities.length)

  constructor(model: DispatchModel) {
    const { inboxSize, capacity, numAgents } = model.index
    this.#model = model
    this.#queues = capacity.reduce((sum, k) => sum + k, 0) + 1
    this.#longest = capacity.reduce((most, k) => Math.max(most, k), 0) + 1
    this.#unclaimed = new Float64Array(inboxSize * this.#queues).fill(Number.NaN)
    const claims = inboxSize * numAgents * this.#longest * this.#queues * numAgents
    this.#claimed = new Float64Array(claims).fill(Number.NaN)
  }

  unclaimed(inbox: number, queued: number): number {
    const at = inbox * this.#queues + queued
    if (Number.isNaN(this.#unclaimed[at]!)) this.#unclaimed[at] = this.#unclaimedReward(inbox, queued)
    return this.#unclaimed[at]!
  }

  /** @param length - of the winner's queue after the claim; `queued` too counts the query */
  claimed(inbox: number, winner: number, length: number, queued: number, conflicts: number): number {
    const { numAgents } = this.#model.index
    const agent = (inbox * numAgents + winner) * this.#longest + length
    const at = (agent * this.#queues + queued) * numAgents + conflicts
    if (Number.isNaN(this.#claimed[at]!)) {
      this.#claimed[at] = this.#claimedReward(inbox, winner, length, queued, conflicts)
    }
    return this.#claimed[at]!
  }

  #unclaimedReward(inbox: number, queued: number): number {
    const { index, types } = this.#model
    const type = inbox > 0 ? Math.floor((inbox - 1) / index.patience) : -1
    const remaining = inbox > 0 ? ((inbox - 1) % index.patience) + 1 : 0
    const q = this.#quantities.fill(0)
    q[QUEUED] = queued
    if (remaining === 1) q[LOSS] = types[type]!.loss
    if (remaining > 1) q[WAITED] = 1
    return this.#overArrivals(q, remaining > 1)
  }

  #claimedReward(inbox: number, winner: number, length: number, queued: number, conflicts: number): number {
    const { index, types, agents } = this.#model
    const type = Math.floor((inbox - 1) / index.patience)
    const agent = agents[winner]!
    const q = this.#quantities.fill(0)
    q[COST] = agent.price
    q[CONFLICTS] = conflicts
    q[QUEUED] = queued
    q[ANSWERED] = 1
    q[LATENCY] = index.patience - (((inbox - 1) % index.patience) + 1) + length / agent.service
    const skill = agent.skill[type]!
    const poor = skill < 1 ? this.#overArrivals(q, false) : 0
    q[VALUE] = types[type]!.value
    const good = skill > 0 ? this.#overArrivals(q, false) : 0
    return skill * good + (1 - skill) * poor
  }

  /** @param occupied - whether the inbox turns arrivals away */
  #overArrivals(q: Float64Array, occupied: boolean): number {
    const { types, reward } = this.#model
    const lost = q[LOSS]!
    let expected = 0
    for (const { arrival, loss } of types) {
      if (occupied) q[LOSS] = lost + loss
      if (arrival > 0) expected += arrival * reward(q)
    }
    q[LOSS] = lost
    const none = noArrival(types)
    return none > 0 ? expected + none * reward(q) : expected
  }
}
