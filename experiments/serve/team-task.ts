import { Worker } from 'node:worker_threads'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { packageRoot } from '../modules/package-root.js'
import type { TeamProblem, TeamSolution } from './dispatch-optimum.js'
import type { PolicySource } from './policy-source.js'

/** Work on a team that takes too long for the thread that serves. */
export type TeamTask =
  | { readonly kind: 'solve'; readonly problem: TeamProblem }
  | {
      readonly kind: 'gain'
      readonly config: RoutingDispatchConfig
      readonly source: PolicySource
      /** [N], who can be reached. */
      readonly present: readonly boolean[]
    }

/** What a task comes to. */
type Result<Task extends TeamTask> = Task extends { kind: 'solve' } ? TeamSolution : number | null

const ENDED = 'it was ended before it had an answer'

/** Does tasks on a thread of its own, one at a time: a new one ends the one before, whose promise is rejected. */
export class TeamThread {
  #worker: Worker | null = null
  /** Grows with each task, and at the end. */
  #turn = 0

  async run<Task extends TeamTask>(task: Task): Promise<Result<Task>> {
    const turn = ++this.#turn
    await this.#end()
    if (turn !== this.#turn) throw new Error(ENDED)
    const file = import.meta.url.endsWith('.ts')
      ? new URL('dist/experiments/serve/team-worker.js', packageRoot())
      : new URL('./team-worker.js', import.meta.url)
    const worker = new Worker(file, { workerData: task })
    this.#worker = worker
    return new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error(ENDED)))
    })
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#turn++
    await this.#end()
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}
