import { setImmediate } from 'node:timers/promises'
import type { Job, JobPool, JobResult } from './job.js'
import { JobRunner, type JobSurroundings } from './job-runner.js'

/** This thread, one job after the other: for entries given by value, which can't cross to another thread. */
export class InlinePool implements JobPool {
  readonly #runner: JobRunner
  #last: Promise<unknown> = Promise.resolve()

  constructor(around: JobSurroundings) {
    this.#runner = new JobRunner(around)
  }

  run<J extends Job>(job: J): Promise<JobResult<J>> {
    const next = this.#last.then(async () => {
      await setImmediate()
      return this.#runner.run(job)
    })
    this.#last = next.catch(() => undefined)
    return next
  }

  async close(): Promise<void> {
    await this.#last
  }
}
