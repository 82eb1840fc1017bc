/** Whether a run is asked to stop at its next chance: one flag that all of its threads see. */
export class StopSignal {
  readonly #flag: Int32Array
  readonly #listeners: (() => void)[] = []

  /** @param buffer - of another thread's signal; a new one otherwise */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#flag = new Int32Array(buffer)
  }

  /** One that is requested when `signal` aborts, until it is released. */
  static following(signal: AbortSignal | undefined): { readonly stop: StopSignal; readonly release: () => void } {
    const stop = new StopSignal()
    const request = () => stop.request()
    signal?.addEventListener('abort', request)
    if (signal?.aborted === true) stop.request()
    return { stop, release: () => signal?.removeEventListener('abort', request) }
  }

  /** To hand to another thread. */
  get buffer(): SharedArrayBuffer {
    return this.#flag.buffer as SharedArrayBuffer
  }

  get requested(): boolean {
    return Atomics.load(this.#flag, 0) === 1
  }

  request(): void {
    Atomics.store(this.#flag, 0, 1)
    for (const listener of this.#listeners.splice(0)) listener()
  }

  /** Resolves once this thread's signal is requested. */
  whenRequested(): Promise<void> {
    return new Promise((resolve) => {
      if (this.requested) resolve()
      else this.#listeners.push(resolve)
    })
  }
}
