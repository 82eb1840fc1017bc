import { describe, expect, it } from 'vitest'
import { SpaceError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { onEachBackend } from '../testing/each-backend.js'
import { qLearning } from './q-learning.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'

const spec = madeSpec([2])
const team = madeSpec([2, 2])
const refusal = new SpaceError('q-learning: made has 2 agents, expected 1; use joint-action-q or independent-q')
const bad = madeStep(spec, [{ done: [1], reward: [-4], ends: 'terminated' }])
const contextOf = (of: typeof spec) => ({
  spec: of,
  agents: of.agents.map((_, i) => i),
  discount: 0.5,
  totalSteps: 10,
  rows: 1,
  rng: new Rng('made'),
})

describe('q-learning', () => {
  it('is of a single agent', () => {
    expect(() => madeLearner(qLearning, team)).toThrowError(refusal)
    expect(() => madeLearner(qLearning, team, {}, { agents: [1] })).not.toThrow()
  })

  it('believes bad news as it does good', () => {
    const learner = madeLearner(qLearning, spec)
    learner.update(bad)
    expect(arrayOf(learner, 'values')[1]).toBe(-2)
  })
})

describe('q-learning in tensors', async () => {
  await onEachBackend((open) => {
    it('is of a single agent, and learns the same', async () => {
      const backend = await open()
      const config = qLearning.schema.parse({ learningRate: 0.5 })
      const make = async (of: typeof spec) => await qLearning.forms.tensors!([contextOf(of)], config, backend)
      await expect(make(team)).rejects.toThrowError(refusal)
      const group = await make(spec)
      await group.update([bad])
      await group.settle()
      expect(arrayOf(group.members[0]!, 'values')[1]).toBeCloseTo(-2, 6)
      group.dispose()
    })
  })
})
