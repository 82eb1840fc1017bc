import { NotEnumerableError, ShapeError } from '#env/errors.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'

/**
 * Tables of action values, one a choice that an agent makes, [numObservations, A] each, one after the other in one array. Choice
 * agent * H + head has the table at that place; agents make one choice (H = 1) unless their actions are multi-discrete. Agents that
 * the tables aren't for have none: no rows.
 */
export class AgentTables {
  /** Actions A of a row; a choice among fewer doesn't use the last ones. */
  readonly width: number
  /** i32 [N * H + 1], where each choice's table begins; the last is the length of all. */
  readonly offset: Int32Array
  /** i32 [N * H], rows of each choice's table: its agent's observations; 0 where there is none. */
  readonly count: Int32Array
  readonly #spec: EnvSpec
  readonly #heads: number

  /**
   * @param agents - whose tables they are; all unless told
   * @throws NotEnumerableError when the observations of one of them aren't numbered
   */
  constructor(spec: EnvSpec, agents: readonly number[] = spec.agents.map((_, i) => i)) {
    const { heads, numActions, actionsOf } = layoutOf(spec)
    this.#spec = spec
    this.#heads = heads
    this.width = numActions
    this.offset = new Int32Array(actionsOf.length + 1)
    this.count = new Int32Array(actionsOf.length)
    actionsOf.forEach((actions, choice) => {
      const agent = Math.floor(choice / heads)
      const { name, numObservations } = spec.agents[agent]!
      const has = actions > 0 && agents.includes(agent)
      if (has && numObservations < 1) {
        throw new NotEnumerableError(
          `${spec.id}: agent "${name}" has no numbered observations, which a table needs; use function approximation`,
        )
      }
      this.count[choice] = has ? numObservations : 0
      this.offset[choice + 1] = this.offset[choice]! + this.count[choice]! * numActions
    })
  }

  /** Entries of all tables. */
  get length(): number {
    return this.offset[this.offset.length - 1]!
  }

  /** Where the row of an observation begins in a choice's table. @throws ShapeError when the agent has no such observation */
  row(choice: number, observation: number): number {
    // As unsigned numbers, negative ones lie beyond every count.
    if (observation >>> 0 >= this.count[choice]!) this.refuse(choice, observation)
    return this.offset[choice]! + observation * this.width
  }

  /** @throws ShapeError, always: the agent has no such observation */
  refuse(choice: number, observation: number): never {
    const { name, numObservations } = this.#spec.agents[Math.floor(choice / this.#heads)]!
    throw new ShapeError(
      `${this.#spec.id}: agent "${name}" sees observation ${observation}, expected observationId in 0..${numObservations - 1}; check the environment's numbering`,
    )
  }
}
