/**
 * Climbs from one team of local tables to a local optimum: coordinate ascent on J(pi) = start . V^pi.
 *
 * Screening uses the performance difference lemma (Kakade and Langford 2002, lemma 6.1): J(pi') - J(pi) is the sum over
 * states of d'(s) A(s, pi'(s)), with d' the discounted occupancy of the NEW policy. With the old one it is a first-order
 * estimate, used to propose and to sort; every change is then verified by exact evaluation. Where no state of an observation
 * has a positive advantage, or none is ever visited, the lemma rules the flip out whatever d' is, so that it needs no check.
 */
import { IterationLimitError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from '../expectation.js'
import { OccupancySolver } from '../occupancy.js'
import { PolicyEvaluator, type PolicyValue } from '../policy-evaluation.js'
import type { LocalDecisions } from './local-decisions.js'

/** One entry of one agent's table to change. `gain`: first-order estimate of what it adds to the start value. */
interface Flip {
  readonly agent: number
  readonly observation: number
  readonly action: number
  readonly gain: number
}

/** What counts as an improvement of the start value, relative to its size. */
const RELATIVE_TOLERANCE = 1e-8

export class LocalAscent {
  /** Tables of the point reached: i32 [observations] an agent. */
  tables: Int32Array[] = []
  /** Without times, and the discount of each of its steps. */
  readonly #mdp: JointMdp
  readonly #discount: number
  readonly #decisions: readonly LocalDecisions[]
  readonly #evaluator: PolicyEvaluator
  readonly #occupancySolver = new OccupancySolver()
  readonly #joint: Int32Array
  #reached!: PolicyValue
  #occupancy: Float64Array | undefined
  #visits: Float64Array | undefined

  constructor(mdp: JointMdp, decisions: readonly LocalDecisions[], discount: number) {
    this.#decisions = decisions
    this.#evaluator = new PolicyEvaluator(mdp, discount)
    this.#mdp = this.#evaluator.chain.mdp
    this.#discount = this.#evaluator.chain.discount
    this.#joint = new Int32Array(mdp.numStates)
  }

  /**
   * Improves `tables` until no change of a single entry improves the start value.
   * @returns the start value reached
   * @throws IterationLimitError after maxRounds rounds over the agents
   */
  climb(tables: readonly Int32Array[], maxRounds: number): number {
    this.tables = tables.map((table) => table.slice())
    this.#writeJoint()
    this.#reached = this.#evaluator.evaluateActions(this.#joint)
    this.#visits = undefined
    for (let round = 0; round < maxRounds; round++) {
      if (!this.#bestResponses() && !this.#anyFlip()) return this.#reached.start
    }
    throw new IterationLimitError(
      `bestDecentralisedPolicy: expected a local optimum within ${maxRounds} rounds, still improving; allow more maxRounds`,
    )
  }

  /** Each agent in turn changes all entries that look better; entry by entry where that fails. */
  #bestResponses(): boolean {
    let improved = false
    this.#decisions.forEach((_, agent) => {
      const flips = this.#flips(agent).filter((flip) => flip.gain > this.#tolerance())
      const best = bestOfEachObservation(flips)
      if (best.length === 0) return
      if (this.#accepts(best)) improved = true
      else if (flips.length > 1) improved = this.#firstAccepted(flips) || improved
    })
    return improved
  }

  /** Tries every single change that isn't ruled out, the most promising first. */
  #anyFlip(): boolean {
    return this.#firstAccepted(this.#decisions.flatMap((_, agent) => this.#flips(agent)))
  }

  #firstAccepted(flips: readonly Flip[]): boolean {
    return [...flips].sort((x, y) => y.gain - x.gain).some((flip) => this.#accepts([flip]))
  }

  #tolerance(): number {
    return RELATIVE_TOLERANCE * Math.max(1, Math.abs(this.#reached.start))
  }

  /** Makes the changes and keeps them if the exact start value rises. */
  #accepts(flips: readonly Flip[]): boolean {
    const before = flips.map(({ agent, observation }) => this.tables[agent]![observation]!)
    flips.forEach((flip) => {
      this.#set(flip, flip.action)
    })
    const value = this.#improvement(flips.reduce((sum, flip) => sum + flip.gain, 0))
    if (value !== undefined) {
      this.#reached = value
      this.#visits = undefined
      return true
    }
    flips.forEach((flip, k) => {
      this.#set(flip, before[k]!)
    })
    return false
  }

  /** The value of the tables as they stand if it is higher; evaluates no more exactly than it takes to tell. */
  #improvement(estimate: number): PolicyValue | undefined {
    const threshold = this.#reached.start + this.#tolerance()
    const initial = this.#reached.value
    const rough = Math.max(Math.abs(estimate) / 4, 100 * this.#tolerance())
    const guess = this.#evaluator.evaluateActions(this.#joint, { initial, epsilon: rough })
    if (guess.start + guess.error <= threshold) return undefined
    const value = this.#evaluator.evaluateActions(this.#joint, { initial: guess.value })
    return value.start > threshold ? value : undefined
  }

  /** Changes of one agent's table that aren't ruled out. */
  #flips(agent: number): Flip[] {
    const { numObservations, numActions, stride, first, stateOf, legal } = this.#decisions[agent]!
    const visits = this.#currentVisits()
    const flips: Flip[] = []
    const tolerance = this.#tolerance() * (1 - this.#discount)
    for (let o = 0; o < numObservations; o++) {
      const current = this.tables[agent]![o]!
      if (legal[o]!.length < 2) continue
      for (const action of legal[o]!) {
        if (action === current || action >= numActions) continue
        let gain = 0
        let promising = false
        let visited = false
        for (let k = first[o]!; k < first[o + 1]!; k++) {
          const s = stateOf[k]!
          const advantage = this.#advantage(s, (action - current) * stride)
          gain += visits[s]! * advantage
          // A state that isn't visited now may be once another state of this observation acts differently.
          promising ||= advantage > tolerance
          visited ||= visits[s] !== 0
        }
        if (promising && visited) flips.push({ agent, observation: o, action, gain })
      }
    }
    return flips
  }

  /** A(s, a) of the joint action that lies `change` from the current one. */
  #advantage(s: number, change: number): number {
    const { numActions, rowStart, probability, successor, reward } = this.#mdp
    const row = s * numActions + this.#joint[s]! + change
    const value = this.#reached.value
    const next = expectation(probability, successor, value, rowStart[row]!, rowStart[row + 1]!)
    return reward[row]! + this.#discount * next - value[s]!
  }

  /** Discounted visits under the current tables. */
  #currentVisits(): Float64Array {
    if (this.#visits !== undefined) return this.#visits
    this.#evaluator.chain.followActions(this.#joint)
    this.#occupancy = this.#occupancySolver.solve(this.#evaluator.chain, 1e-6, this.#occupancy)
    this.#visits = this.#occupancy
    return this.#visits
  }

  #set({ agent, observation }: Flip, action: number): void {
    const { stride, first, stateOf } = this.#decisions[agent]!
    const change = (action - this.tables[agent]![observation]!) * stride
    this.tables[agent]![observation] = action
    for (let k = first[observation]!; k < first[observation + 1]!; k++) this.#joint[stateOf[k]!]! += change
  }

  #writeJoint(): void {
    this.#joint.fill(0)
    this.#decisions.forEach(({ numObservations, stride, first, stateOf }, agent) => {
      for (let o = 0; o < numObservations; o++) {
        const part = this.tables[agent]![o]! * stride
        for (let k = first[o]!; k < first[o + 1]!; k++) this.#joint[stateOf[k]!]! += part
      }
    })
  }
}

/** For each observation the flip of the highest gain. */
function bestOfEachObservation(flips: readonly Flip[]): Flip[] {
  const best = new Map<number, Flip>()
  for (const flip of flips) {
    const known = best.get(flip.observation)
    if (known === undefined || flip.gain > known.gain) best.set(flip.observation, flip)
  }
  return [...best.values()]
}
