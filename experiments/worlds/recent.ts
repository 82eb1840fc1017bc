/** The last few things asked for, by key; the longest unused is forgotten. */
export class Recent<K, V> {
  readonly #size: number
  readonly #known = new Map<K, V>()

  constructor(size: number) {
    this.#size = size
  }

  delete(key: K): void {
    this.#known.delete(key)
  }

  get(key: K, make: () => V): V {
    const value = this.#known.get(key) ?? make()
    this.#known.delete(key)
    this.#known.set(key, value)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#size) break
      this.#known.delete(oldest)
    }
    return value
  }
}
