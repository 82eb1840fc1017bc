import { gradeOf } from '#agents/pipeline/stage-judge.js'
import { AnswerChances, answersOf, membersOf } from './answer-chances.js'
import { type RecordedQuestion, retrievers, writers } from './recorded-outcomes.js'

/** What a stage is worth so far, and whose work is kept. */
export interface Graded {
  readonly grade: number
  readonly kept: number
}

/** Turns what was seen of a question into grades. */
export interface Grader {
  readonly grades: number
  entry(question: RecordedQuestion): number
  /** @param called - retrievers as bits; at least one */
  found(question: RecordedQuestion, called: number): Graded
  /** @param called - writers as bits; at least one */
  written(question: RecordedQuestion, retriever: number, called: number): Graded
}

/** Bounds of the calibrated grades: close together around .4, from where on an answer is worth more than a person. */
const chances = [0.12, 0.2, 0.28, 0.35, 0.4, 0.46, 0.54, 0.64, 0.76]

/** Grades are the calibrated chance that the best answer so far is right. */
export function calibratedGrader(model: AnswerChances): Grader {
  return {
    grades: chances.length + 1,
    entry: (question) => gradeOf(model.beforeAll(question), chances),
    // Of two retrievers the second is kept: it finds the right paragraph a little more often.
    found: (question, called) => ({ grade: gradeOf(model.found(question, called), chances), kept: called & 2 ? 1 : 0 }),
    written: (question, retriever, called) => {
      const { writer, chance } = model.best(question, retriever, called)
      return { grade: gradeOf(chance, chances), kept: writer }
    },
  }
}

/** Grades are thirds of what each agent says of itself, the best of those called: as a literal reading of the instance has it. */
export function literalGrader(questions: readonly RecordedQuestion[]): Grader {
  const thirds = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b)
    return [1, 2].map((third) => sorted[Math.floor((third * sorted.length) / 3)]!)
  }
  const length = (question: RecordedQuestion) => -question.question.split(/\s+/).length
  const byLength = thirds(questions.map(length))
  const byRetriever = retrievers.map((_, r) => thirds(questions.map(({ retrieved }) => retrieved[r]!.confidence)))
  const byWriter = writers.map((_, m) => thirds(questions.map((question) => answersOf(question, 0)[m]!.confidence[0]!)))
  const best = (agents: readonly number[], grade: (agent: number) => number): Graded => {
    const kept = agents.reduce((top, agent) => (grade(agent) > grade(top) ? agent : top))
    return { grade: grade(kept), kept }
  }
  return {
    grades: 3,
    entry: (question) => gradeOf(length(question), byLength),
    found: (question, called) =>
      best(membersOf(called), (r) => gradeOf(question.retrieved[r]!.confidence, byRetriever[r]!)),
    written: (question, retriever, called) =>
      best(membersOf(called), (m) => gradeOf(answersOf(question, retriever)[m]!.confidence[0]!, byWriter[m]!)),
  }
}

/** Questions in parts by article, and graders that have not seen the part that they grade. */
export function crossFitted(
  questions: readonly RecordedQuestion[],
  folds: number,
  make: (seen: readonly RecordedQuestion[]) => Grader,
): { readonly question: RecordedQuestion; readonly grader: Grader }[] {
  const articles = [...new Set(questions.map(({ article }) => article))]
  const foldOf = new Map(articles.map((article, k) => [article, k % folds]))
  return Array.from({ length: folds }, (_, fold) => {
    const grader = make(questions.filter(({ article }) => foldOf.get(article) !== fold))
    return questions.filter(({ article }) => foldOf.get(article) === fold).map((question) => ({ question, grader }))
  }).flat()
}

/** A grader of calibrated chances, fitted on questions. */
export function fitCalibratedGrader(questions: readonly RecordedQuestion[]): Grader {
  return calibratedGrader(AnswerChances.fit(questions))
}
