import { describe, expect, it } from 'vitest'
import { checkLearner } from '../conformance/check-learner.js'
import { dqn } from './dqn.js'
import { iql } from './iql.js'
import { qmix } from './qmix.js'
import { vdn } from './vdn.js'

const network = { hidden: [16] }
const episodes = {
  network,
  learningRate: 5e-3,
  target: { every: 20 },
  replay: { batch: 8, trainEvery: 4, capacity: 500 },
}

describe('checkLearner', () => {
  it.each([
    ['dqn', dqn, { network, learningRate: 5e-3, target: { every: 50 }, replay: { startAfter: 100, trainEvery: 8 } }],
    [
      'dqn, duelling, 3 steps, by priority',
      dqn,
      {
        network: { hidden: [16], duelling: true },
        learningRate: 5e-3,
        target: { rate: 0.05 },
        replay: { startAfter: 100, trainEvery: 8, nStep: 3, capacity: 2000, prioritised: {} },
      },
    ],
    ['iql', iql, episodes],
    ['vdn', vdn, episodes],
    ['qmix', qmix, episodes],
  ] as const)('holds for %s', async (_, entry, settings) => {
    const { checks } = await checkLearner(entry, entry.schema.parse(settings))
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })
})
