import { type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { type SolvedPipeline, solvePipeline } from '../pipeline/solve-pipeline.js'
import { allSets, answersOf, membersOf } from './answer-chances.js'
import type { Graded, Grader } from './graders.js'
import { type RecordedQuestion, retrievers, writers } from './recorded-outcomes.js'
import { costOf, type Earned, earn, setting } from './recorded-setting.js'

/** Questions, each with the grader that grades it. */
export type GradedQuestions = readonly { readonly question: RecordedQuestion; readonly grader: Grader }[]

/** How the instance sees its agents: as the printed one, with programs that repeat themselves, or by who has answered. */
export type Reading = 'literal' | 'masked' | 'joint'

/** Rows of fewer outcomes take some from the rows beside them: there are too few to go by themselves. */
const thin = 15

/** Counts of outcomes by the grade before, [G][G], as chances. */
class Outcomes {
  readonly #counts: Float64Array[]

  constructor(grades: number) {
    this.#counts = Array.from({ length: grades }, () => new Float64Array(grades))
  }

  add(before: number, after: number, weight = 1): void {
    this.#counts[before]![after]! += weight
  }

  /** Thin rows are widened by their neighbours; where nothing is near, by all. Nothing is made up: chances move to no grade unseen. */
  rows(): number[][] {
    return this.#counts.map((_, g) => normalised(widened(this.#counts, g)))
  }
}

function widened(counts: readonly Float64Array[], g: number): Float64Array {
  const sum = Float64Array.from(counts[g]!)
  for (let reach = 1; total(sum) < thin && reach < counts.length; reach++) {
    for (const near of [counts[g - reach], counts[g + reach]]) {
      for (const [after, count] of near?.entries() ?? []) sum[after]! += count / 2 ** reach
    }
  }
  return sum
}

function total(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0)
}

function normalised(counts: Float64Array): number[] {
  const sum = total(counts)
  if (sum === 0) return Array.from(counts, (_, g) => (g === 0 ? 1 : 0))
  const shares = Array.from(counts, (count) => count / sum)
  const all = shares.reduce((one, other) => one + other, 0)
  return shares.map((share) => share / all)
}

/** The instance of recorded questions, counted. */
export function countPipeline(graded: GradedQuestions, reading: Reading): RoutingPipelineConfig {
  const grades = graded[0]!.grader.grades
  const entry = new Float64Array(grades)
  for (const { question, grader } of graded) entry[grader.entry(question)]! += 1 / graded.length
  const found = (one: GradedQuestions[number], called: number): Graded => one.grader.found(one.question, called)
  const written = ({ question, grader }: GradedQuestions[number], retriever: number, called: number) =>
    grader.written(question, retriever, called)
  const isJoint = reading === 'joint'

  const retrieving = retrievers.map((name, m) => {
    const tables = (isJoint ? [0, 1, 2, 3] : [0]).flatMap((called) => {
      if ((called >> m) & 1) return []
      const outcomes = new Outcomes(grades)
      for (const one of graded) {
        const before = called === 0 ? one.grader.entry(one.question) : found(one, called).grade
        outcomes.add(before, found(one, called | (1 << m)).grade)
      }
      return [{ after: namesOf(called, retrievers), grades: outcomes.rows() }]
    })
    return { name, ...setting.retrievers[m]!, ...repeatsOf(reading), outcome: isJoint ? tables : tables[0]!.grades }
  })
  const writing = writers.map((name, m) => {
    const tables = (isJoint ? [0, ...allSets] : [0]).flatMap((called) => {
      if ((called >> m) & 1) return []
      const outcomes = new Outcomes(grades)
      for (const one of graded) {
        for (const way of [1, 2, 3]) {
          const { grade, kept } = found(one, way)
          const before = called === 0 ? grade : written(one, kept, called).grade
          outcomes.add(before, written(one, kept, called | (1 << m)).grade, 1 / 3)
        }
      }
      return [{ after: namesOf(called, writers), grades: outcomes.rows() }]
    })
    return { name, ...setting.writers[m]!, ...repeatsOf(reading), outcome: isJoint ? tables : tables[0]!.grades }
  })
  const successOf = (sets: readonly number[]) => {
    const right = new Float64Array(grades)
    const count = new Float64Array(grades)
    for (const one of graded) {
      for (const called of sets) {
        const { grade, kept } = written(one, 0, called)
        count[grade]!++
        if (answersOf(one.question, 0)[kept]!.right) right[grade]!++
      }
    }
    return Array.from(count, (_, g) => shareNear(right, count, g))
  }
  return routingPipelineConfig.parse({
    stages: [
      { name: 'retrieve', agents: retrieving },
      { name: 'write', agents: writing },
    ],
    maxCallsPerStage: 3,
    maxCalls: 5,
    entry: normalised(entry),
    ask: null,
    handOver: setting.handOver,
    value: setting.value,
    delayPrice: setting.delayPrice,
    success: isJoint
      ? allSets.map((called) => ({ after: namesOf(called, writers), success: successOf([called]) }))
      : successOf(allSets.filter((called) => membersOf(called).length === 1)),
  })
}

function repeatsOf(reading: Reading): { repeat: 'again' | 'same' } {
  return { repeat: reading === 'masked' ? 'same' : 'again' }
}

function namesOf(bits: number, names: readonly string[]): string[] {
  return names.filter((_, m) => (bits >> m) & 1)
}

/** A share of counts by grade; thin grades look at those beside them. */
function shareNear(right: Float64Array, count: Float64Array, g: number): number {
  let hits = right[g]!
  let all = count[g]!
  for (let reach = 1; all < thin && reach < count.length; reach++) {
    for (const near of [g - reach, g + reach]) {
      if (count[near] === undefined) continue
      hits += right[near]! / 2 ** reach
      all += count[near]! / 2 ** reach
    }
  }
  return all === 0 ? 0 : hits / all
}

/** A solved instance, ready to be played on recordings. */
export interface SolvedRecording {
  readonly config: RoutingPipelineConfig
  readonly rules: PipelineRules
  readonly solution: SolvedPipeline
}

export function solveRecording(config: RoutingPipelineConfig): SolvedRecording {
  return { config, rules: new PipelineRules(config), solution: solvePipeline(config) }
}

/** Plays a solved instance on what was recorded: every call gives what its agent really said; a second call gives the same again. */
export function replayRecorded({ rules, solution }: SolvedRecording, graded: GradedQuestions): Earned {
  const graderOf = new Map(graded.map(({ question, grader }) => [question, grader]))
  const progress = newProgress()
  return earn(
    graded.map(({ question }) => question),
    (question) => {
      const grader = graderOf.get(question)!
      rules.begin(progress, grader.entry(question))
      let cost = 0
      let retriever = 0
      let called = 0
      let kept = 0
      for (;;) {
        let action = solution.policy[rules.numberOf(progress)]!
        // A state that counting never came to: take what there is, where there is something.
        if (action < 0) action = rules.mayAccept(progress) ? rules.accept : rules.handOver
        if (action === rules.handOver) return { right: null, cost }
        if (action === rules.accept) {
          if (rules.isLast(progress)) return { right: answersOf(question, retriever)[kept]!.right, cost }
          retriever = kept
          called = 0
          rules.advance(progress)
          continue
        }
        const isFirst = progress.stage === 0
        cost += costOf(isFirst ? setting.retrievers[action]! : setting.writers[action]!)
        const before = progress.best
        called |= 1 << action
        const { joint } = rules.stages[progress.stage]!
        // Where the best grade counts, each answer has its own.
        const own = joint ? called : 1 << action
        const judged = isFirst ? grader.found(question, own) : grader.written(question, retriever, own)
        rules.answer(progress, action, judged.grade)
        if (joint || judged.grade > before) kept = judged.kept
      }
    },
  )
}
