import { Worker } from 'node:worker_threads'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { packageRoot } from '../modules/package-root.js'
import type { TeamProblem, TeamSolution } from './dispatch-optimum.js'

/** So many solutions are kept to begin from. */
const remembered = 4

/**
 * Solves a team again and again, on a thread of its own. Each search begins from what is known: the solution for the same agents, as
 * when one comes back, else that for the fewest more. Values for fewer agents say little of more: from these a search
 * takes longer than from nothing.
 */
export class TeamSolver {
  readonly #config: RoutingDispatchConfig
  readonly #discount: number
  /** Newest first. */
  #known: TeamSolution[] = []
  #worker: Worker | null = null

  /** @param before - solved the same team with other numbers: its answer is where the search begins */
  constructor(config: RoutingDispatchConfig, discount: number, before: TeamSolver | null = null) {
    this.#config = config
    if (before !== null) this.#known = [...before.#known]
    this.#discount = discount
  }

  /**
   * The optimum of those who are present. Ends a search that is still under way: its promise is rejected.
   * @param present - [N]
   */
  async solve(present: readonly boolean[]): Promise<TeamSolution> {
    await this.close()
    const before = nearestSolution(this.#known, present)
    const problem: TeamProblem = {
      ...{ config: this.#config, present, discount: this.#discount },
      ...(before === undefined ? {} : { before }),
    }
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
    const others = this.#known.filter(({ present: those }) => !those.every((isPresent, i) => isPresent === present[i]))
    this.#known = [solution, ...others].slice(0, remembered)
    return solution
  }

  /** Ends a search that is under way. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = null
  }
}

/** The solution for these agents and the fewest more. */
export function nearestSolution(known: readonly TeamSolution[], present: readonly boolean[]): TeamSolution | undefined {
  const size = ({ present: those }: TeamSolution) => those.filter((isPresent) => isPresent).length
  return known
    .filter(({ present: those }) => present.every((isPresent, i) => !isPresent || those[i]))
    .sort((a, b) => size(a) - size(b))[0]
}
