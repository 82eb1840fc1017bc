import { describe, expect, it } from 'vitest'
import { DecisionLog } from '#agents/log/decision-log.js'
import { readLog } from '#agents/log/read-log.js'
import { OptimalLeader } from '#agents/pipeline/pipeline-leader.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import { GivenClock } from '#agents/testing/given-clock.js'
import { MemorySink } from '#agents/testing/memory-sink.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { renderExplanation } from '#results/report/explanation.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'
import { DrawnTeam } from '../pipeline/testing/drawn-team.js'
import { explanationLines, explanationPage } from './describe-explanation.js'
import { explainRequest } from './explain-request.js'

const config = routingPipelineConfig.parse({ entry: [0, 0, 1] })
const silent = { info: () => {}, warn: () => {}, error: () => {} }

async function logged(questions: number): Promise<string> {
  const sink = new MemorySink()
  const log = new DecisionLog(sink, silent, new GivenClock())
  const leader = new OptimalLeader(new PipelineRules(config), (present, from) => solvePipeline(config, present, from))
  const team = new DrawnTeam(config, leader, 'explain', new Set(), log)
  for (let k = 0; k < questions; k++) await team.question(`q${k}`)
  log.close()
  return sink.lines.join('')
}

describe('why a question went as it went', () => {
  it('gives values, gaps, what would have followed otherwise, and what came of it', async () => {
    const reading = readLog(await logged(3), pipelineSchemas)
    expect(reading.problems).toEqual([])
    const { steps, end, policy, team } = explainRequest(reading, 'q0')
    expect([team, policy]).toEqual(['drawn', 'optimal'])
    const [first] = steps
    // routing-pipeline.md: Q* of the start that looks easy.
    expect(first).toMatchObject({
      stage: 'understand',
      entered: 'high',
      best: null,
      callsLeft: 6,
      choice: 'understand/rules',
    })
    expect(first!.options.map(({ name }) => name)).toEqual(['understand/rules', 'understand/small', 'ask', 'handOver'])
    const values = [6.5749893, 6.15785269, 6.0749893, 4]
    first!.options.forEach(({ value, loss }, k) => {
      expect(value).toBeCloseTo(values[k]!, 7)
      expect(loss).toBeCloseTo(values[0]! - values[k]!, 7)
    })
    expect(first!.gap).toBeCloseTo(6.5749893 - 6.15785269, 7)
    expect(first!.options.at(-1)!.course.answered).toBe(0)
    expect(first!.result).toMatchObject({ outcome: 'answered', ms: 10, costUsd: 0.02 })
    expect(['low', 'middle', 'high']).toContain(first!.result!.grade)
    expect(end).not.toBeNull()
    const spent = steps.reduce((sum, { result }) => sum + (result?.costUsd ?? 0), 0)
    expect(end!.costUsd).toBeCloseTo(spent, 12)
  })

  it('is told in lines and on a page, with the choice marked and numbers as numbers', async () => {
    const explanation = explainRequest(readLog(await logged(1), pipelineSchemas), 'q0')
    const lines = explanationLines(explanation)
    expect(lines).toContainEqual(
      expect.stringMatching(/^> understand\/rules +6\.575 +0\.000 +\d+% +\d+% +\d\.\d\d +\d\.\d\d$/),
    )
    expect(lines.find((line) => line.startsWith('decision 1'))).toMatch(/rules, by 0\.417 over the next$/)
    const page = renderExplanation(explanationPage(explanation))
    expect(page).toContain('<strong>understand/rules</strong>')
    expect(page).toContain('6.575')
  })

  it('refuses a request that the log does not have, and one of another kind of team', async () => {
    const text = await logged(1)
    expect(() => explainRequest(readLog(text, pipelineSchemas), 'q7')).toThrow(/unknown request "q7".*q0/)
    const without = text
      .split('\n')
      .filter((line) => !line.includes('"kind":"pipeline"'))
      .join('\n')
    expect(() => explainRequest(readLog(without, pipelineSchemas), 'q0')).toThrow(/no pipeline that it went through/)
  })

  it('says that a question was interrupted whose log ends early', async () => {
    const text = await logged(1)
    const cut = text
      .split('\n')
      .filter((line) => !line.includes('"kind":"end"'))
      .join('\n')
    const explanation = explainRequest(readLog(cut, pipelineSchemas), 'q0')
    expect(explanation.end).toBeNull()
    expect(explanationLines(explanation).at(-1)).toMatch(/interrupted/)
  })
})
