import { parentPort, workerData } from 'node:worker_threads'
import { CadreError } from '#env/errors.js'
import { moduleEntries } from './module-entries.js'
import { type Task, TaskRunner } from './run-task.js'
import type { WorkerReply } from './task-pool.js'

/** Entry of a worker thread: carries out one task at a time, sharing models between them. */

const stop = new Int32Array((workerData as { stop: SharedArrayBuffer }).stop)
const runner = new TaskRunner(
  moduleEntries,
  () => Atomics.load(stop, 0) === 1,
  (event) => parentPort?.postMessage(event),
)

/** Errors lose their class between threads: they travel as data. */
export default async function runTask(task: Task): Promise<WorkerReply> {
  try {
    return { ok: true, result: await runner.run(task) }
  } catch (error) {
    if (!(error instanceof CadreError)) throw error
    return { ok: false, code: error.code, message: error.message, exitCode: error.exitCode }
  }
}
