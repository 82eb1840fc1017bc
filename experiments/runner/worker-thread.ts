import { Worker } from 'node:worker_threads'
import { CadreError, type ErrorCode } from '#env/errors.js'
import type { Job, JobResult } from './job.js'
import type { ProgressEvent } from './progress.js'

/** What a worker thread is started with. */
export interface WorkerStart {
  /** Buffer of the run's StopSignal. */
  readonly stop: SharedArrayBuffer
  /** Absolute folder of the run, which trials are stored in. */
  readonly runDirectory: string
}

/** What a worker thread says: progress, and one answer a job. Errors of ours lose their class on the way, so they go as data. */
export type WorkerMessage =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'done'; readonly result: JobResult }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string; readonly exitCode: 1 | 2 }
  | { readonly type: 'failed'; readonly error: Error }

interface Waiting {
  readonly resolve: (result: JobResult) => void
  readonly reject: (error: unknown) => void
}

/** A thread that carries out one job at a time. Where it ends by an error of its own, the next job starts another. */
export class WorkerThread {
  readonly #file: URL
  readonly #start: WorkerStart
  readonly #report: (event: ProgressEvent) => void
  #worker: Worker | null = null
  #waiting: Waiting | null = null

  constructor(file: URL, start: WorkerStart, report: (event: ProgressEvent) => void) {
    this.#file = file
    this.#start = start
    this.#report = report
  }

  /** @throws what the job fails with; an Error that says so where the thread ended in the middle of it */
  run(job: Job): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#worker ??= this.#begin()
      this.#worker.postMessage(job)
    })
  }

  async close(): Promise<void> {
    // Its end is told to whoever waits.
    await this.#worker?.terminate()
  }

  #begin(): Worker {
    const worker = new Worker(this.#file, { workerData: this.#start })
    worker.on('message', (message: WorkerMessage) => this.#accept(worker, message))
    // Out of memory, say, or thrown where nothing caught it.
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', (code) => {
      const error = new Error(
        `its worker thread ended with exit code ${code}: something that it ran called process.exit`,
      )
      // A stack would show this file, which is no place to look.
      delete error.stack
      this.#lose(worker, error)
    })
    return worker
  }

  #accept(worker: Worker, message: WorkerMessage): void {
    if (this.#worker !== worker) return
    if (message.type === 'progress') {
      this.#report(message.event)
      return
    }
    const waiting = this.#waiting
    this.#waiting = null
    if (message.type === 'done') waiting?.resolve(message.result)
    else if (message.type === 'failed') waiting?.reject(message.error)
    else waiting?.reject(new CadreError(message.code, message.message, { exitCode: message.exitCode }))
  }

  /** A worker says so twice, by its error and some time later by its exit, when another one may be at work. */
  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.reject(error)
  }
}
