import type { TeamAgent } from './team-schema.js'

/** Where an agent can be reached: at one URL, or at each of its replicas. */
export function replicasOf({ endpoint }: Pick<TeamAgent, 'endpoint'>): readonly string[] {
  return typeof endpoint === 'string' ? [endpoint] : endpoint
}
