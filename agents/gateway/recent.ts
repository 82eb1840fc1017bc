/** What came last, up to so many: the oldest go first. */
export class Recent<K, V> {
  readonly #limit: number
  readonly #entries = new Map<K, V>()
  /** Its keys, in a ring: looking for a map's first key takes long where many were deleted before it. */
  readonly #keys: K[] = []
  #next = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** What comes again has a new value, and is as old as before. */
  set(key: K, value: V): void {
    if (!this.#entries.has(key)) {
      if (this.#keys.length === this.#limit) this.#entries.delete(this.#keys[this.#next]!)
      this.#keys[this.#next] = key
      this.#next = (this.#next + 1) % this.#limit
    }
    this.#entries.set(key, value)
  }

  /** Newest first. */
  values(): V[] {
    const { length } = this.#keys
    return Array.from({ length }, (_, k) => this.#entries.get(this.#keys[(this.#next - 1 - k + 2 * length) % length]!)!)
  }
}
