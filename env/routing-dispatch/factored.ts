import type { AfterstateSink, FactoredModel } from '../mdp/factored-model.js'
import type { AgentConfig, RoutingDispatchConfig } from './config.js'
import { DispatchState } from './dispatch-state.js'
import { DispatchView } from './dispatch-view.js'
import type { DispatchModel } from './outcomes.js'
import { LOSS } from './quantities.js'
import { decodeState } from './state-index.js'

/**
 * The model in factors: the inbox, which arrivals move, and each agent, which service, failure and repair move. A decision
 * leads to one afterstate for each claimant, its queue one longer and the head of the inbox gone, or to one where nobody claims;
 * what stays in the inbox is one decision older, or lost. The rules are those of `DispatchState`.
 *
 * Rewards are expectations over success and arrivals, so that any expression over the quantities is exact, additive or not.
 * @param config - of the team, which says whether a joint action is the one choice of a dispatcher
 */
export function factoredDispatch(model: DispatchModel, config: RoutingDispatchConfig): FactoredModel {
  const { index, rules, agents } = model
  const { numAgents, place, inboxSize } = index
  const steps = new ExpectedSteps(model)
  const { team } = steps
  const view = new DispatchView(config, rules, index, team)
  /** The state that the team is in, its inbox, and its queries queued. */
  let state = -1
  let inbox = 0
  let queued = 0
  const decode = (asked: number): void => {
    state = asked
    inbox = decodeState(index, state, team.queue, team.down)
    steps.fill(inbox)
    team.findEligible()
    queued = 0
    for (let i = 0; i < numAgents; i++) queued += team.queue[i]!
  }
  return {
    sizes: Int32Array.of(inboxSize, ...index.digitSize),
    moves: [steps.arrivalMoves(), ...agents.map((agent, i) => agentMoves(agent, rules.service[i]!.hazard[0]!))],
    outcomes(asked: number, jointAction: Int32Array, sink: AfterstateSink): void {
      if (asked !== state) decode(asked)
      const count = view.readClaims(jointAction)
      const agentsPart = state - inbox
      if (count === 0) {
        const reward = steps.reward(inbox, -1, queued, 0)
        sink.add(agentsPart + steps.after(inbox, false), 1, reward)
        if (steps.moved) decode(asked)
        return
      }
      for (let k = 0; k < count; k++) {
        const winner = view.claimants[k]!
        const reward = steps.reward(inbox, winner, queued, count)
        sink.add(agentsPart + steps.after(inbox, true) + place[winner]!, 1 / count, reward)
        if (steps.moved) decode(asked)
      }
    },
  }
}

/** Service, then failure; or repair. Digit: queue + (capacity + 1) * down. */
function agentMoves({ capacity, fail, repair }: AgentConfig, service: number): Float64Array {
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

/** More rewards than this aren't kept: they are worked out each time. */
const MOST_REWARDS = 2 ** 24

/** Expected rewards of a tick and what it leaves in the inbox, each worked out once by the rules. */
class ExpectedSteps {
  /** The team that the rules are played with. */
  readonly team: DispatchState
  /** Whether the team was moved since `fill`: whoever goes on with its state decodes it again. */
  moved = false
  readonly #model: DispatchModel
  readonly #queues: number
  readonly #longest: number
  /** f64, by inbox, winner (nobody last), its queue, queries queued and claims; NaN until it is asked for. Null where they are too many. */
  readonly #rewards: Float64Array | null
  /** i32 [2 X], the inbox that a tick leaves where nobody claims its head, and where somebody does; -1 until it is asked for. */
  readonly #after: Int32Array

  constructor(model: DispatchModel) {
    const { inboxSize, capacity, numAgents } = model.index
    this.#model = model
    this.team = new DispatchState(model.rules)
    this.#queues = capacity.reduce((sum, k) => sum + k, 0) + 1
    this.#longest = capacity.reduce((most, k) => Math.max(most, k), 0) + 1
    const cases = inboxSize * (numAgents + 1) * this.#longest * this.#queues * (numAgents + 1)
    this.#rewards = cases <= MOST_REWARDS ? new Float64Array(cases).fill(Number.NaN) : null
    this.#after = new Int32Array(2 * inboxSize).fill(-1)
  }

  /** Fills the team's inbox. */
  fill(inbox: number): void {
    const { team } = this
    team.waiting = this.#model.index.inbox!.read(inbox, team.type, team.left)
    for (let k = 0; k < team.waiting; k++) team.arrival[k] = k
    team.arrived = team.waiting
    this.moved = false
  }

  /** The inbox of the afterstate. */
  after(inbox: number, claimed: boolean): number {
    const at = 2 * inbox + (claimed ? 1 : 0)
    if (this.#after[at]! < 0) {
      const { team } = this
      this.fill(inbox)
      if (claimed) team.withdraw(0)
      team.endOffers()
      this.#after[at] = this.#number()
      this.moved = true
    }
    return this.#after[at]!
  }

  /**
   * What a tick is expected to earn in the state that the team is in.
   * @param winner - of the head of the inbox; -1 = nobody
   * @param queued - queries in all queues, before the claim
   */
  reward(inbox: number, winner: number, queued: number, claims: number): number {
    const { numAgents } = this.#model.index
    const who = winner < 0 ? numAgents : winner
    const length = winner < 0 ? 0 : this.team.queue[winner]!
    const agent = (inbox * (numAgents + 1) + who) * this.#longest + length
    const at = (agent * this.#queues + queued) * (numAgents + 1) + claims
    if (this.#rewards === null) return this.#expected(inbox, winner, claims)
    if (Number.isNaN(this.#rewards[at]!)) this.#rewards[at] = this.#expected(inbox, winner, claims)
    return this.#rewards[at]!
  }

  /** f64 [X * X], where arrivals move the inbox. */
  arrivalMoves(): Float64Array {
    const { index, arrivals, rules } = this.#model
    const { inboxSize } = index
    const moves = new Float64Array(inboxSize * inboxSize)
    for (let inbox = 0; inbox < inboxSize; inbox++) {
      this.fill(inbox)
      for (const { accepted, probability } of arrivals[rules.places - this.team.waiting]!) {
        for (const type of accepted) this.team.arrive(type)
        moves[inbox * inboxSize + this.#number()]! += probability
        this.fill(inbox)
      }
    }
    return moves
  }

  #number(): number {
    const { waiting, type, left } = this.team
    return this.#model.index.inbox!.numberOf(waiting, type, left)
  }

  #expected(inbox: number, winner: number, claims: number): number {
    const { team } = this
    this.fill(inbox)
    const play = (good: number): number => {
      team.beginStep()
      if (winner >= 0) team.award(winner, claims, good)
      team.endOffers()
      return this.#overArrivals()
    }
    if (winner < 0) {
      const reward = play(0)
      this.moved = true
      return reward
    }
    const skill = this.#model.agents[winner]!.skill[team.type[0]!]!
    const good = skill > 0 ? play(1) : 0
    if (skill > 0) team.queue[winner]!--
    this.fill(inbox)
    const poor = skill < 1 ? play(0) : 0
    this.moved = true
    return skill * good + (1 - skill) * poor
  }

  /** The reward of the quantities so far, in expectation over what arrivals are turned away. */
  #overArrivals(): number {
    const { arrivals, rules } = this.#model
    const q = this.team.quantities
    const lost = q[LOSS]!
    let expected = 0
    for (const { probability, refused } of arrivals[rules.places - this.team.waiting]!) {
      for (const more of refused) {
        q[LOSS] = lost + more.loss
        expected += probability * more.probability * rules.reward(q)
      }
    }
    q[LOSS] = lost
    return expected
  }
}
