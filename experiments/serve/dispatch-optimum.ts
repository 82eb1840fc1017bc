import { planFactored } from '#algorithms/planning/factored/factored-planning.js'
import { NotEnumerableError } from '#env/errors.js'
import { factoredModelOf, toFactoredMdp } from '#env/mdp/factored-mdp.js'
import { type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { decodeState, type StateIndex, stateIndex } from '#env/routing-dispatch/state-index.js'
import { whySampled } from '#env/routing-dispatch/why-sampled.js'

/** What is solved: a team, those of its agents that can be reached, and what is known from before. */
export interface TeamProblem {
  readonly config: RoutingDispatchConfig
  /** [N], whether each agent can be reached. */
  readonly present: readonly boolean[]
  /** gamma a tick */
  readonly discount: number
  /** A solution of the same team, with others present or other numbers: the search begins there. */
  readonly before?: TeamSolution
}

/** The optimum of a team, for the agents that were present. Plain data. */
export interface TeamSolution {
  readonly present: readonly boolean[]
  /** i32, by state of the team that is present: 0 = nobody takes the query, i + 1 = agent i of the whole team does. */
  readonly choice: Int32Array
  /** f64, V* by the same states, reward units. */
  readonly value: Float64Array
  readonly iterations: number
}

/** How far from optimal the policy may be, reward units. */
const EPSILON = 1e-6

/**
 * The exact optimum of a team whose absent agents never take anything.
 * @throws NotEnumerableError where the team is too large, or sampled only
 */
export function solveTeam({ config, present, discount, before }: TeamProblem): TeamSolution {
  const team = presentTeam(config, present)
  const isTooLong = () => factoredModelOf(routingDispatch.create(team)) === undefined
  const why = whySampled(team) ?? (isTooLong() ? 'its inbox may hold too many different queries' : null)
  if (why !== null) {
    throw new NotEnumerableError(`there is no exact optimum of this team: ${why}; use a rule, or a trained policy`)
  }
  const { numStates } = stateIndex(team)
  // Of a team that is no longer the same nothing is known.
  const fits = before !== undefined && before.value.length === stateIndex(presentTeam(config, before.present)).numStates
  const known = !fits ? undefined : carriedValues(config, before, present, numStates)
  // In factors every state has its optimum, also those that the model never comes to: a live team does, as where an agent goes down
  // that never fails by its settings.
  const mdp = toFactoredMdp(routingDispatch.create(team))
  const plan = planFactored(mdp, { discount, epsilon: EPSILON, ...(known === undefined ? {} : { initial: known }) })
  // Actions of a central dispatcher: nobody, or one of those present.
  const agents = present.flatMap((isPresent, i) => (isPresent ? [i] : []))
  const choice = Int32Array.from(plan.policy, (one) => (one > 0 ? agents[one - 1]! + 1 : 0))
  return { present: [...present], choice, value: plan.value, iterations: plan.iterations }
}

/** The team of those who are present, led by one dispatcher: the optimum has no two agents claim one query, as a conflict never pays. */
function presentTeam(config: RoutingDispatchConfig, present: readonly boolean[]): RoutingDispatchConfig {
  const { agents, types } = resolveInstance(config)
  return {
    ...config,
    control: 'centralised',
    observation: 'full',
    types: [...types],
    agents: agents.filter((_, i) => present[i]),
  }
}

/**
 * First guesses for a team, from the solution for others of its agents: who was absent is taken as down with an empty queue.
 * @param numStates - of the team now
 */
function carriedValues(
  config: RoutingDispatchConfig,
  before: TeamSolution,
  present: readonly boolean[],
  numStates: number,
): Float64Array {
  const whole = stateIndex(config)
  const from = new PresentStates(config, before.present)
  const to = stateIndex(presentTeam(config, present))
  const queue = new Int32Array(to.numAgents)
  const down = new Uint8Array(to.numAgents)
  const wholeQueue = new Int32Array(whole.numAgents)
  const wholeDown = new Uint8Array(whole.numAgents)
  return Float64Array.from({ length: numStates }, (_, s) => {
    const inbox = decodeState(to, s, queue, down)
    wholeQueue.fill(0)
    wholeDown.fill(1)
    let k = 0
    present.forEach((isPresent, i) => {
      if (!isPresent) return
      wholeQueue[i] = queue[k]!
      wholeDown[i] = down[k]!
      k++
    })
    return before.value[from.numberOf(inbox, wholeQueue, wholeDown)]!
  })
}

/** Numbers of the states of those who are present, whatever the others do. */
export class PresentStates {
  readonly #index: StateIndex
  readonly #agents: readonly number[]

  constructor(config: RoutingDispatchConfig, present: readonly boolean[]) {
    this.#index = stateIndex(presentTeam(config, present))
    this.#agents = present.flatMap((isPresent, i) => (isPresent ? [i] : []))
  }

  /** @param inbox - its number; queue, down - of the whole team, [N] */
  numberOf(inbox: number, queue: Int32Array, down: Uint8Array): number {
    const { place, capacity } = this.#index
    let number = inbox
    for (let k = 0; k < this.#agents.length; k++) {
      const i = this.#agents[k]!
      number += place[k]! * (queue[i]! + (capacity[k]! + 1) * down[i]!)
    }
    return number
  }
}
