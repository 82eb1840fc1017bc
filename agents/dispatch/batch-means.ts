/** Batches are merged in pairs when there are so many. */
const mostBatches = 64
const fewestBatches = 10
const firstSize = 64

/**
 * The mean of a sequence whose terms depend on each other, with an interval by batch means: sums of long stretches are nearly
 * independent. Terms may be corrected later. Keeps at most 64 batches, of as many terms each as that takes.
 */
export class BatchMeans {
  #sums: number[] = []
  /** Terms a batch. */
  #size = firstSize
  #count = 0
  #total = 0

  /** How many terms there are. */
  get count(): number {
    return this.#count
  }

  get total(): number {
    return this.#total
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#total / this.#count
  }

  /** Another term. */
  push(term: number): void {
    this.#count++
    this.correct(this.#count - 1, term)
  }

  /** So many more terms, all 0. @param terms - at least 1 */
  pass(terms: number): void {
    this.#count += terms
    this.correct(this.#count - 1, 0)
  }

  /** A term becomes larger by so much. @param place - its number, from 0 */
  correct(place: number, by: number): void {
    this.#total += by
    while (Math.floor(place / this.#size) >= mostBatches) {
      const pairs = Array.from(
        { length: mostBatches / 2 },
        (_, k) => (this.#sums[2 * k] ?? 0) + (this.#sums[2 * k + 1] ?? 0),
      )
      this.#sums = pairs
      this.#size *= 2
    }
    const batch = Math.floor(place / this.#size)
    while (this.#sums.length <= batch) this.#sums.push(0)
    this.#sums[batch] = this.#sums[batch]! + by
  }

  /** Half of the mean's 99% interval, from the batches that are full; null where there are fewer than ten. */
  get halfWidth(): number | null {
    const means = this.#sums.slice(0, Math.floor(this.#count / this.#size)).map((sum) => sum / this.#size)
    if (means.length < fewestBatches) return null
    const mean = means.reduce((sum, one) => sum + one, 0) / means.length
    const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (means.length - 1)
    return quantile995(means.length - 1) * Math.sqrt(variance / means.length)
  }
}

/** The .995 quantile of Student's t, from the normal one (Abramowitz and Stegun 26.7.5): to 1e-4 from 9 degrees of freedom on. */
function quantile995(freedom: number): number {
  const z = 2.5758293035489004
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ]
  return terms.reduce((sum, term, k) => sum + term / freedom ** k, 0)
}
