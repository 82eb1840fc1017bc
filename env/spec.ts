import { SpaceError } from './errors.js'
import { type ActionSpace, type Box, numActions } from './space.js'

/** One agent of an environment: everything a caller may know before the first reset. */
export interface AgentSpec {
  readonly name: string
  /** Real-valued observation: `observation.size` numbers. */
  readonly observation: Box
  readonly action: ActionSpace
  /** Number of distinct observations when they can be numbered 0..numObservations-1, else 0. */
  readonly numObservations: number
  /** Columns of the sparse features it sees beside its observation (a row of the environment's `features`). Default 0: none. */
  readonly numFeatures?: number
}

/** A number an environment reports at every step, for reward expressions and benchmark columns. */
export interface QuantitySpec {
  readonly name: string
  readonly unit: string
  readonly description: string
}

/** How published numbers are formed from rewards. A step is one joint action. */
export interface ScoreSpec {
  /** team-sum: over agents; agent-mean: mean over agents; shared: all agents get the same reward, counted once. */
  readonly aggregate: 'team-sum' | 'agent-mean' | 'shared'
  readonly over: 'episode' | 'step'
}

/** Which quantities fill the cost and latency columns of a benchmark. */
export interface ColumnSpec {
  /** Quantity summed over an episode. */
  readonly cost?: string
  /** Quantity read at steps where the quantity `when` is 1 (every step without it). */
  readonly latency?: { readonly quantity: string; readonly when?: string }
}

export interface EnvSpec {
  /** Registry name, such as `routing-dispatch`. */
  readonly id: string
  /** Changes whenever the behaviour changes: part of every trial's hash. */
  readonly version: string
  readonly agents: readonly AgentSpec[]
  /** Number of distinct states when they can be numbered 0..numStates-1, else 0. */
  readonly numStates: number
  /** Length of the global state vector for centralised training; 0 where there is none. */
  readonly stateSize: number
  readonly quantities: readonly QuantitySpec[]
  readonly score: ScoreSpec
  readonly columns?: ColumnSpec
  /** Steps after which an episode ends by itself; null where it doesn't. */
  readonly limitSteps: number | null
  /**
   * Whether agents may come back, or join, within an episode, up to the number declared here. Default false: an agent that
   * acts no more stays away until the next reset.
   */
  readonly open?: boolean
  /** Whether a step can tell what the other actions would have earned (`slot.actionReward`). Default false. */
  readonly knowsActionRewards?: boolean
}

/** The axes of a slot: agents N, widest observation O, most actions A, state G, quantities K. */
export interface Layout {
  readonly agents: number
  readonly observationSize: number
  readonly numActions: number
  readonly stateSize: number
  readonly numQuantities: number
  /** [N], the actions that agent i really has. */
  readonly actionsOf: Int32Array
}

/**
 * The axes of a spec's slot.
 * @throws SpaceError when there is no agent, two agents share a name, or an action space is continuous
 */
export function layoutOf(spec: EnvSpec): Layout {
  if (spec.agents.length === 0) throw new SpaceError(`${spec.id}: an environment needs at least one agent`)
  const names = new Set(spec.agents.map((agent) => agent.name))
  if (names.size !== spec.agents.length) throw new SpaceError(`${spec.id}: agent names must differ`)
  const actionsOf = Int32Array.from(spec.agents, (agent) => {
    try {
      return numActions(agent.action)
    } catch (error) {
      throw new SpaceError(`${spec.id}: agent "${agent.name}": ${(error as Error).message}`)
    }
  })
  return {
    agents: spec.agents.length,
    observationSize: Math.max(...spec.agents.map((agent) => agent.observation.size)),
    numActions: Math.max(...actionsOf),
    stateSize: spec.stateSize,
    numQuantities: spec.quantities.length,
    actionsOf,
  }
}
