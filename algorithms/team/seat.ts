import { type EnvSpec, layoutOf } from '#env/spec.js'
import { ownChoices } from '../own-choices.js'

/** The agents that one part of a team acts for, by their numbers in the spec, ascending. */
export interface Seat {
  readonly agents: readonly number[]
}

/**
 * Copies the actions of some agents in every row from one joint action to another.
 * @param places - of their choices, agent * H + head
 * @param from, to - i32 [E, N, H]
 */
export function copyActions(places: Int32Array, choices: number, from: Int32Array, to: Int32Array): void {
  for (let first = 0; first < to.length; first += choices) {
    for (let j = 0; j < places.length; j++) to[first + places[j]!] = from[first + places[j]!]!
  }
}

/** The places of a seat's choices, and the choices of all agents in a row. */
export function placesOf(spec: EnvSpec, { agents }: Seat): { readonly places: Int32Array; readonly choices: number } {
  return { places: ownChoices({ spec, agents }).placeOf, choices: layoutOf(spec).actionsOf.length }
}
