import { appendFileSync } from 'node:fs'
import type { HandOver, HandOverQueue } from '#agents/pipeline/hand-over.js'
import { StorageError } from '#env/errors.js'

/** Questions for people, a JSON line each: whoever answers them reads the file, and the ticket says which is meant. */
export class HandOverFile implements HandOverQueue {
  readonly #path: string
  readonly #now: () => number

  /** @param now - ms since the epoch */
  constructor(path: string, now: () => number) {
    this.#path = path
    this.#now = now
  }

  add(handOver: HandOver): void {
    const line = { time: new Date(this.#now()).toISOString(), ...handOver }
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    } catch (error) {
      throw new StorageError(`${this.#path}: cannot be written: ${(error as Error).message}`, { cause: error })
    }
  }
}
