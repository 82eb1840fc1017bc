import { z } from 'zod'
import { SpaceError } from '#env/errors.js'
import { type EnvSpec, oneChoiceLayout } from '#env/spec.js'

/** Agents that share one network. */
export interface AgentGroup {
  /** Their numbers in the spec, ascending. */
  readonly agents: readonly number[]
  readonly observationSize: number
  readonly numActions: number
  /** Whether the network reads which of them it acts for, as a one-hot vector behind the observation. */
  readonly ids: boolean
}

export const sharingConfig = z
  .enum(['alike', 'none'])
  .default('alike')
  .describe(
    'alike: agents with as many observed numbers and actions share a network (EPyMARL shares one among all); none: each its own',
  )

export const agentIdsConfig = z
  .boolean()
  .default(true)
  .describe('a shared network reads which agent it acts for (EPyMARL: obs_agent_id)')

/**
 * The agents of a learner by the network that they share, in the order of their first.
 * @throws SpaceError when one of them observes no numbers, reads sparse features, or makes several choices at once
 */
export function agentGroups(
  spec: EnvSpec,
  agents: readonly number[],
  sharing: z.infer<typeof sharingConfig>,
  ids: boolean,
): AgentGroup[] {
  const { actionsOf } = oneChoiceLayout(spec, 'deep learners')
  const groups: { agents: number[]; observationSize: number; numActions: number }[] = []
  for (const agent of agents) {
    const { name, observation, numFeatures = 0 } = spec.agents[agent]!
    if (observation.size === 0 || numFeatures > 0) {
      const why = numFeatures > 0 ? 'reads sparse features' : 'has no real-valued observation'
      const instead = numFeatures > 0 ? 'linear' : 'tabular'
      throw new SpaceError(
        `${spec.id}: agent "${name}" ${why}; deep learners read real-valued observations alone; use a ${instead} learner`,
      )
    }
    const [observationSize, numActions] = [observation.size, actionsOf[agent]!]
    const alike = groups.find((one) => one.observationSize === observationSize && one.numActions === numActions)
    if (sharing === 'alike' && alike !== undefined) alike.agents.push(agent)
    else groups.push({ agents: [agent], observationSize, numActions })
  }
  return groups.map((group) => ({ ...group, ids: ids && group.agents.length > 1 }))
}

/** Numbers that the network of a group reads. */
export function inputSize({ observationSize, ids, agents }: AgentGroup): number {
  return observationSize + (ids ? agents.length : 0)
}

/**
 * Writes what the network of a group reads for its i-th agent.
 * @param from - where the agent's observation begins
 * @param out - [.., inputs], from `at` on
 */
export function writeInput(
  group: AgentGroup,
  i: number,
  observation: Float32Array,
  from: number,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const { observationSize, ids, agents } = group
  for (let j = 0; j < observationSize; j++) out[at + j] = observation[from + j]!
  if (!ids) return
  for (let j = 0; j < agents.length; j++) out[at + observationSize + j] = j === i ? 1 : 0
}
