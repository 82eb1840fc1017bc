import { describe, expect, it } from 'vitest'
import { DecisionLog } from '#agents/log/decision-log.js'
import { readLog } from '#agents/log/read-log.js'
import type { PipelineLeader } from '#agents/pipeline/pipeline-leader.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import { GivenClock } from '#agents/testing/given-clock.js'
import { MemorySink } from '#agents/testing/memory-sink.js'
import { Rng } from '#env/rng.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { ExpectedCourse } from '../pipeline/expected-course.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'
import { DrawnTeam } from '../pipeline/testing/drawn-team.js'
import { calibratePipeline } from './calibrate-pipeline.js'

const config = routingPipelineConfig.parse({})

/** Any legal action but handing over, which ends a question before anything is seen. */
const curious = (rules: PipelineRules): PipelineLeader => {
  const rng = new Rng('curious')
  return {
    name: 'curious',
    choose(_, legal) {
      const options = legal.flatMap((one, action) => (one && action !== rules.handOver ? [action] : []))
      return { action: options.length === 0 ? rules.handOver : options[rng.integer(options.length)]!, scores: null }
    },
  }
}

async function logged(questions: number): Promise<string[]> {
  const sink = new MemorySink()
  const log = new DecisionLog(sink, { info: () => {}, warn: () => {}, error: () => {} }, new GivenClock())
  const team = new DrawnTeam(config, curious(new PipelineRules(config)), 'calibrate', new Set(), log)
  for (let k = 0; k < questions; k++) await team.question(`q${k}`)
  log.close()
  return sink.lines
}

describe('a pipeline calibrated from its log', async () => {
  const lines = await logged(4000)
  const calibration = calibratePipeline(readLog(lines.join(''), pipelineSchemas))

  it('finds failures, times, prices and grades of every agent again', () => {
    expect(calibration.questions).toBe(4000)
    calibration.config.stages.forEach((stage, k) => {
      stage.agents.forEach((agent, m) => {
        const truth = config.stages[k]!.agents[m]!
        expect(agent.price).toBeCloseTo(truth.price, 9)
        expect(agent.latencyS).toBeCloseTo(truth.latencyS, 6)
        if (truth.failure > 0) expect(agent.timeoutS).toBeCloseTo(truth.timeoutS, 6)
        const { calls, failure, outcomes } = calibration.agents.find(
          (one) => one.stage === stage.name && one.agent === agent.name,
        )!
        expect(calls).toBeGreaterThan(200)
        expect(Math.abs(failure.value - truth.failure)).toBeLessThan(0.03)
        // Four standard errors of a share, and what the prior moves it at most.
        const near = (g: number) => {
          const count = outcomes[g]!.reduce((sum, one) => sum + one, 0)
          return 2 / Math.sqrt(count) + 2 / (count + 2)
        }
        const rows = agent.outcome as number[][]
        rows.forEach((row, g) => {
          row.forEach((share, b) => {
            expect(Math.abs(share - (truth.outcome as number[][])[g]![b]!)).toBeLessThan(near(g))
          })
        })
      })
    })
    for (const [g, count] of calibration.entry.entries()) {
      expect(Math.abs(count / 4000 - config.entry[g]!)).toBeLessThan(0.03)
    }
  })

  it('gives a policy that loses at most 2% on the true pipeline', () => {
    // Success comes from feedback, which this log doesn't have: the settings' own is kept.
    const { policy } = solvePipeline(calibration.config)
    const truth = solvePipeline(config)
    const course = new ExpectedCourse(
      config,
      Array.from(policy, (action, s) => (action < 0 ? truth.policy[s]! : action)),
    )
    const rules = new PipelineRules(config)
    const worth = config.entry.reduce((sum, chance, grade) => {
      const progress = { stage: 0, grade, best: -1, calls: 0, asked: 0, left: 6, answered: 0 }
      const { right, answered, asked, costUsd, waitedMs } = course.from(rules.numberOf(progress))
      return sum + chance * (10 * right + 4 * (1 - answered) - costUsd - 0.0004 * waitedMs - 0.5 * asked)
    }, 0)
    expect(worth).toBeLessThanOrEqual(truth.start + 1e-9)
    expect(worth).toBeGreaterThan(0.98 * truth.start)
  })

  it('counts how often answers are right by the last grade, with intervals, from feedback', () => {
    const judged = lines.flatMap((line) => {
      const record = JSON.parse(line) as { kind: string; how?: string; request: string; time: string; format: string }
      if (record.kind !== 'end' || record.how !== 'answer') return [line]
      const { format, time, request } = record
      // Every third answer is bad.
      const score = Number.parseInt(request.slice(1), 10) % 3 === 0 ? 0 : 1
      const feedback = {
        format,
        kind: 'feedback',
        time,
        request,
        source: 'test',
        score,
        label: null,
        comment: null,
        key: null,
        known: true,
      }
      return [line, `${JSON.stringify(feedback)}\n`]
    })
    const { success, judged: count, config: found } = calibratePipeline(readLog(judged.join(''), pipelineSchemas))
    expect(count).toBe(success.reduce((sum, one) => sum + (one?.count ?? 0), 0))
    expect(count).toBeGreaterThan(1000)
    success.forEach((one, b) => {
      expect(one!.value).toBeCloseTo(one!.successes / one!.count, 12)
      expect(one!.low).toBeLessThan(2 / 3 + 0.05)
      expect(one!.high).toBeGreaterThan(2 / 3 - 0.05)
      // Two made-up answers with the chance that the settings had before.
      const { successes, count: n } = one!
      expect((found.success as number[])[b]).toBeCloseTo(
        (successes + 2 * (config.success as number[])[b]!) / (n + 2),
        12,
      )
    })
  })

  it('says which rows were never seen, and keeps settings of agents that nobody called', async () => {
    const few = calibratePipeline(readLog((await logged(3)).join(''), pipelineSchemas))
    expect(few.agents.some(({ unseen }) => unseen.length > 0)).toBe(true)
    for (const { calls, stage, agent } of few.agents) {
      if (calls > 0) continue
      const kept = few.config.stages.find(({ name }) => name === stage)!.agents.find(({ name }) => name === agent)
      expect(kept).toEqual(config.stages.find(({ name }) => name === stage)!.agents.find(({ name }) => name === agent))
    }
  })

  it('takes one failure, or one right answer, for no certainty, and calls that were given up for no failure', async () => {
    const one = await logged(1)
    const changed = (outcome: string) =>
      one
        .map((line) => {
          const record = JSON.parse(line) as { kind: string }
          return record.kind === 'call'
            ? `${JSON.stringify({ ...record, outcome, grade: null, confidence: null })}\n`
            : line
        })
        .join('')
    const failed = calibratePipeline(readLog(changed('timeout'), pipelineSchemas))
    const some = failed.agents.find(({ calls }) => calls > 0)!
    expect(some.failure.value).toBe(1)
    const settings = failed.config.stages
      .find(({ name }) => name === some.stage)!
      .agents.find(({ name }) => name === some.agent)!
    const before = config.stages
      .find(({ name }) => name === some.stage)!
      .agents.find(({ name }) => name === some.agent)!
    expect(settings.failure).toBeCloseTo((some.calls + 2 * before.failure) / (some.calls + 2), 12)
    const givenUp = calibratePipeline(readLog(changed('aborted'), pipelineSchemas))
    expect(givenUp.agents.every(({ calls }) => calls === 0)).toBe(true)
  })

  it('refuses a log without a pipeline', () => {
    expect(() => calibratePipeline(readLog('', pipelineSchemas))).toThrow(/no pipeline/)
  })
})
