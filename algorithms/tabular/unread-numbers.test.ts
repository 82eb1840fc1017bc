import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { UnseenGuest } from '#env/testing/unseen-guest.js'
import { VectorEnv } from '#env/vector-env.js'
import { learners } from '../learners.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'

/** All that learn for several agents on numbers. */
const tabular = learners.filter(({ name, needs }) => {
  return name !== 'q-learning' && needs?.({} as never).observation === false
})

function learned(entry: (typeof learners)[number], make: () => LeavingTeam) {
  const env = new VectorEnv(make, 4, 'unread')
  const learner = makeLearner(entry, contextFor(env, { rng: new Rng('unread') }), { exploration: 0.5 })
  env.reset()
  trainFor(env, learner, 60)
  learner.finish?.()
  const out = new Int32Array(8)
  learner.policy().act(env.current, new Rng('unused'), out)
  return { state: learner.saveState(), out }
}

describe('the number that an agent shows while it is away', () => {
  it('is asked of at least these learners', () => {
    expect(tabular.length).toBeGreaterThanOrEqual(11)
  })

  it.each(tabular.map((entry) => [entry.name, entry] as const))('is not read by %s', (_, entry) => {
    const expected = learned(entry, () => new LeavingTeam())
    for (const number of [-1, 99]) expect(learned(entry, () => new UnseenGuest(number))).toEqual(expected)
  })
})
