import type { PipelineSolution } from '#agents/pipeline/growing-solution.js'
import type { Present } from '#agents/pipeline/pipeline-leader.js'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import { RoutingPipeline } from '#env/routing-pipeline/routing-pipeline.js'

/** A pipeline solved exactly, and what it is worth from the start, reward units. */
export interface SolvedPipeline extends PipelineSolution {
  readonly start: number
}

/**
 * The exact optimum of a pipeline, by state number.
 * @param present - who can be reached; null: everybody
 * @param from - the state that questions begin in; null: as `entry` says
 */
export function solvePipeline(
  config: RoutingPipelineConfig,
  present: Present | null = null,
  from: number | null = null,
): SolvedPipeline {
  const env = new RoutingPipeline(config, { present, from })
  const mdp = toJointMdp(env, { observation: false, state: false })
  const plan = defaultPlanner.plan(mdp, { discount: 1, epsilon: 1e-9 })
  const ofModel = qValues(mdp, plan.value, 1)
  const { numStates, numActions } = env.rules
  const policy = new Int32Array(numStates).fill(-1)
  const q = new Float64Array(numStates * numActions).fill(Number.NEGATIVE_INFINITY)
  mdp.stateIds.forEach((state, s) => {
    policy[state] = plan.policy[s]!
    q.set(ofModel.subarray(s * numActions, (s + 1) * numActions), state * numActions)
  })
  const start = mdp.start.reduce((sum, probability, s) => sum + probability * plan.value[s]!, 0)
  return { policy, q, start }
}
