import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy } from '#env/policy.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { Learner, LearnerMetrics, LearnerState, NumberArray } from '../learner.js'
import { copyActions, placesOf, type Seat } from './seat.js'
import { TeamPolicy } from './team-policy.js'

/** A learner, and the agents of a team that it learns for. */
export interface LearnerSeat extends Seat {
  readonly learner: Learner
  /** As in `PolicySeat`. */
  loader?(kind: string): Json | undefined
}

/**
 * Learners that share a team, each for the agents of its seat: mixed teams, and partners that stay as they are
 * (frozen-learner.ts). All see every transition whole.
 */
export class TeamLearner implements Learner {
  readonly #spec: EnvSpec
  readonly #seats: readonly LearnerSeat[]
  readonly #places: readonly Int32Array[]
  readonly #choices: number
  readonly #actions: Int32Array

  constructor(spec: EnvSpec, rows: number, seats: readonly LearnerSeat[]) {
    this.#spec = spec
    this.#seats = seats
    this.#places = seats.map((seat) => placesOf(spec, seat).places)
    this.#choices = layoutOf(spec).actionsOf.length
    this.#actions = new Int32Array(rows * this.#choices)
  }

  act(batch: AgentViews, actions: Int32Array): void {
    for (let p = 0; p < this.#seats.length; p++) {
      this.#seats[p]!.learner.act(batch, this.#actions)
      copyActions(this.#places[p]!, this.#choices, this.#actions, actions)
    }
  }

  update(transition: TransitionBatch): void {
    for (let p = 0; p < this.#seats.length; p++) this.#seats[p]!.learner.update(transition)
  }

  finish(): void {
    for (const { learner } of this.#seats) learner.finish?.()
  }

  /** Each seat's, its agents' names before them. */
  metrics(): LearnerMetrics {
    const told = this.#seats.flatMap(({ agents, learner }) => {
      const names = agents.map((agent) => this.#spec.agents[agent]!.name).join('+')
      return Object.entries(learner.metrics?.() ?? {}).map(([name, value]) => [`${names}: ${name}`, value] as const)
    })
    return Object.fromEntries(told)
  }

  policy(): Policy {
    const seats = this.#seats.map(({ learner, ...seat }) => ({ ...seat, policy: learner.policy() }))
    return new TeamPolicy(this.#spec, seats)
  }

  /** Arrays and logs of seat p under `p/`. */
  saveState(): LearnerState {
    const states = this.#seats.map(({ learner }) => learner.saveState())
    const joined = (part: (state: LearnerState) => { readonly [name: string]: NumberArray } | undefined) =>
      Object.fromEntries(
        states.flatMap((state, p) =>
          Object.entries(part(state) ?? {}).map(([name, array]) => [`${p}/${name}`, array] as const),
        ),
      )
    const data = { seats: states.map((state) => state.data) as unknown as Json }
    const arrays = joined((state) => state.arrays)
    return states.some(({ added }) => added !== undefined)
      ? { arrays, data, added: joined((state) => state.added) }
      : { arrays, data }
  }

  loadState(state: LearnerState): void {
    const { seats } = state.data
    if (!Array.isArray(seats) || seats.length !== this.#seats.length) {
      throw new StateError(
        `saved team: expected ${this.#seats.length} seats, got ${Array.isArray(seats) ? seats.length : 'none'}`,
      )
    }
    const partOf = (all: { readonly [name: string]: NumberArray } | undefined, p: number) =>
      Object.fromEntries(
        Object.entries(all ?? {})
          .filter(([name]) => name.startsWith(`${p}/`))
          .map(([name, array]) => [name.slice(`${p}/`.length), array]),
      )
    this.#seats.forEach(({ learner }, p) => {
      const data = seats[p] as LearnerState['data']
      learner.loadState({ arrays: partOf(state.arrays, p), data, added: partOf(state.added, p) })
    })
  }
}
