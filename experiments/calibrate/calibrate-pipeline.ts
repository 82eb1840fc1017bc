import type { LogReading } from '#agents/log/read-log.js'
import type { CallFields } from '#agents/pipeline/pipeline-lines.js'
import { RunStateError } from '#env/errors.js'
import { isJoint, type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { wilsonInterval } from '#results/statistics/wilson-interval.js'
import { questionsIn } from '../pipeline/questions-in.js'

/** One chance as it was counted; what the settings get of it is moved towards those that the team had. */
export interface Estimate {
  readonly successes: number
  readonly count: number
  readonly value: number
  /** 95%, Wilson's score interval (Wilson 1927). */
  readonly low: number
  readonly high: number
}

/** What a log says of one agent. */
export interface CalibratedAgent {
  readonly stage: string
  readonly agent: string
  readonly calls: number
  readonly failure: Estimate
  /** [grade before], how often each grade was given. */
  readonly outcomes: readonly (readonly number[])[]
  /** Grades before that were never seen: their rows are the agent's own over all of them, or the prior's. */
  readonly unseen: readonly number[]
}

/** A pipeline's settings, counted from a log. */
export interface PipelineCalibration {
  readonly config: RoutingPipelineConfig
  readonly questions: number
  readonly entry: readonly number[]
  readonly agents: readonly CalibratedAgent[]
  /** By last grade; null where no answer of that grade was judged. */
  readonly success: readonly (Estimate | null)[]
  readonly judged: number
  /** [grade before][grade], after questions back. */
  readonly asked: readonly (readonly number[])[]
}

/**
 * So many made-up outcomes stand for what is known without the log: a row of few calls stays near the agent's own mean, chances of failure
 * and success stay near those that the team had before (a Beta prior of this weight with that mean; its posterior mean).
 */
const priorWeight = 2

/**
 * Counts what a team's log says of its agents: failures, times, prices, grades by the grade a stage was entered with, and, from
 * feedback, how often answers of each last grade are right.
 * @throws RunStateError where the log has no pipeline, or one whose stages are judged as a whole
 */
export function calibratePipeline(reading: LogReading): PipelineCalibration {
  const beginning = reading.records.filter((record) => record.kind === 'pipeline').at(-1)
  if (beginning === undefined)
    throw new RunStateError(
      `the log has no pipeline: only teams with a \`pipeline\` section write one${firstProblem(reading)}`,
    )
  const before = routingPipelineConfig.parse(beginning.fields.environment)
  if (before.stages.some(isJoint)) {
    throw new RunStateError(
      'the pipeline has stages that are judged as a whole; those are calibrated from recorded outcomes',
    )
  }
  const grades = before.entry.length
  const zeros = () => Array.from({ length: grades }, () => 0)
  const entry = zeros()
  const asked = before.entry.map(zeros)
  const right = zeros()
  const judged = zeros()
  const tallies = before.stages.map(({ agents }) =>
    agents.map(() => ({ calls: 0, failed: 0, ms: 0, lostMs: 0, costUsd: 0, outcomes: before.entry.map(zeros) })),
  )
  const places = new Map<string, [number, number]>()
  for (const [k, names] of beginning.fields.agents.entries()) {
    for (const [m, name] of names.entries()) places.set(name, [k, m])
  }
  const calls = new Map<string, CallFields[]>()
  const ends = new Map<string, { how: string }>()
  for (const record of reading.records) {
    if (record.kind === 'call')
      calls.set(record.fields.request, [...(calls.get(record.fields.request) ?? []), record.fields])
    if (record.kind === 'end') ends.set(record.fields.request, record.fields)
  }
  let questions = 0
  for (const [id, { decisions, feedback }] of questionsIn(reading)) {
    if (decisions.length === 0) continue
    const first = decisions[0]!.state.numbers!
    // A question that goes on after one back begins as the answer left it.
    if (first[4] === 1) asked[lastAsked(reading, id) ?? first[1]!]![first[1]!]!++
    else {
      questions++
      entry[first[1]!]!++
    }
    for (const decision of decisions) {
      const [stage, grade] = decision.state.numbers as [number, number]
      const call = (calls.get(id) ?? []).find(({ step }) => step === decision.step)
      // Who was given up, since nobody waited any more, has not failed.
      if (call === undefined || call.outcome === 'aborted') continue
      const [, m] = places.get(call.agent) ?? [stage, -1]
      const tally = tallies[stage]![m]
      if (tally === undefined) continue
      tally.calls++
      if (call.grade !== null) {
        tally.outcomes[grade]![call.grade]!++
        tally.ms += call.ms
        tally.costUsd += call.costUsd
      } else {
        tally.failed++
        tally.lostMs += call.ms
      }
    }
    const score = feedback.at(-1)?.score
    if (ends.get(id)?.how !== 'answer' || score === undefined) continue
    const [, , best] = decisions.at(-1)!.state.numbers as [number, number, number]
    judged[best]!++
    right[best]! += score
  }
  if (questions === 0) throw new RunStateError('the log has no question to count')
  const agents: CalibratedAgent[] = []
  const stages = before.stages.map((stage, k) => ({
    ...stage,
    agents: stage.agents.map((agent, m) => {
      const tally = tallies[k]![m]!
      const answered = tally.calls - tally.failed
      const own = shares(sumOf(tally.outcomes), agent.outcome[0] as number[])
      const unseen = tally.outcomes.flatMap((row, g) => (total(row) === 0 ? [g] : []))
      agents.push({
        stage: stage.name,
        agent: agent.name,
        calls: tally.calls,
        failure: estimate(tally.failed, tally.calls),
        outcomes: tally.outcomes,
        unseen,
      })
      if (tally.calls === 0) return agent
      return {
        ...agent,
        failure: smoothed({ successes: tally.failed, count: tally.calls }, agent.failure),
        timeoutS: tally.failed > 0 ? tally.lostMs / tally.failed / 1000 : agent.timeoutS,
        latencyS: answered > 0 ? tally.ms / answered / 1000 : agent.latencyS,
        price: answered > 0 ? tally.costUsd / answered : agent.price,
        outcome: tally.outcomes.map((row) => shares(row, own)),
      }
    }),
  }))
  const success = judged.map((count, b) => (count === 0 ? null : estimate(right[b]!, count)))
  const config = routingPipelineConfig.parse({
    ...before,
    stages,
    entry: shares(
      entry,
      entry.map(() => 1 / grades),
    ),
    ask:
      before.ask === null
        ? null
        : { ...before.ask, outcome: asked.map((row, g) => shares(row, before.ask!.outcome[g]!)) },
    success: success.map((one, b) => {
      const prior = (before.success as number[])[b]!
      return one === null ? prior : smoothed(one, prior)
    }),
  })
  return { config, questions, entry, agents, success, judged: total(judged), asked }
}

/** The grade with which a question stood that goes on under another request; null where the log doesn't tell. */
function lastAsked(reading: LogReading, id: string): number | null {
  let last: number | null = null
  for (const [other, { decisions }] of questionsIn(reading)) {
    if (other === id) return last
    const end = decisions.at(-1)
    if (end?.choice === 'ask') last = end.state.numbers![1]!
  }
  return last
}

/** Shares of counts, moved towards a prior by `priorWeight` made-up outcomes; they sum to 1. */
function shares(counts: readonly number[], prior: readonly number[]): number[] {
  const sum = total(counts) + priorWeight
  const raw = counts.map((count, g) => (count + priorWeight * prior[g]!) / sum)
  const all = total(raw)
  return raw.map((share) => share / all)
}

function sumOf(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, g) => rows.reduce((sum, row) => sum + row[g]!, 0))
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

/** A chance with its interval; 0 to 1 where nothing was counted. */
function estimate(successes: number, count: number): Estimate {
  return { successes, count, value: count === 0 ? 0 : successes / count, ...wilsonInterval(successes, count) }
}

/** A share moved towards a prior by `priorWeight` made-up trials: a few counts alone never give 0 or 1. */
function smoothed({ successes, count }: Pick<Estimate, 'successes' | 'count'>, prior: number): number {
  return (successes + priorWeight * prior) / (count + priorWeight)
}

/** What is wrong with a log in which nothing was found. */
function firstProblem({ records, problems }: LogReading): string {
  const [first] = problems
  if (records.length > 0 || first === undefined) return ''
  return `; it may be no decision log: line ${first.line}: ${first.message}`
}
