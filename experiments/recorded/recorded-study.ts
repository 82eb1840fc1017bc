import { Rng } from '#env/rng.js'
import { AnswerChances } from './answer-chances.js'
import { bestOf, chains, fixedSets, handOver, oracle, tunedCascade, tunedThreshold } from './fixed-rules.js'
import { calibratedGrader, crossFitted, fitCalibratedGrader, type Grader, literalGrader } from './graders.js'
import type { RecordedQuestion } from './recorded-outcomes.js'
import {
  countPipeline,
  type GradedQuestions,
  type Reading,
  replayRecorded,
  solveRecording,
} from './recorded-pipeline.js'
import { type Earned, mean } from './recorded-setting.js'

/** A difference of means, and its 95% interval by articles. */
export interface Difference {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** One split: half of the articles to calibrate on, half to judge on. */
export interface SplitResult {
  /** Mean utility on the judged half, reward units, by name. */
  readonly earned: { readonly [name: string]: number }
  /** What the instance says that it will earn: V* of its tables, by reading. */
  readonly predicted: { readonly [reading: string]: number }
  /** Calibrated on three quarters of the first half and replayed on the fourth, in turn: the honest prediction. */
  readonly crossReplay: number
  /** Of the calibrated policy over each rule. */
  readonly over: { readonly [rule: string]: Difference }
}

const folds = 5

/** @param seed - of the split */
export function studySplit(questions: readonly RecordedQuestion[], seed: string): SplitResult {
  const rng = new Rng(seed)
  const articles = [...new Set(questions.map(({ article }) => article))]
  for (let k = articles.length - 1; k > 0; k--) {
    const other = rng.integer(k + 1)
    ;[articles[k], articles[other]] = [articles[other]!, articles[k]!]
  }
  const half = new Set(articles.slice(0, articles.length / 2))
  const known = questions.filter(({ article }) => half.has(article))
  const judged = questions.filter(({ article }) => !half.has(article))

  const chancesOf = outOfFold(known)
  const final = AnswerChances.fit(known)
  // A set is chosen on the known half, by models that have not seen the question; then played with the model of all of it.
  const chosen = bestOf(fixedSets(chancesOf), known).name
  const set = fixedSets(() => final).find(({ name }) => name === chosen)!
  const rules = {
    'hand over': handOver,
    'best chain': bestOf(chains, known),
    threshold: tunedThreshold(known),
    cascade: tunedCascade(known),
    'fixed set': set,
    oracle,
  }
  const plays: Record<string, Earned> = Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [name, rule.play(judged)]),
  )
  const predicted: Record<string, number> = {}
  const literal = literalGrader(known)
  const literally = graded(known, literal)
  for (const reading of ['literal', 'masked', 'joint'] as const satisfies readonly Reading[]) {
    const solved = solveRecording(countPipeline(literally, reading))
    predicted[reading] = solved.solution.start
    plays[reading] = replayRecorded(solved, graded(judged, literal))
  }
  const solved = solveRecording(countPipeline(crossFitted(known, folds, fitCalibratedGrader), 'joint'))
  predicted.calibrated = solved.solution.start
  plays.calibrated = replayRecorded(solved, graded(judged, calibratedGrader(final)))

  const fixed = mean(plays['hand over']!) >= mean(plays['best chain']!) ? 'hand over' : 'best chain'
  const over = Object.fromEntries(
    [fixed, 'threshold', 'cascade', 'fixed set'].map((name) => [
      name === fixed ? 'best fixed choice' : name,
      difference(judged, plays.calibrated!, plays[name]!),
    ]),
  )
  return {
    earned: Object.fromEntries(Object.entries(plays).map(([name, earned]) => [name, mean(earned)])),
    predicted,
    crossReplay: crossReplay(known),
    over,
  }
}

/** Models of all but the questions' own articles. */
function outOfFold(known: readonly RecordedQuestion[]): (question: RecordedQuestion) => AnswerChances {
  const models = new Map<RecordedQuestion, AnswerChances>()
  const articles = [...new Set(known.map(({ article }) => article))]
  for (let fold = 0; fold < folds; fold++) {
    const own = new Set(articles.filter((_, k) => k % folds === fold))
    const model = AnswerChances.fit(known.filter(({ article }) => !own.has(article)))
    for (const question of known) if (own.has(question.article)) models.set(question, model)
  }
  return (question) => models.get(question)!
}

function crossReplay(known: readonly RecordedQuestion[]): number {
  const articles = [...new Set(known.map(({ article }) => article))]
  let sum = 0
  for (let part = 0; part < 4; part++) {
    const own = new Set(articles.filter((_, k) => k % 4 === part))
    const seen = known.filter(({ article }) => !own.has(article))
    const solved = solveRecording(countPipeline(crossFitted(seen, folds, fitCalibratedGrader), 'joint'))
    const left = known.filter(({ article }) => own.has(article))
    sum += replayRecorded(solved, graded(left, fitCalibratedGrader(seen))).reduce((all, one) => all + one, 0)
  }
  return sum / known.length
}

function graded(questions: readonly RecordedQuestion[], grader: Grader): GradedQuestions {
  return questions.map((question) => ({ question, grader }))
}

/** Questions of one article stand and fall together: the interval goes by articles (Student, their number less one). */
function difference(questions: readonly RecordedQuestion[], one: Earned, other: Earned): Difference {
  const byArticle = new Map<number, { sum: number; count: number }>()
  questions.forEach(({ article }, k) => {
    const known = byArticle.get(article) ?? { sum: 0, count: 0 }
    byArticle.set(article, { sum: known.sum + one[k]! - other[k]!, count: known.count + 1 })
  })
  const clusters = [...byArticle.values()]
  const total = clusters.reduce((sum, { count }) => sum + count, 0)
  const centre = clusters.reduce((sum, cluster) => sum + cluster.sum, 0) / total
  const n = clusters.length
  const variance =
    clusters.reduce((sum, cluster) => sum + (cluster.sum - centre * cluster.count) ** 2, 0) * (n / (n - 1))
  // Student's quantile for 23 degrees of freedom.
  const half = (2.0687 * Math.sqrt(variance)) / total
  return { mean: centre, low: centre - half, high: centre + half }
}
