import type { Io } from '../io.js'

/** An `Io` that keeps what is written, and interrupts on demand. */
export class FakeIo implements Io {
  out = ''
  err = ''
  quitWith: number | undefined
  readonly env: Io['env'] = {}
  readonly #isTTY: boolean
  #listeners: (() => void)[] = []

  constructor(isTTY = false) {
    this.#isTTY = isTTY
  }

  get stdout(): Io['stdout'] {
    return { write: (text) => (this.out += text) }
  }

  get stderr(): Io['stderr'] {
    return { write: (text) => (this.err += text), isTTY: this.#isTTY, columns: 100, rows: 10 }
  }

  onInterrupt(listener: () => void): () => void {
    this.#listeners.push(listener)
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener)
    }
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener()
  }

  onReopen(): () => void {
    return () => undefined
  }

  quit(code: number): void {
    this.quitWith = code
  }

  /** The one JSON document on standard output. */
  json<T = unknown>(): T {
    return JSON.parse(this.out) as T
  }
}
