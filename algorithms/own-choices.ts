import { BundleError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
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

/**
 * The agents that a bundle's policy is for, as it names them; undefined where it names none, as it is for all.
 * @throws BundleError when they aren't some of the spec's, ascending
 */
export function ownAgents(spec: EnvSpec, agents: Json | undefined): readonly number[] | undefined {
  if (agents === undefined) return undefined
  const isSome =
    Array.isArray(agents) &&
    agents.length > 0 &&
    agents.every((agent, i) => Number.isInteger(agent) && spec.agents[agent] !== undefined && !(agents[i - 1] >= agent))
  if (isSome) return agents as number[]
  throw new BundleError(
    `policy bundle: a policy of the agents ${JSON.stringify(agents)}, expected some of 0..${spec.agents.length - 1}, ascending`,
  )
}
