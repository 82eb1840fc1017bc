import { packageRoot } from '../modules/package-root.js'
import type { Job, JobPool, JobResult } from './job.js'
import type { ProgressEvent } from './progress.js'
import type { StopSignal } from './stop-signal.js'
import { WorkerThread } from './worker-thread.js'

/** A worker thread, and what it works on. */
interface Lane {
  readonly thread: WorkerThread
  busy: boolean
  /** Of its last job. */
  split: string
}

interface WaitingJob {
  readonly job: Job
  readonly split: string
  readonly resolve: (result: Promise<JobResult>) => void
}

/** What worker threads need of the run. */
export interface ThreadPoolOptions {
  readonly threads: number
  /** Absolute folder, which trials are stored in. */
  readonly runDirectory: string
  readonly stop: StopSignal
  report(event: ProgressEvent): void
}

/**
 * Worker threads; entries are looked up by name or file in each of them. A thread that becomes free takes the first waiting
 * job of the split that it has prepared, then of one that no other thread works on, then the first of all: splits of data
 * are prepared once, and not in every thread.
 */
export class ThreadPool implements JobPool {
  readonly #lanes: readonly Lane[]
  readonly #waiting: WaitingJob[] = []
  #closed = false

  constructor({ threads, runDirectory, stop, report }: ThreadPoolOptions) {
    const file = import.meta.url.endsWith('.ts')
      ? new URL('dist/experiments/runner/worker.js', packageRoot())
      : new URL('./worker.js', import.meta.url)
    this.#lanes = Array.from({ length: threads }, () => ({
      thread: new WorkerThread(file, { stop: stop.buffer, runDirectory }, report),
      busy: false,
      split: '',
    }))
  }

  run<J extends Job>(job: J): Promise<JobResult<J>> {
    const result = new Promise<JobResult>((resolve) => {
      this.#waiting.push({ job, split: splitOf(job), resolve })
      this.#begin()
    })
    return result as Promise<JobResult<J>>
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#lanes.map(({ thread }) => thread.close()))
  }

  /** Gives waiting jobs to free threads. */
  #begin(): void {
    for (const lane of this.#lanes) {
      const next = lane.busy || this.#closed ? undefined : this.#take(lane)
      if (next === undefined) continue
      lane.busy = true
      lane.split = next.split
      const result = lane.thread.run(next.job)
      next.resolve(result)
      const end = () => {
        lane.busy = false
        this.#begin()
      }
      result.then(end, end)
    }
  }

  #take(lane: Lane): WaitingJob | undefined {
    const others = this.#lanes.flatMap((other) => (other.busy ? [other.split] : []))
    const splits = this.#waiting.map(({ split }) => split)
    return this.#waiting.splice(nextJob(splits, lane.split, others), 1)[0]
  }
}

/**
 * Which of the waiting jobs a free thread takes.
 * @param splits - of data that they are about; '' for none
 * @param own - the split that the thread has prepared
 * @param others - those that other threads work on
 * @returns an index; 0 where none is better than another
 */
export function nextJob(splits: readonly string[], own: string, others: readonly string[]): number {
  const prepared = own === '' ? -1 : splits.indexOf(own)
  const free = splits.findIndex((split) => split === '' || !others.includes(split))
  return prepared >= 0 ? prepared : Math.max(0, free)
}

/** The split of data that a job is about; '' for none. */
function splitOf(job: Job): string {
  const { environment, fold } = job.kind === 'trials' ? job.trials[0]! : job.task
  return environment.data === null ? '' : `${environment.label}/${fold?.index ?? 'all'}`
}
