import { z } from 'zod'
import { NotEnumerableError } from '../../errors.js'
import type { Policy, PolicyBatch } from '../../policy.js'
import { definePolicy, type PolicyContext, type PolicyEntry } from '../../registry.js'
import type { Rng } from '../../rng.js'
import { type AgentConfig, type RoutingDispatchConfig, resolveInstance, type TypeConfig } from '../config.js'
import { serviceLaw } from '../service-law.js'
import { decodeState, type StateIndex, stateIndex } from '../state-index.js'

/** What a rule looks at: one agent that may claim, and the query. */
export interface Candidate {
  readonly agent: AgentConfig
  /** Queries in its queue. */
  readonly queue: number
  readonly type: TypeConfig
  readonly typeIndex: number
  readonly hold: number
  /** Queries a tick that it finishes on average while it has some. */
  readonly rate: number
}

/** Scores a candidate; the highest claims, ties to the lowest index. */
export type DispatchScore = (candidate: Candidate) => number

/** Sends the query to the eligible agent of the highest score; a rule may restrict itself to idle agents. */
class ScoredDispatch implements Policy {
  readonly observes = 'global'
  readonly #index: StateIndex
  readonly #config: RoutingDispatchConfig
  readonly #score: DispatchScore
  readonly #busyAgents: 'equal' | 'second-choice' | 'never'
  readonly #queue: Int32Array
  readonly #down: Uint8Array
  readonly #team: ReturnType<typeof resolveInstance>
  readonly #rates: readonly number[]

  constructor(config: RoutingDispatchConfig, score: DispatchScore, busyAgents: 'equal' | 'second-choice' | 'never') {
    this.#config = config
    this.#index = numberedStates(config)
    this.#score = score
    this.#busyAgents = busyAgents
    this.#team = resolveInstance(config)
    this.#rates = this.#team.agents.map(({ service }) => serviceLaw(service, config.tickMs).rate)
    this.#queue = new Int32Array(this.#index.numAgents)
    this.#down = new Uint8Array(this.#index.numAgents)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const n = batch.layout.agents
    out.fill(0, 0, batch.size * n)
    for (let row = 0; row < batch.size; row++) {
      const winner = this.#choose(batch.stateId[row]!)
      if (winner < 0) continue
      if (this.#config.control === 'centralised') out[row] = winner + 1
      else out[row * n + winner] = 1
    }
  }

  /** The agent that takes the query in this state, or -1. */
  #choose(state: number): number {
    const inbox = decodeState(this.#index, state, this.#queue, this.#down)
    if (inbox === 0) return -1
    const typeIndex = this.#index.inbox!.headType(inbox)
    const idle = this.#best(typeIndex, true)
    if (this.#busyAgents === 'never' || (this.#busyAgents === 'second-choice' && idle >= 0)) return idle
    return this.#best(typeIndex, false)
  }

  #best(typeIndex: number, idleOnly: boolean): number {
    const { agents, types } = this.#team
    let best = -1
    let bestScore = Number.NEGATIVE_INFINITY
    agents.forEach((agent, i) => {
      const queue = this.#queue[i]!
      if (this.#down[i] === 1 || queue >= agent.capacity || (idleOnly && queue > 0)) return
      if (agent.types !== undefined && !agent.types.includes(types[typeIndex]!.name)) return
      const score = this.#score({
        agent,
        queue,
        type: types[typeIndex]!,
        typeIndex,
        hold: this.#config.hold,
        rate: this.#rates[i]!,
      })
      if (score > bestScore) {
        best = i
        bestScore = score
      }
    })
    return best
  }
}

/** The same claim from every agent that may claim. */
class UniformDispatch implements Policy {
  readonly observes = 'local'
  readonly #claim: boolean

  constructor(claim: boolean) {
    this.#claim = claim
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    for (let k = 0; k < batch.size * agents; k++) {
      out[k] = 0
      for (let a = 1; this.#claim && out[k] === 0 && a < numActions; a++)
        out[k] = batch.mask[k * numActions + a] === 1 ? a : 0
    }
  }
}

function numberedStates(config: RoutingDispatchConfig): StateIndex {
  const index = stateIndex(config)
  if (index.numStates === 0) {
    throw new NotEnumerableError(
      'routing-dispatch: scripted policies read numbered states, and this team has too many to number',
    )
  }
  return index
}

const noConfig = z.strictObject({})

function scored(
  name: string,
  summary: string,
  score: DispatchScore,
  busyAgents: 'equal' | 'second-choice' | 'never' = 'equal',
): PolicyEntry<RoutingDispatchConfig> {
  return definePolicy({
    name,
    aliases: [],
    summary,
    schema: noConfig,
    create: (context: PolicyContext<RoutingDispatchConfig>) => new ScoredDispatch(context.envConfig, score, busyAgents),
  })
}

function uniform(name: string, summary: string, claim: boolean): PolicyEntry<RoutingDispatchConfig> {
  return definePolicy({ name, aliases: [], summary, schema: noConfig, create: () => new UniformDispatch(claim) })
}

const skill = ({ agent, typeIndex }: Candidate) => agent.skill[typeIndex]!
const margin = (c: Candidate) => c.type.value * skill(c) - c.agent.price

/** The rules people write by hand, strongest first on the quickstart instance. */
export const dispatchPolicies: readonly PolicyEntry<RoutingDispatchConfig>[] = [
  scored(
    'margin-minus-delay',
    'most value * skill - price - hold * (queue + 1) / service among those that may claim',
    (c) => margin(c) - (c.hold * (c.queue + 1)) / c.rate,
  ),
  scored('best-margin', 'most value * skill - price among those that may claim', margin),
  scored('most-skilled-idle', 'most skilled among the idle, else among those that may claim', skill, 'second-choice'),
  scored('most-skilled-if-free', 'most skilled among the idle, else the query waits', skill, 'never'),
  scored('most-skilled', 'most skilled among those that may claim', skill),
  scored('shortest-queue', 'shortest queue among those that may claim', (c) => -c.queue),
  scored('cheapest', 'lowest price among those that may claim', (c) => -c.agent.price),
  uniform('all-claim', 'everyone who may claim claims', true),
  uniform('never-claim', 'nobody ever claims', false),
]
