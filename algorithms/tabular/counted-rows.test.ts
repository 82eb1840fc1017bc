import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry } from '../learner.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { forTeams } from './testing/tabular-entries.js'

const ROWS = 2
const STEPS = 150

const firstRows = (batch: AgentViews): AgentViews => ({ ...batch, size: ROWS })
const firstOf = (step: TransitionBatch): TransitionBatch => ({
  ...step,
  size: ROWS,
  before: firstRows(step.before),
  after: firstRows(step.after),
})

/** What a learner has come to on the first two rows of some environments, by batches that count two rows. */
function learn(entry: LearnerEntry, rows: number) {
  const env = new VectorEnv(() => new ContraryTeam(), rows, 'counted')
  const rng = new Rng('learner')
  // SARSA takes the rows apart by their number.
  const room = entry.name === 'sarsa' ? ROWS : rows
  const learner = makeLearner(entry, contextFor(env, { totalSteps: 300, rows: room, rng }), { exploration: 0.5 })
  const actions = actionsFor(env)
  const past = actions.subarray(ROWS * 3)
  env.reset()
  for (let k = 0; k < STEPS; k++) {
    past.fill(-7)
    learner.act(firstRows(env.current), actions)
    expect(past.every((action) => action === -7)).toBe(true)
    past.fill(0)
    learner.update(firstOf(env.step(actions)))
  }
  const { arrays, data } = learner.saveState()
  return { values: arrays.values, errors: arrays.errors, data }
}

describe('a batch that counts two rows is learned from as two rows, whatever stands past them', () => {
  it.each(forTeams)('%s', (_, entry) => {
    expect(learn(entry, 3)).toEqual(learn(entry, 2))
  })
})
