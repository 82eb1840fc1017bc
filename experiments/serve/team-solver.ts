import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { TeamProblem, TeamSolution } from './dispatch-optimum.js'
import { TeamThread } from './team-task.js'

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
  readonly #thread = new TeamThread()

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
    const before = nearestSolution(this.#known, present)
    const problem: TeamProblem = {
      ...{ config: this.#config, present, discount: this.#discount },
      ...(before === undefined ? {} : { before }),
    }
    const solution = await this.#thread.run({ kind: 'solve', problem })
    const others = this.#known.filter(({ present: those }) => !those.every((isPresent, i) => isPresent === present[i]))
    this.#known = [solution, ...others].slice(0, remembered)
    return solution
  }

  /** Ends a search that is under way. */
  async close(): Promise<void> {
    await this.#thread.close()
  }
}

/** The solution for these agents and the fewest more. */
export function nearestSolution(known: readonly TeamSolution[], present: readonly boolean[]): TeamSolution | undefined {
  const size = ({ present: those }: TeamSolution) => those.filter((isPresent) => isPresent).length
  return known
    .filter(({ present: those }) => present.every((isPresent, i) => !isPresent || those[i]))
    .sort((a, b) => size(a) - size(b))[0]
}
