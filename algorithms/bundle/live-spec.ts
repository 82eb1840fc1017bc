import type { Encoder } from '#env/encoding/encoder.js'
import { BundleError } from '#env/errors.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import type { BundleDescription } from './bundle-schema.js'

/**
 * What a bundle alone says of the world that its policy acts in: enough for `loadPolicy` and for batches of queries, without
 * the environment's data. Agents have their names and actions, the encoder's columns as features, and the dense observation
 * that the policy reads. Quantities, states and limits are unknown.
 * @param encoder - of the bundle, see `loadEncoder`
 * @throws BundleError when the policy is neither a linear one nor of a kind of its own: others need their environment
 */
export function liveSpec(description: BundleDescription, encoder: Encoder | null): EnvSpec {
  const { environment, kind, details, agents } = description
  const read = agents.map(({ observationSize }, i) => {
    if (observationSize !== undefined) return { observationSize }
    return kind === 'linear' && Array.isArray(details.agents) ? details.agents[i] : undefined
  })
  if (read.includes(undefined)) {
    throw new BundleError(
      `policy bundle: expected a linear policy, which a text is enough for, got ${kind}; serve a policy on sparse features`,
    )
  }
  return {
    id: environment.id,
    version: environment.version,
    agents: agents.map(({ name, actionNames, messages = 0 }, i) => ({
      name,
      ...(messages > 0 ? { messages } : {}),
      observation: box(observationSize(read[i])),
      action: discrete(actionNames.length, actionNames),
      numObservations: 0,
      numFeatures: encoder?.size ?? 0,
    })),
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
}

function observationSize(agent: unknown): number {
  const size = (agent as { observationSize?: unknown } | null | undefined)?.observationSize
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size
  throw new BundleError(`policy bundle: details: expected the number of observed numbers of each agent, got ${size}`)
}
