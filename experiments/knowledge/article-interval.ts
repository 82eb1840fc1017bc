import { Rng } from '#env/rng.js'
import { type Interval, stratifiedBootstrap } from '#results/statistics/bootstrap.js'

/**
 * 95% interval of a mean over questions, by drawing articles with replacement: questions of one article are alike.
 * @param values - [questions]
 * @param groups - [questions] article of each
 */
export function articleInterval(values: readonly number[], groups: readonly number[]): Interval {
  const sums = new Map<number, { sum: number; count: number }>()
  values.forEach((value, k) => {
    const own = sums.get(groups[k]!) ?? { sum: 0, count: 0 }
    own.sum += value
    own.count++
    sums.set(groups[k]!, own)
  })
  const articles = [...sums.values()]
  const rng = new Rng('articles')
  const meanOf = (drawn: Float64Array) => {
    let [sum, count] = [0, 0]
    for (const a of drawn) {
      sum += articles[a]!.sum
      count += articles[a]!.count
    }
    return sum / count
  }
  return stratifiedBootstrap([[...articles.keys()]], meanOf, { uniform: () => rng.uniform() })
}
