import type { Clock } from '../client/clock.js'

/** A clock on which time passes when a test says so; it begins at 0, and calls back in the order of the times. */
export class GivenClock implements Clock {
  #elapsed = 0
  #timers: readonly { readonly at: number; readonly call: () => void }[] = []

  now(): number {
    return this.#elapsed
  }

  elapsedMs(): number {
    return this.#elapsed
  }

  later(ms: number, call: () => void): () => void {
    const timer = { at: this.#elapsed + ms, call }
    this.#timers = [...this.#timers, timer].sort((a, b) => a.at - b.at)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** Lets ms pass; what is due is called, also what is asked for meanwhile. */
  pass(ms: number): void {
    this.passTo(this.#elapsed + ms)
  }

  /** Lets ms pass in which nobody could be called: what was due meanwhile comes when time passes again. */
  jump(ms: number): void {
    this.#elapsed += ms
  }

  passTo(elapsed: number): void {
    for (let next = this.#timers[0]; next !== undefined && next.at <= elapsed; next = this.#timers[0]) {
      this.#timers = this.#timers.slice(1)
      this.#elapsed = Math.max(this.#elapsed, next.at)
      next.call()
    }
    this.#elapsed = Math.max(this.#elapsed, elapsed)
  }
}
