import { contentWords } from '#agents/checking/same-words.js'
import { fitCalibration, type HeldOutAnswer, rightFrom } from '#agents/writing/fit-span-scorer.js'
import { logistic } from '#algorithms/regression/logistic.js'
import type { Squad } from './squad.js'

/** How good held-out answers are. */
export interface WriterFigures {
  /** [questions] 1 where the answer has the words of the right one, as SQuAD compares them. */
  readonly exact: readonly number[]
  /** [questions] word F1. */
  readonly f1: readonly number[]
  /** [questions] chance of being right (F1 of at least .5), calibrated on other articles. */
  readonly confidence: readonly number[]
  /** Chance that a right answer has a higher confidence than a wrong one. */
  readonly auc: number
  /** Mean distance between confidence and share right, over ten equal parts by confidence. */
  readonly calibrationError: number
}

/** Judges the answers to all questions. @param answers - in the order of the questions */
export function judgeWriter({ questions, groups }: Squad, answers: readonly HeldOutAnswer[]): WriterFigures {
  const exact = answers.map(({ answer, question }) => {
    const words = (text: string) => contentWords(text).join(' ')
    return answer !== null && words(answer.text) === words(questions[question]!.answer) ? 1 : 0
  })
  const foldOf = ({ question }: HeldOutAnswer) => groups[questions[question]!.passage]! % 5
  const models = [0, 1, 2, 3, 4].map((fold) => fitCalibration(answers.filter((one) => foldOf(one) !== fold)))
  const confidence = answers.map((one) => (one.answer === null ? 0 : logistic(models[foldOf(one)]!, one.answer.signs)))
  const right = answers.map(({ f1 }) => f1 >= rightFrom)
  return {
    exact,
    f1: answers.map((one) => one.f1),
    confidence,
    auc: aucOf(confidence, right),
    calibrationError: calibrationErrorOf(confidence, right),
  }
}

/** Area under the curve: rank sum of the right ones. Equal scores count half by their order, which is that of the questions. */
export function aucOf(scores: readonly number[], right: readonly boolean[]): number {
  const order = [...scores.keys()].sort((x, y) => scores[x]! - scores[y]!)
  let ranks = 0
  order.forEach((k, rank) => {
    if (right[k]) ranks += rank + 1
  })
  const positive = right.filter(Boolean).length
  return (ranks - (positive * (positive + 1)) / 2) / (positive * (right.length - positive))
}

export function calibrationErrorOf(confidence: readonly number[], right: readonly boolean[]): number {
  const order = [...confidence.keys()].sort((x, y) => confidence[x]! - confidence[y]!)
  let error = 0
  for (let part = 0; part < 10; part++) {
    const own = order.slice(Math.floor((part * order.length) / 10), Math.floor(((part + 1) * order.length) / 10))
    error += Math.abs(own.reduce((sum, k) => sum + confidence[k]! - (right[k] ? 1 : 0), 0))
  }
  return error / order.length
}
