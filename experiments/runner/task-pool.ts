import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { CadreError, type ErrorCode } from '#env/errors.js'
import { packageRoot } from '../modules/package-root.js'
import type { Entries } from './entries.js'
import type { ProgressEvent } from './progress.js'
import { type Task, type TaskResult, TaskRunner } from './run-task.js'

/** What a worker answers. */
export type WorkerReply =
  | { readonly ok: true; readonly result: TaskResult }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly exitCode: 1 | 2 }

/** Carries tasks out in the order they come, several at a time. */
export interface TaskPool {
  run(task: Task): Promise<TaskResult>
  /** Asks running trials to stop at their next chance, and waiting ones not to begin. */
  stop(): void
  close(): Promise<void>
}

/** Worker threads; entries are looked up by name or file in each of them. */
export class ThreadPool implements TaskPool {
  readonly #pool: Piscina
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))

  constructor(threads: number, report: (event: ProgressEvent) => void) {
    const fromSource = import.meta.url.endsWith('.ts')
    const worker = fromSource
      ? new URL('dist/experiments/runner/worker.js', packageRoot())
      : new URL('./worker.js', import.meta.url)
    this.#pool = new Piscina({
      filename: fileURLToPath(worker),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: { stop: this.#stop.buffer },
    })
    this.#pool.on('message', (event) => report(event as ProgressEvent))
  }

  async run(task: Task): Promise<TaskResult> {
    const reply = (await this.#pool.run(task)) as WorkerReply
    if (reply.ok) return reply.result
    throw new CadreError(reply.code, reply.message, { exitCode: reply.exitCode })
  }

  stop(): void {
    Atomics.store(this.#stop, 0, 1)
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

/** This thread, one task after the other: for entries given by value, which can't cross to another thread. */
export class InlinePool implements TaskPool {
  readonly #runner: TaskRunner
  #stopped = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(entries: Entries, report: (event: ProgressEvent) => void) {
    this.#runner = new TaskRunner(entries, () => this.#stopped, report)
  }

  run(task: Task): Promise<TaskResult> {
    const next = this.#last.then(async () => {
      await setImmediate()
      return this.#runner.run(task)
    })
    this.#last = next.catch(() => undefined)
    return next
  }

  stop(): void {
    this.#stopped = true
  }

  async close(): Promise<void> {
    await this.#last
  }
}
