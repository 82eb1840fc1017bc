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

/** A worker thread, and what it works on. */
interface Lane {
  readonly pool: Piscina
  busy: boolean
  /** Of its last task. */
  split: string
}

interface WaitingTask {
  readonly task: Task
  readonly split: string
  readonly resolve: (reply: Promise<WorkerReply>) => void
}

/**
 * Worker threads; entries are looked up by name or file in each of them. A thread that becomes free takes the first waiting
 * task of the split that it has prepared, then of one that no other thread works on, then the first of all: splits of data
 * are prepared once, and not in every thread.
 */
export class ThreadPool implements TaskPool {
  readonly #lanes: readonly Lane[]
  readonly #waiting: WaitingTask[] = []
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))

  constructor(threads: number, report: (event: ProgressEvent) => void) {
    const fromSource = import.meta.url.endsWith('.ts')
    const worker = fromSource
      ? new URL('dist/experiments/runner/worker.js', packageRoot())
      : new URL('./worker.js', import.meta.url)
    // One pool a thread: only so is it known which thread a task goes to, and that tasks begin in order.
    this.#lanes = Array.from({ length: threads }, () => {
      const pool = new Piscina({
        filename: fileURLToPath(worker),
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: 1,
        idleTimeout: Number.POSITIVE_INFINITY,
        workerData: { stop: this.#stop.buffer },
      })
      pool.on('message', (event) => report(event as ProgressEvent))
      return { pool, busy: false, split: '' }
    })
  }

  async run(task: Task): Promise<TaskResult> {
    const reply = await new Promise<WorkerReply>((resolve) => {
      this.#waiting.push({ task, split: splitOf(task), resolve })
      this.#begin()
    })
    if (reply.ok) return reply.result
    throw new CadreError(reply.code, reply.message, { exitCode: reply.exitCode })
  }

  stop(): void {
    Atomics.store(this.#stop, 0, 1)
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(({ pool }) => pool.destroy()))
  }

  /** Gives waiting tasks to free threads. */
  #begin(): void {
    for (const lane of this.#lanes) {
      const next = lane.busy ? undefined : this.#take(lane)
      if (next === undefined) continue
      lane.busy = true
      lane.split = next.split
      const reply = lane.pool.run(next.task) as Promise<WorkerReply>
      next.resolve(reply)
      const end = () => {
        lane.busy = false
        this.#begin()
      }
      reply.then(end, end)
    }
  }

  #take(lane: Lane): WaitingTask | undefined {
    const others = this.#lanes.flatMap((other) => (other.busy ? [other.split] : []))
    const own = this.#waiting.findIndex(({ split }) => split !== '' && split === lane.split)
    const free = this.#waiting.findIndex(({ split }) => split === '' || !others.includes(split))
    return this.#waiting.splice(own >= 0 ? own : Math.max(0, free), 1)[0]
  }
}

/** The split of data that a task is about; '' for none. */
function splitOf(task: Task): string {
  const { environment, fold } = task.kind === 'trials' ? task.trials[0]! : task.task
  return environment.data === null ? '' : `${environment.label}/${fold?.index ?? 'all'}`
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
