import { describe, expect, it } from 'vitest'
import type { EnvSpec } from '#env/spec.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { teamWeights } from './team-weights.js'

const specOf = (aggregate: EnvSpec['score']['aggregate']): EnvSpec => ({
  ...new ContraryTeam().spec,
  score: { aggregate, over: 'episode' },
})

describe('what the reward of each agent counts for a learner of some of them', () => {
  it.each([
    ['team-sum', [0, 1, 1], [0, 1, 0]],
    ['agent-mean', [0, 1 / 3, 1 / 3], [0, 1 / 3, 0]],
    ['shared', [0, 1, 0], [0, 1, 0]],
  ] as const)('%s: as in the score, nothing of others, and a shared reward once', (aggregate, two, one) => {
    const spec = specOf(aggregate)
    expect([...teamWeights({ spec, agents: [1, 2] })]).toEqual(two)
    expect([...teamWeights({ spec, agents: [1] })]).toEqual(one)
  })
})
