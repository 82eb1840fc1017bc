import type { QueueOptimum } from '#agents/contract/agent-entry.js'
import { type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { obstacles, solveTeam } from '../serve/dispatch-optimum.js'
import { OptimumPolicy } from '../serve/optimum-policy.js'
import { TeamSolver } from '../serve/team-solver.js'

/**
 * The exact optimum of agents with queues: solved here for all of them, and again on a thread of its own where some can't be reached.
 * @param discount - gamma a tick
 * @throws Error where there is none, saying why
 */
export function queueOptimum(config: RoutingDispatchConfig, discount: number): QueueOptimum {
  const [obstacle] = obstacles(config)
  if (obstacle !== undefined) {
    const { path, why, instead } = obstacle
    throw new Error(
      `dispatch.environment.${path.join('.')}: optimal needs an exact model, and there is none: ${why}; ${instead}, or name a rule or a bundle`,
    )
  }
  const present = resolveInstance(config).agents.map(() => true)
  const solver = new TeamSolver(config, discount)
  return {
    policy: new OptimumPolicy(config, solveTeam({ config, present, discount })),
    without: async (those) => new OptimumPolicy(config, await solver.solve(those)),
    close: () => solver.close(),
  }
}
