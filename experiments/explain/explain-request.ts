import type { LogReading, LogRecord } from '#agents/log/read-log.js'
import { GrowingSolution } from '#agents/pipeline/growing-solution.js'
import { RunStateError, UnknownNameError } from '#env/errors.js'
import { gradeNames, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { type Course, ExpectedCourse } from '../pipeline/expected-course.js'
import { questionsIn } from '../pipeline/questions-in.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'

/** One thing that could have been done. */
export interface ExplainedOption {
  readonly name: string
  /** Expected reward from here on, as the deciding policy saw it; null where it has no values. */
  readonly value: number | null
  /** Value lost against the best option; null where there are no values. */
  readonly loss: number | null
  /** What would follow on average, the best being done ever after. */
  readonly course: Course
}

/** One decision, and what came of it. */
export interface ExplainedStep {
  readonly step: number
  readonly stage: string
  /** Grade with which the stage was entered, and the best of it so far. */
  readonly entered: string
  readonly best: string | null
  readonly callsLeft: number
  readonly choice: string
  readonly by: string
  /** Value of the choice less that of the best other option; null where there are no values. */
  readonly gap: number | null
  /** Legal options, the best first. */
  readonly options: readonly ExplainedOption[]
  /** What came of a call. */
  readonly result: {
    /** `answered`; `unfit` where the agent had no answer; else how the call failed. */
    readonly outcome: string
    /** Why there is no answer; null where there is one. */
    readonly detail: string | null
    readonly ms: number
    readonly costUsd: number
    readonly grade: string | null
  } | null
}

/** Why a question went as it went. */
export interface Explanation {
  readonly request: string
  readonly team: string
  readonly policy: string
  readonly steps: readonly ExplainedStep[]
  /** How it ended; null where it was interrupted. */
  readonly end: {
    readonly how: string
    readonly costUsd: number
    readonly waitedMs: number
    readonly why: string | null
  } | null
  readonly feedback: readonly { readonly source: string; readonly score: number }[]
}

/**
 * Goes through the decisions on a request: what else could have been done, what it was worth, and what came of it.
 * @throws UnknownNameError where the log has no such request, RunStateError where it isn't one of a pipeline
 */
export function explainRequest(reading: LogReading, id: string): Explanation {
  const questions = questionsIn(reading)
  const request = questions.get(id)
  if (request === undefined) {
    const [problem] = reading.problems
    if (reading.records.length === 0) {
      const why = problem === undefined ? 'it is empty' : `line ${problem.line}: ${problem.message}`
      throw new RunStateError(`the log has no line that can be read, so no request either: ${why}`)
    }
    if (reading.requests.has(id)) {
      throw new RunStateError(
        `request ${id}: agents with queues worked on it, and no pipeline; its scores stand in the log, and cadre replay goes through it again`,
      )
    }
    throw new UnknownNameError('request', id, [...questions.keys()].slice(-20))
  }
  const first = reading.records.find(({ kind, fields }) => kind === 'decision' && fields.request === id)
  const beginnings = reading.records.filter((record) => record.kind === 'pipeline')
  const begun = beginnings.filter(({ line }) => line < (first?.line ?? 0)).at(-1) ?? beginnings[0]
  if (begun === undefined || request.decisions.length === 0) {
    throw new RunStateError(
      `request ${id}: the log has no pipeline that it went through; decisions of routers are explained by their scores in the log`,
    )
  }
  const config = routingPipelineConfig.parse(begun.fields.environment)
  const rules = new PipelineRules(config)
  const solution = new GrowingSolution((from) => solvePipeline(config, null, from))
  const course = new ExpectedCourse(config, solution.solution.policy)
  const grades = gradeNames(config)
  const calls = reading.records.flatMap((record) =>
    record.kind === 'call' && record.fields.request === id ? [record.fields] : [],
  )
  const end = reading.records.find((record) => isEndOf(record, id))
  const steps = request.decisions.map(({ step, state, actions, legal, scores, choice, by }): ExplainedStep => {
    const [stage, grade, best, callsMade, asked, left, answered] = state.numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const progress = { ...newProgress(), stage, grade, best, calls: callsMade, asked, left, answered }
    const number = rules.numberOf(progress)
    solution.covering(number)
    const options = actions.flatMap((name, a): (ExplainedOption & { action: number })[] =>
      legal[a] ? [{ action: a, name, value: scores?.[a] ?? null, loss: null, course: course.after(number, a) }] : [],
    )
    const values = options.flatMap(({ value }) => (value === null ? [] : [value]))
    const top = values.length > 0 ? Math.max(...values) : null
    const chosen = options.find(({ name }) => name === choice)
    const others = options.filter((option) => option !== chosen && option.value !== null)
    const result = calls.find((call) => call.step === step)
    return {
      step,
      stage: config.stages[stage]!.name,
      entered: grades[grade]!,
      best: best < 0 ? null : grades[best]!,
      callsLeft: left,
      choice: choice ?? '-',
      by,
      gap:
        chosen?.value == null || others.length === 0
          ? null
          : chosen.value - Math.max(...others.map(({ value }) => value!)),
      options: options
        .map(({ action: _, ...option }) => ({
          ...option,
          loss: option.value === null || top === null ? null : top - option.value,
        }))
        .sort((a, b) => (b.value ?? 0) - (a.value ?? 0)),
      result:
        result === undefined
          ? null
          : {
              outcome: result.outcome,
              detail: result.detail,
              ms: result.ms,
              costUsd: result.costUsd,
              grade: result.grade === null ? null : grades[result.grade]!,
            },
    }
  })
  return {
    request: id,
    team: begun.fields.team,
    policy: begun.fields.policy,
    steps,
    end:
      end === undefined
        ? null
        : { how: end.fields.how, costUsd: end.fields.costUsd, waitedMs: end.fields.waitedMs, why: end.fields.why },
    feedback: request.feedback.map(({ source, score }) => ({ source, score })),
  }
}

function isEndOf(record: LogRecord, id: string): record is LogRecord & { readonly kind: 'end' } {
  return record.kind === 'end' && record.fields.request === id
}
