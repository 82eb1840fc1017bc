import { describe } from 'vitest'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { gridworld } from '#env/gridworld/entry.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import type { EnvEntry } from '#env/registry.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { hystereticQ } from '../tabular/hysteretic-q.js'
import { independentQ } from '../tabular/independent-q.js'
import { jointActionQ } from '../tabular/joint-action-q.js'
import { qLearning } from '../tabular/q-learning.js'
import { onEachBackend } from '../testing/each-backend.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { tensorFormConformance } from '../testing/tensor-form-conformance.js'

const make = (entry: EnvEntry, settings: object) => () => entry.create(entry.schema.parse(settings))
const dispatch = make(routingDispatch, { limitSteps: 20 })

await onEachBackend((open, name) => {
  // A software adapter takes milliseconds a step.
  const options = { tensors: open, vectorSteps: name === 'webgpu' ? 100 : 500 }
  describe('independent-q', () => {
    learnerConformance(independentQ, dispatch, { exploration: 0.3 }, options)
    tensorFormConformance(independentQ, dispatch, open)
  })
  describe('hysteretic-q', () => {
    learnerConformance(hystereticQ, dispatch, { exploration: 0.3 }, options)
    tensorFormConformance(hystereticQ, make(matrixGame, { game: 'penalty', repetitions: 3 }), open)
    tensorFormConformance(hystereticQ, () => new LeavingTeam(), open)
  })
  describe('joint-action-q', () => {
    learnerConformance(jointActionQ, dispatch, { exploration: 0.3 }, options)
    tensorFormConformance(jointActionQ, () => new LeavingTeam(), open, { learningRate: 0.5 })
  })
  describe('q-learning', () => {
    learnerConformance(qLearning, make(frozenLake, {}), { exploration: 0.3 }, options)
    tensorFormConformance(qLearning, make(gridworld, {}), open)
  })
})
