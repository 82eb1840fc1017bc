const align = (bytes: number) => Math.ceil(bytes / 64) * 64

/** Hands out offsets and takes them back: planned once, it tells how much memory is needed at most. */
export class Arena {
  /** [from, to) that were used and aren't, in order; none touches the next. */
  #free: { from: number; to: number }[] = []
  #size = 0

  /** Bytes needed so far. */
  get size(): number {
    return this.#size
  }

  /** The smallest gap that fits; else at the end. */
  take(bytes: number): number {
    const wanted = align(bytes)
    const fitting = this.#free.filter(({ from, to }) => to - from >= wanted)
    const best = fitting.sort((a, b) => a.to - a.from - (b.to - b.from))[0]
    if (best !== undefined) {
      const { from } = best
      best.from += wanted
      this.#free = this.#free.filter((gap) => gap.from < gap.to)
      return from
    }
    const last = this.#free.at(-1)
    const from = last?.to === this.#size ? last.from : this.#size
    if (last?.to === this.#size) this.#free.pop()
    this.#size = from + wanted
    return from
  }

  give(at: number, bytes: number): void {
    this.#free.push({ from: at, to: at + align(bytes) })
    this.#free.sort((a, b) => a.from - b.from)
    this.#free = this.#free.reduce<{ from: number; to: number }[]>((merged, gap) => {
      const before = merged.at(-1)
      if (before?.to === gap.from) before.to = gap.to
      else merged.push(gap)
      return merged
    }, [])
  }
}
