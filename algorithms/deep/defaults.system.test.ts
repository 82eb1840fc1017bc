import { describe, expect, it } from 'vitest'
import { checkLearner } from '../conformance/check-learner.js'
import { dqn } from './dqn.js'
import { iql } from './iql.js'
import { qmix } from './qmix.js'
import { vdn } from './vdn.js'

describe('checkLearner', () => {
  it.each([dqn, iql, vdn, qmix].map((e) => [e.name, e] as const))('DEFAULTS %s', async (_, entry) => {
    const { checks } = await checkLearner(entry, entry.schema.parse({}))
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })
})
