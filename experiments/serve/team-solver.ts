import { Worker } from 'node:worker_threads'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { packageRoot } from '../modules/package-root.js'
import type { TeamProblem, TeamSolution } from './dispatch-optimum.js'

/** Solves a team again and again, each time from what is known, on a thread of its own. */
export class TeamSolver {
  readonly #config: RoutingDispatchConfig
  readonly #discount: number
  #before: TeamSolution | undefined
  #worker: Worker | null = null

  /** @param before - solved the same team with other numbers: its answer is where the search begins */
  constructor(config: RoutingDispatchConfig, discount: number, before: TeamSolver | null = null) {
    this.#config = config
    if (before !== null) this.#before = before.#before
    this.#discount = discount
  }

  /**
   * The optimum of those who are present. Ends a search that is still under way: its promise is rejected.
   * @param present - [N]
   */
  async solve(present: readonly boolean[]): Promise<TeamSolution> {
    await this.close()
    const before = this.#before === undefined ? {} : { before: this.#before }
    const problem: TeamProblem = { config: this.#config, present, discount: this.#discount, ...before }
    const file = import.meta.url.endsWith('.ts')
      ? new URL('dist/experiments/serve/solve-worker.js', packageRoot())
      : new URL('./solve-worker.js', import.meta.url)
    const worker = new Worker(file, { workerData: problem })
    this.#worker = worker
    const solution = await new Promise<TeamSolution>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the solver was ended')))
    })
    this.#before = solution
    return solution
  }

  /** Ends a search that is under way. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = null
  }
}
