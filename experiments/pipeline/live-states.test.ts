import { describe, expect, it } from 'vitest'
import { OptimalLeader } from '#agents/pipeline/pipeline-leader.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules, type Progress } from '#env/routing-pipeline/pipeline-rules.js'
import { solvePipeline } from './solve-pipeline.js'

/** Two writers, neither of which the model lets fail or give a low grade. */
const sure = [
  [0, 0.2, 0.8],
  [0, 0.2, 0.8],
  [0, 0.2, 0.8],
]
const agent = (name: string) => ({ name, price: 0.1, latencyS: 0.1, failure: 0, timeoutS: 1, outcome: sure })
const config = routingPipelineConfig.parse({
  stages: [
    { name: 'read', agents: [agent('reader')] },
    { name: 'write', agents: [agent('one'), agent('other')] },
  ],
  handOver: -5,
})
const rules = new PipelineRules(config)
const everybody = [[true], [true, true]]
const at = (progress: Partial<Progress>): Progress => ({ ...newProgress(), left: rules.maxCalls, ...progress })
const legalIn = (progress: Progress) => Array.from({ length: rules.numActions }, (_, a) => rules.isLegal(progress, a))

describe('the optimum in states that the model never comes to', () => {
  const leader = () => new OptimalLeader(rules, (present, from) => solvePipeline(config, present, from))

  it.each([
    ['after an agent failed that never does', at({ stage: 1, grade: 2, best: -1, calls: 1, left: 4 }), 'calls'],
    ['with a grade that is never given', at({ stage: 1, grade: 2, best: 0, calls: 1, left: 4 }), 'calls'],
  ])('%s it goes on by what is best from there', (_, progress) => {
    const state = rules.numberOf(progress)
    expect(solvePipeline(config).policy[state]).toBe(-1)
    const own = leader()
    const before = own.choose(at({ grade: 2 }), legalIn(at({ grade: 2 })), everybody)
    const { action, scores } = own.choose(progress, legalIn(progress), everybody)
    const { start } = solvePipeline(config, null, state)
    expect(action).toBeLessThan(rules.widest)
    expect(Math.max(...scores!)).toBeCloseTo(start, 9)
    expect(start).toBeGreaterThan(0)
    // What was known stays as it was.
    expect(own.choose(at({ grade: 2 }), legalIn(at({ grade: 2 })), everybody).action).toBe(before.action)
  })

  it('where nobody of an earlier stage is up any more, it goes on with those who are', () => {
    const progress = at({ stage: 1, grade: 2, left: 5 })
    const { action, scores } = leader().choose(progress, legalIn(progress), [[false], [true, true]])
    expect(action).toBeLessThan(rules.widest)
    expect(Math.max(...scores!)).toBeCloseTo(solvePipeline(config, null, rules.numberOf(progress)).start, 9)
  })
})
