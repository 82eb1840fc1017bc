import { scoreWeights } from '#env/spec.js'
import type { LearnerContext } from './learner.js'

/**
 * [N], weight of each agent's reward in what a learner's own agents earn together: as in the environment's score, 0 for agents
 * that aren't its own. Of a shared reward, that of its first agent counts.
 */
export function teamWeights({ spec, agents }: Pick<LearnerContext, 'spec' | 'agents'>): Float64Array {
  const all = scoreWeights(spec)
  const own = new Float64Array(all.length)
  if (spec.score.aggregate === 'shared') own[agents[0]!] = 1
  else for (const agent of agents) own[agent] = all[agent]!
  return own
}
