import { ModelError, NotEnumerableError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { isActing } from '#env/space.js'
import { type EnvSpec, oneChoiceLayout } from '#env/spec.js'

/** One agent's table to fill: an action for each of its own observations. */
export interface LocalDecisions {
  readonly numObservations: number
  readonly numActions: number
  /** What choosing the agent's next action adds to the number of the joint action. */
  readonly stride: number
  /** i32 [observations + 1] and i32: the live states where the agent acts and sees observation o are stateOf[first[o]..first[o+1]-1]. */
  readonly first: Int32Array
  readonly stateOf: Int32Array
  /** Actions legal in every live state of each observation; all actions where it is never seen. */
  readonly legal: readonly (readonly number[])[]
}

/**
 * What each agent of a joint model decides on, given only its own observation.
 * @throws NotEnumerableError when an agent's observations aren't numbered
 * @throws ModelError when states that look alike to an agent leave it no common legal action
 */
export function localDecisions(mdp: JointMdp, spec: EnvSpec): LocalDecisions[] {
  oneChoiceLayout(spec, 'the best local policy')
  let stride = mdp.numActions
  return spec.agents.map((agent, i) => {
    const numActions = mdp.actionsOf[i]!
    stride /= numActions
    if (agent.numObservations < 1) {
      throw new NotEnumerableError(
        `${spec.id}: agent "${agent.name}" has no numbered observations, which a local table needs; choose numbered observations`,
      )
    }
    const seen = statesByObservation(mdp, i, agent.numObservations, agent.name)
    const legal = seen.map((states, o) =>
      commonActions(mdp, i, numActions, states, `agent "${agent.name}" observation ${o}`),
    )
    const first = new Int32Array(seen.length + 1)
    seen.forEach((states, o) => {
      first[o + 1] = first[o]! + states.length
    })
    return { numObservations: seen.length, numActions, stride, first, stateOf: Int32Array.from(seen.flat()), legal }
  })
}

function statesByObservation(mdp: JointMdp, agent: number, numObservations: number, name: string): number[][] {
  const { numActions } = mdp.batch.layout
  const seen = Array.from({ length: numObservations }, (): number[] => [])
  for (let s = 0; s < mdp.numStates; s++) {
    const k = s * mdp.actionsOf.length + agent
    // While it is away it takes action 0, and nobody reads its number.
    if (mdp.terminal[s] === 1 || !isActing(mdp.batch.mask, k * numActions, numActions)) continue
    const o = mdp.batch.observationId[k]!
    const states = seen[o]
    if (states === undefined) {
      throw new ModelError(
        `agent "${name}" sees observation ${o} in state ${mdp.stateIds[s]}, expected 0..${numObservations - 1}; check observationId`,
      )
    }
    states.push(s)
  }
  return seen
}

function commonActions(mdp: JointMdp, agent: number, numActions: number, states: number[], where: string): number[] {
  const { mask, layout } = mdp.batch
  const legal = Array.from({ length: numActions }, (_, a) => a).filter((a) =>
    states.every((s) => mask[(s * layout.agents + agent) * layout.numActions + a] === 1),
  )
  if (legal.length === 0) {
    throw new ModelError(
      `${where}: no action is legal in all ${states.length} states that look so; show what decides the mask`,
    )
  }
  return legal
}
