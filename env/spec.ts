import { SpaceError } from './errors.js'
import { type ActionSpace, type Box, headSizes } from './space.js'

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
  /**
   * How many of its observed numbers are messages: what others tell it at this step, rather than what it sees itself. A policy that
   * reads them needs a channel of that width to every such agent. Default 0: none.
   */
  readonly messages?: number
  /** Where its observation is one-hot digits: what they are, and what its actions do to them at once. Default: nothing is known. */
  readonly digits?: ObservedDigits
  /** All its actions, in the order in which one of equally good ones is chosen. Default: by their numbers. */
  readonly tieOrder?: readonly number[]
}

/**
 * An observation that is the one-hots of some digits, side by side, and what is certain about actions: the afterstate, as the digits are
 * once an action is taken and before anything is left to chance. Plain data, so that a policy can keep it.
 */
export interface ObservedDigits {
  /** Values of each digit; the observation has as many numbers as all together. */
  readonly sizes: readonly number[]
  /** [action][digit]: what each value of the digit becomes; null where it stays. */
  readonly afterAction: readonly (readonly (readonly number[] | null)[])[]
  /** The digit that says what is decided about, on which an action's reward depends most. */
  readonly subject: number
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
  /** Quantities whose expectation the declared model gives as costs, in the order in which `TransitionSink.add` takes them. */
  readonly costs?: readonly string[]
  readonly score: ScoreSpec
  readonly columns?: ColumnSpec
  /** Steps after which an episode ends by itself; null where it doesn't. */
  readonly limitSteps: number | null
  /**
   * Whether the team is open: agents may be away at the start, leave, and come back, up to the number listed. Default false:
   * all act from the start, and who has left stays away until the episode ends.
   */
  readonly open?: boolean
  /** Why it declares no finite model, in words that can follow "because"; absent where it declares one, or there is nothing to say. */
  readonly noModel?: string
  /** Whether some steps take no time (elapsed 0): several decisions of one moment. Default false. Such environments declare no model. */
  readonly instantSteps?: boolean
  /** Whether a step can tell what the other actions would have earned (`slot.actionReward`). Default false. */
  readonly knowsActionRewards?: boolean
}

/** The axes of a slot: agents N, heads H, widest observation O, most actions of a head A, state G, quantities K. */
export interface Layout {
  readonly agents: number
  /** Choices that an agent makes at once: 1, unless some agent's actions are multi-discrete. */
  readonly heads: number
  readonly observationSize: number
  readonly numActions: number
  readonly stateSize: number
  readonly numQuantities: number
  /** [N, H], the actions that each head of each agent really has; 0 for heads that the agent doesn't have. */
  readonly actionsOf: Int32Array
}

/**
 * The axes of a spec's slot.
 * @throws SpaceError when there is no agent, two agents share a name, an action space is continuous, or an agent hears more than it
 * observes
 */
export function layoutOf(spec: EnvSpec): Layout {
  if (spec.agents.length === 0) throw new SpaceError(`${spec.id}: an environment needs at least one agent`)
  const names = new Set(spec.agents.map((agent) => agent.name))
  if (names.size !== spec.agents.length) throw new SpaceError(`${spec.id}: agent names must differ`)
  for (const { name, messages = 0, observation } of spec.agents) {
    if (Number.isInteger(messages) && messages >= 0 && messages <= observation.size) continue
    throw new SpaceError(
      `${spec.id}: agent "${name}": expected messages among its ${observation.size} observed numbers, got ${messages}`,
    )
  }
  const sizes = spec.agents.map((agent) => {
    try {
      return headSizes(agent.action)
    } catch (error) {
      throw new SpaceError(`${spec.id}: agent "${agent.name}": ${(error as Error).message}`)
    }
  })
  const heads = Math.max(...sizes.map(({ length }) => length))
  const actionsOf = new Int32Array(spec.agents.length * heads)
  sizes.forEach((own, i) => {
    actionsOf.set(own, i * heads)
  })
  return {
    agents: spec.agents.length,
    heads,
    observationSize: Math.max(...spec.agents.map((agent) => agent.observation.size)),
    numActions: Math.max(...actionsOf),
    stateSize: spec.stateSize,
    numQuantities: spec.quantities.length,
    actionsOf,
  }
}

/**
 * The layout of a spec whose agents make one choice at a time, which tables and linear models take.
 * @param who - for the message
 * @throws SpaceError when an agent makes several at once
 */
export function oneChoiceLayout(spec: EnvSpec, who: string): Layout {
  const layout = layoutOf(spec)
  if (layout.heads === 1) return layout
  const { name } = spec.agents.find(({ action }) => headSizes(action).length > 1)!
  throw new SpaceError(
    `${who}: agent "${name}" of ${spec.id} makes several choices at once (a multi-discrete space), expected one; use decomposed-q, or number its choices as one discrete space`,
  )
}

/** [N], weight of each agent's reward in the team's score. */
export function scoreWeights(spec: EnvSpec): Float64Array {
  const n = spec.agents.length
  if (spec.score.aggregate === 'shared') return Float64Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0))
  return new Float64Array(n).fill(spec.score.aggregate === 'team-sum' ? 1 : 1 / n)
}

/** What a policy of agents that read all they observe depends on: messages where any agent of the spec hears some. */
export function ownView(spec: EnvSpec): 'local' | 'messages' {
  return mostMessages(spec) > 0 ? 'messages' : 'local'
}

/** Numbers that the agent who hears most hears at a step. */
export function mostMessages(spec: EnvSpec): number {
  return Math.max(...spec.agents.map(({ messages = 0 }) => messages))
}
