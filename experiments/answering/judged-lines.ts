import { textTable } from '../cli/text-table.js'
import type { LedBy } from './judge-customer-service.js'

/** A mean over conversations with its 95% interval (normal), reward units. */
export interface Mean {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** @param each - [conversation], at least two */
export function meanOf(each: ArrayLike<number>): Mean {
  const values = Array.from(each)
  const n = values.length
  const mean = values.reduce((sum, one) => sum + one, 0) / n
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  const half = 1.959963984540054 * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half }
}

/** What one earns more than another on the same conversations. */
export function gainOf({ judged: { each } }: LedBy, other: LedBy): Mean {
  return meanOf(each.map((utility, k) => utility - other.judged.each[k]!))
}

/** The rule that earned most on these very conversations; people alone are no rule. */
export function bestRuleOf(results: readonly LedBy[]): LedBy {
  const rules = results.filter(({ name, predicted }) => predicted === null && name !== 'hand-over')
  return rules.reduce((best, one) => (one.judged.utility > best.judged.utility ? one : best))
}

/** The table for people, the best of each kind compared below. */
export function judgedLines(results: readonly LedBy[]): string[] {
  const share = (value: number) => `${(100 * value).toFixed(1)}%`
  const told = ({ mean, low, high }: Mean) => `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`
  const rows = results.map(({ name, predicted, judged }) => [
    name,
    predicted === null ? '' : predicted.toFixed(2),
    told(meanOf(judged.each)),
    ...[judged.answered, judged.right, judged.handedOver, judged.asked].map(share),
  ])
  const best = bestRuleOf(results)
  const gains = results.filter(({ predicted }) => predicted !== null)
  const people = results.find(({ name }) => name === 'hand-over')!
  return [
    `${results[0]!.judged.conversations} conversations; mean utility each, with its 95% interval`,
    ...textTable(
      [['led by', 'promised', 'earned', 'answered', 'of these right', 'handed over', 'asked'], ...rows],
      [1, 2, 3, 4, 5, 6],
    ),
    ...gains.flatMap((one) =>
      [best, people].map((other) => `${one.name} over ${other.name}: ${told(gainOf(one, other))}`),
    ),
  ]
}
