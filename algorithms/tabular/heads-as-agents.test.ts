import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry } from '../learner.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { Panel } from './testing/panel.js'
import { forTeams } from './testing/tabular-entries.js'

const ROWS = 3
const STEPS = 300

/** Runs a learner; returns what it chose, choice by choice, and what it has come to. */
function learn(entry: LearnerEntry, how: 'together' | 'apart') {
  const env = new VectorEnv(() => new Panel(how), ROWS, 'panel', entry.needs!(entry.schema.parse({})))
  const rng = new Rng('learner')
  const learner = makeLearner(entry, contextFor(env, { totalSteps: ROWS * STEPS, rng }), { exploration: 0.4 })
  const actions = actionsFor(env)
  const greedy = actionsFor(env)
  const scores = new Float64Array(actions.length * env.layout.numActions)
  const choices = env.layout.actionsOf.length
  // The watcher has a second head together, which it doesn't use.
  const used = (all: Int32Array) => [...all].filter((_, c) => c % choices < 3)
  const chosen: number[] = []
  const wanted: number[] = []
  const scored: number[] = []
  env.reset()
  for (let k = 0; k < STEPS; k++) {
    const policy = learner.policy()
    policy.act(env.current, rng, greedy)
    policy.scores!(env.current, scores)
    learner.act(env.current, actions)
    chosen.push(...used(actions))
    wanted.push(...used(greedy))
    scored.push(...[...scores].filter((_, at) => Math.floor(at / env.layout.numActions) % choices < 3))
    learner.update(env.step(actions))
  }
  const { values } = learner.saveState().arrays
  return { chosen, wanted, scored, values: [...values!], metrics: learner.metrics!(), rng: rng.saveState() }
}

describe('an agent that makes two choices learns as two agents would', () => {
  it.each(forTeams)('%s', (_, entry) => {
    const apart = learn(entry, 'apart')
    const together = learn(entry, 'together')
    expect(together.chosen).toEqual(apart.chosen)
    expect(together.wanted).toEqual(apart.wanted)
    expect(together.scored).toEqual(apart.scored)
    expect(together).toEqual(apart)
    expect(new Set(apart.values).size).toBeGreaterThan(10)
  })
})
