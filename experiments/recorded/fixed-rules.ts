import type { AnswerChances } from './answer-chances.js'
import { allSets, answersOf, membersOf } from './answer-chances.js'
import { type RecordedQuestion, retrievers, writers } from './recorded-outcomes.js'
import { costOf, costOfCalls, type Earned, earn, mean, setting } from './recorded-setting.js'

/** A way of answering that people would write, and what it earns on questions. */
export interface Rule {
  readonly name: string
  play(questions: readonly RecordedQuestion[]): Earned
}

export const handOver: Rule = {
  name: 'hand over',
  play: (questions) => earn(questions, () => ({ right: null, cost: 0 })),
}

/** One retriever and one writer, and its answer. */
export const chains: readonly Rule[] = retrievers.flatMap((r, retriever) =>
  writers.map((w, writer) => ({
    name: `${r}, ${w}`,
    play: (questions: readonly RecordedQuestion[]) =>
      earn(questions, (question) => ({
        right: answersOf(question, retriever)[writer]!.right,
        cost: costOfCalls(retriever, [writer]),
      })),
  })),
)

/** Confidences that cut a writer's answers into equal parts; below the first all are in. */
function cutsOf(questions: readonly RecordedQuestion[], writer: number, parts: number): number[] {
  const sorted = questions.map((one) => answersOf(one, 0)[writer]!.confidence[0]!).sort((a, b) => a - b)
  const cuts = Array.from({ length: parts - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / parts)]!)
  return [Number.NEGATIVE_INFINITY, ...cuts, Number.POSITIVE_INFINITY]
}

/** A cascade: writers one after the other, each answer given where its confidence reaches a bound; else a person. */
function cascade(retriever: number, order: readonly number[], bounds: readonly number[]): Rule {
  return {
    name: `${retrievers[retriever]}, ${order.map((m, k) => `${writers[m]} from ${bounds[k]!.toFixed(2)}`).join(', ')}`,
    play: (questions) =>
      earn(questions, (question) => {
        let cost = costOf(setting.retrievers[retriever]!)
        for (const [k, m] of order.entries()) {
          cost += costOf(setting.writers[m]!)
          const { confidence, right } = answersOf(question, retriever)[m]!
          if (confidence[0]! >= bounds[k]!) return { right, cost }
        }
        return { right: null, cost }
      }),
  }
}

/** The best of some rules on questions. */
export function bestOf(rules: readonly Rule[], questions: readonly RecordedQuestion[]): Rule {
  let best = rules[0]!
  let most = Number.NEGATIVE_INFINITY
  for (const rule of rules) {
    const earned = mean(rule.play(questions))
    if (earned > most) {
      most = earned
      best = rule
    }
  }
  return best
}

/** A chain whose answer is given where its confidence reaches a bound, tuned on questions. */
export function tunedThreshold(questions: readonly RecordedQuestion[]): Rule {
  const rules = retrievers.flatMap((_, r) =>
    writers.flatMap((_w, m) => cutsOf(questions, m, 20).map((cut) => cascade(r, [m], [cut]))),
  )
  return bestOf(rules, questions)
}

/** The best cascade of one to three writers, in any order, tuned on questions. */
export function tunedCascade(questions: readonly RecordedQuestion[]): Rule {
  const cuts = writers.map((_, m) => cutsOf(questions, m, 8))
  const orders = [
    [0],
    [1],
    [2],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 2],
    [2, 0],
    [2, 1],
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]
  const rules = retrievers.flatMap((_, r) =>
    orders.flatMap((order) => {
      let bounds: number[][] = [[]]
      for (const m of order) bounds = bounds.flatMap((before) => cuts[m]!.map((cut) => [...before, cut]))
      return bounds.map((one) => cascade(r, order, one))
    }),
  )
  return bestOf(rules, questions)
}

/**
 * Calls always the same writers, gives the likeliest of their answers, and hands over where that is not worth more than a person.
 * @param chancesOf - of each question, by a model that has not seen it
 */
export function fixedSets(chancesOf: (question: RecordedQuestion) => AnswerChances): readonly Rule[] {
  const breakEven = setting.handOver / setting.value
  return retrievers.flatMap((r, retriever) =>
    allSets.map((bits) => ({
      name: `${r}, ${membersOf(bits)
        .map((m) => writers[m])
        .join(' and ')}`,
      play: (questions: readonly RecordedQuestion[]) =>
        earn(questions, (question) => {
          const { writer, chance } = chancesOf(question).best(question, retriever, bits)
          const cost = costOfCalls(retriever, membersOf(bits))
          return { right: chance < breakEven ? null : answersOf(question, retriever)[writer]!.right, cost }
        }),
    })),
  )
}

/** Knows what is right: the cheapest right answer, or a person. */
export const oracle: Rule = {
  name: 'oracle',
  play: (questions) =>
    earn(questions, (question) => {
      let best: { right: boolean | null; cost: number } = { right: null, cost: 0 }
      let most: number = setting.handOver
      retrievers.forEach((_, r) => {
        answersOf(question, r).forEach(({ right }, m) => {
          const cost = costOfCalls(r, [m])
          if (right && setting.value - cost > most) {
            most = setting.value - cost
            best = { right, cost }
          }
        })
      })
      return best
    }),
}
