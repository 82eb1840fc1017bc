import { layoutOf } from '#env/spec.js'
import type { LearnerContext } from './learner.js'

/** The choices that a learner makes in a step: one for each head of each of its agents. */
export interface OwnChoices {
  readonly count: number
  /** i32 [count], the agent that makes it. */
  readonly agentOf: Int32Array
  /** i32 [count], agent * H + head: its place among the choices of all agents. */
  readonly placeOf: Int32Array
}

/** The choices of a learner's agents, agent by agent. */
export function ownChoices({ spec, agents }: Pick<LearnerContext, 'spec' | 'agents'>): OwnChoices {
  const { heads, actionsOf } = layoutOf(spec)
  const places = agents.flatMap((agent) =>
    Array.from({ length: heads }, (_, head) => agent * heads + head).filter((place) => actionsOf[place]! > 0),
  )
  return {
    count: places.length,
    agentOf: Int32Array.from(places, (place) => Math.floor(place / heads)),
    placeOf: Int32Array.from(places),
  }
}
