import type { Logger } from 'pino'
import type { Dispatcher } from '#agents/dispatch/dispatcher.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { OptimumPolicy } from './optimum-policy.js'
import type { PolicySource } from './policy-source.js'
import type { TeamSolver } from './team-solver.js'
import { TeamThread } from './team-task.js'

/** A dispatched team as its file has it. */
export interface FollowedTeam {
  readonly config: RoutingDispatchConfig
  readonly source: PolicySource
  /** Solves the team anew; null where its policy isn't the optimum. */
  readonly solver: TeamSolver | null
}

/**
 * Keeps what is known ahead of a running team true, on threads beside it: what its policy earns in the long run with those who can
 * be reached, and, where the optimum leads, the optimum for them.
 */
export class LookAhead {
  readonly #dispatcher: Dispatcher
  readonly #logger: Logger
  readonly #gains = new TeamThread()
  #team: FollowedTeam
  /** Grows with each change: what was begun before it is out of date. */
  #turn = 0

  constructor(dispatcher: Dispatcher, team: FollowedTeam, logger: Logger) {
    this.#dispatcher = dispatcher
    this.#logger = logger
    this.#team = team
    dispatcher.seats.onReachable = (present) => this.#changed(present)
    void this.#predict(team.source, dispatcher.seats.reachable, this.#turn)
  }

  /** The team's file was read again, and the dispatcher goes on by it. */
  async follow(team: FollowedTeam): Promise<void> {
    const before = this.#team
    this.#turn++
    this.#team = team
    this.#dispatcher.solving = 'idle'
    await before.solver?.close()
    const present = this.#dispatcher.seats.reachable
    // Who joined, left or fell since the start isn't in the file.
    const { source } = team
    const solved =
      source.kind !== 'optimum' || source.solution.present.every((isPresent, i) => isPresent === present[i])
    if (solved) await this.#predict(source, present, this.#turn)
    else this.#changed(present)
  }

  async close(): Promise<void> {
    this.#turn++
    this.#dispatcher.seats.onReachable = null
    await Promise.all([this.#gains.close(), this.#team.solver?.close()])
  }

  #changed(present: readonly boolean[]): void {
    const turn = ++this.#turn
    const { solver, source } = this.#team
    if (!present.includes(true)) this.#dispatcher.predictedPerTick = null
    else if (solver === null) void this.#predict(source, present, turn)
    else void this.#solve(solver, present, turn)
  }

  async #solve(solver: TeamSolver, present: readonly boolean[], turn: number): Promise<void> {
    const { config } = this.#team
    const names = resolveInstance(config).agents.map(agentName)
    const told = { agents: names.filter((_, i) => present[i]) }
    const dispatcher = this.#dispatcher
    dispatcher.solving = 'solving'
    dispatcher.predictedPerTick = null
    this.#logger.info(told, 'who can be reached has changed; the optimum is solved anew')
    try {
      const solution = await solver.solve(present)
      if (turn !== this.#turn) return
      dispatcher.lead(new OptimumPolicy(config, solution))
      dispatcher.solving = 'idle'
      this.#logger.info({ ...told, iterations: solution.iterations }, 'the team is led by its new optimum')
      await this.#predict({ kind: 'optimum', solution }, present, turn)
    } catch (error) {
      if (turn !== this.#turn) return
      const { message } = error as Error
      dispatcher.solving = `failed: ${message}`
      this.#logger.error({ ...told, cause: message }, 'the optimum could not be solved anew; the old one goes on')
    }
  }

  /** Until it is known nothing is predicted. */
  async #predict(source: PolicySource, present: readonly boolean[], turn: number): Promise<void> {
    this.#dispatcher.predictedPerTick = null
    try {
      const gain = await this.#gains.run({ kind: 'gain', config: this.#team.config, source, present })
      if (turn === this.#turn) this.#dispatcher.predictedPerTick = gain
    } catch (error) {
      if (turn !== this.#turn) return
      this.#logger.warn({ cause: (error as Error).message }, 'what the policy earns could not be predicted')
    }
  }
}
