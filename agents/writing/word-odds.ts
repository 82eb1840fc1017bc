/**
 * How much likelier something is at an answer than elsewhere: log((answers + a) / (expected + a)), where `expected` is how many there
 * would be if answers were like everything else. Counted by group, so that a group's own counts can be left out: odds that know the
 * answer they are asked about would be believed too much.
 */
export class WordOdds {
  /** By key: [answers, all]. */
  readonly #counts = new Map<string, [number, number]>()
  #answers = 0
  #all = 0
  static readonly #prior = 2
  /** Odds nearer to 0 are left out of a table. */
  static readonly #least = 0.05

  add(key: string, answers: number, all: number): void {
    const counts = this.#counts.get(key)
    if (counts === undefined) this.#counts.set(key, [answers, all])
    else {
      counts[0] += answers
      counts[1] += all
    }
    this.#answers += answers
    this.#all += all
  }

  /** @param without - counts that are left out */
  of(key: string, without: WordOdds | null): number {
    const counts = this.#counts.get(key)
    if (counts === undefined) return 0
    const left = without === null ? undefined : without.#counts.get(key)
    const answers = counts[0] - (left === undefined ? 0 : left[0])
    const all = counts[1] - (left === undefined ? 0 : left[1])
    const [allAnswers, everything] = without === null ? [0, 0] : [without.#answers, without.#all]
    const share = (this.#answers - allAnswers) / Math.max(1, this.#all - everything)
    return Math.log((answers + WordOdds.#prior) / (all * share + WordOdds.#prior))
  }

  /** Keys seen at least so often, with their odds, in the order of the keys. */
  /** Takes over the counts of another. */
  addAll(other: WordOdds): void {
    for (const [key, [answers, all]] of other.#counts) this.add(key, answers, all)
  }

  /** All keys that say something, with their odds, in the order of the keys. */
  table(): Map<string, number> {
    const all = [...this.#counts.keys()].map((key): [string, number] => [key, Math.fround(this.of(key, null))])
    return new Map(all.filter(([, odds]) => Math.abs(odds) >= WordOdds.#least).sort(([x], [y]) => (x < y ? -1 : 1)))
  }
}
