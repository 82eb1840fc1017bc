import type { RecordedQuestion } from './recorded-outcomes.js'

/** What answering recorded questions costs and earns, reward units and seconds; in the order of `retrievers` and `writers`. */
export const setting = {
  value: 10,
  handOver: 4,
  delayPrice: 0.1,
  retrievers: [
    { price: 0.02, latencyS: 0.003 },
    { price: 0.1, latencyS: 0.05 },
  ],
  writers: [
    { price: 0.02, latencyS: 0.003 },
    { price: 0.1, latencyS: 0.05 },
    { price: 0.3, latencyS: 1.5 },
  ],
} as const

/** What a call costs: its price and its time. */
export function costOf({ price, latencyS }: { readonly price: number; readonly latencyS: number }): number {
  return price + setting.delayPrice * latencyS
}

/** What retrieval by one retriever and a set of writers cost together. */
export function costOfCalls(retriever: number, writers: readonly number[]): number {
  return writers.reduce((sum, m) => sum + costOf(setting.writers[m]!), costOf(setting.retrievers[retriever]!))
}

/** Utility of each question, reward units. */
export type Earned = Float64Array

/** [n], what a rule earns on questions. @param answer - the right or wrong answer given with its cost, or null for a person */
export function earn(
  questions: readonly RecordedQuestion[],
  play: (question: RecordedQuestion) => { readonly right: boolean | null; readonly cost: number },
): Earned {
  return Float64Array.from(questions, (question) => {
    const { right, cost } = play(question)
    return (right === null ? setting.handOver : right ? setting.value : 0) - cost
  })
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += values[k]!
  return sum / values.length
}
