import { expect, it } from 'vitest'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { ExpectedCourse } from './expected-course.js'
import { solvePipeline } from './solve-pipeline.js'

const config = routingPipelineConfig.parse({})
const rules = new PipelineRules(config)
const { policy, q } = solvePipeline(config)
const course = new ExpectedCourse(config, policy)

/** The reward of the default config, from its parts. */
const worth = ({ right, answered, asked, costUsd, waitedMs }: ReturnType<ExpectedCourse['from']>) =>
  10 * right + 4 * (1 - answered) - costUsd - (0.4 * waitedMs) / 1000 - 0.5 * asked

it('adds up to the exact value, from every state that is come to and for every action there', () => {
  let states = 0
  let pairs = 0
  policy.forEach((action, state) => {
    if (action < 0) return
    states++
    expect(worth(course.from(state))).toBeCloseTo(q[state * rules.numActions + action]!, 9)
    for (let a = 0; a < rules.numActions; a++) {
      const value = q[state * rules.numActions + a]!
      if (value === Number.NEGATIVE_INFINITY) continue
      pairs++
      expect(worth(course.after(state, a))).toBeCloseTo(value, 9)
    }
  })
  expect([states, pairs]).toEqual([459, 1334])
})

it('says what becomes of questions at once where the rest is certain', () => {
  const last = { ...newProgress(), stage: 3, grade: 1, best: 2, calls: 1, left: 1 }
  expect(course.after(rules.numberOf(last), rules.accept)).toEqual({
    right: 0.92,
    answered: 1,
    asked: 0,
    calls: 0,
    costUsd: 0,
    waitedMs: 0,
  })
  expect(course.after(rules.numberOf(last), rules.handOver).answered).toBe(0)
})
