import { parentPort, workerData } from 'node:worker_threads'
import { CadreError } from '#env/errors.js'
import { TrialStore } from '#results/store/trial-store.js'
import type { Job } from './job.js'
import { JobRunner } from './job-runner.js'
import { moduleEntries } from './module-entries.js'
import { StopSignal } from './stop-signal.js'
import type { WorkerMessage, WorkerStart } from './worker-thread.js'

/** Entry of a worker thread: carries out one job at a time, sharing models between them. */

const { stop, runDirectory } = workerData as WorkerStart
const say = (message: WorkerMessage) => parentPort!.postMessage(message)
const runner = new JobRunner({
  entries: moduleEntries,
  storeOf: (trial) => new TrialStore(runDirectory, trial),
  stop: new StopSignal(stop),
  report: (event) => say({ type: 'progress', event }),
})

parentPort!.on('message', async (job: Job) => {
  try {
    say({ type: 'done', result: await runner.run(job) })
  } catch (error) {
    if (error instanceof CadreError) {
      say({ type: 'refused', code: error.code, message: error.message, exitCode: error.exitCode })
    } else say({ type: 'failed', error: sendable(error) })
  }
})

/** What was thrown as something that crosses threads: of users' errors the name, the message and the stack. */
function sendable(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown))
  const error = new Error(thrown.message)
  error.name = thrown.name
  if (thrown.stack !== undefined) error.stack = thrown.stack
  return error
}
