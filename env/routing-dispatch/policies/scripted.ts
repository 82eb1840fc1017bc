import { z } from 'zod'
import { ShapeError } from '../../errors.js'
import type { Policy, PolicyBatch } from '../../policy.js'
import { definePolicy, type PolicyContext, type PolicyEntry } from '../../registry.js'
import type { Rng } from '../../rng.js'
import { type AgentConfig, type RoutingDispatchConfig, resolveInstance, type TypeConfig } from '../config.js'
import { serviceLaw } from '../service-law.js'
import { decodeState, type StateIndex, stateIndex } from '../state-index.js'
import { readStateVector } from '../state-vector.js'

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

/** Scores nearer than this are equal: 4.2 - 0.5 - 4.8 and 5.4 - 2.5 - 4 are both -1.1, but not in f64. Reward units. */
const TIE = 1e-9

/** Which agents a rule chooses among, and from which score on. */
interface DispatchRule {
  readonly score: DispatchScore
  /** Agents with a queue: like any other, only where no idle one may claim, or never. Default equal. */
  readonly busyAgents?: 'equal' | 'second-choice' | 'never'
  /** Scores above this claim, else the query waits. Default: any. */
  readonly reserve?: number
}

/**
 * Sends the query to the eligible agent of the highest score, as its rule says. It reads the state's number where there is one,
 * else its vector.
 */
class ScoredDispatch implements Policy {
  readonly observes = 'global'
  readonly #index: StateIndex
  readonly #config: RoutingDispatchConfig
  readonly #rule: DispatchRule
  readonly #queue: Int32Array
  readonly #down: Uint8Array
  readonly #team: ReturnType<typeof resolveInstance>
  readonly #rates: readonly number[]

  constructor(config: RoutingDispatchConfig, rule: DispatchRule) {
    this.#config = config
    this.#index = stateIndex(config)
    this.#rule = rule
    this.#team = resolveInstance(config)
    this.#rates = this.#team.agents.map(({ service }) => serviceLaw(service, config.tickMs).rate)
    this.#queue = new Int32Array(this.#index.numAgents)
    this.#down = new Uint8Array(this.#index.numAgents)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const n = batch.layout.agents
    out.fill(0, 0, batch.size * n)
    for (let row = 0; row < batch.size; row++) {
      const winner = this.#choose(this.#read(batch, row))
      if (winner < 0) continue
      if (this.#config.control === 'centralised') out[row] = winner + 1
      else out[row * n + winner] = 1
    }
  }

  /** Fills queues and downs of a row's state; returns the type at the head of its inbox, or -1. */
  #read({ stateId, state, layout, size }: PolicyBatch, row: number): number {
    if (stateId[row]! >= 0) {
      const inbox = decodeState(this.#index, stateId[row]!, this.#queue, this.#down)
      return inbox === 0 ? -1 : this.#index.inbox!.headType(inbox)
    }
    const width = layout.stateSize
    if (state.length < size * width) {
      throw new ShapeError(
        'routing-dispatch: states are too many to number, and scripted policies then read the state vector, which is missing; ask for it (SlotNeeds.state)',
      )
    }
    return readStateVector(this.#index, state, row * width, this.#queue, this.#down)
  }

  /** The agent that takes a query of that type, or -1. */
  #choose(typeIndex: number): number {
    const { busyAgents = 'equal' } = this.#rule
    if (typeIndex < 0) return -1
    if (busyAgents === 'equal') return this.#best(typeIndex, false)
    const idle = this.#best(typeIndex, true)
    return busyAgents === 'never' || idle >= 0 ? idle : this.#best(typeIndex, false)
  }

  #best(typeIndex: number, idleOnly: boolean): number {
    const { agents, types } = this.#team
    let best = -1
    let bestScore = this.#rule.reserve ?? Number.NEGATIVE_INFINITY
    agents.forEach((agent, i) => {
      const queue = this.#queue[i]!
      if (this.#down[i] === 1 || queue >= agent.capacity || (idleOnly && queue > 0)) return
      if (agent.types !== undefined && !agent.types.includes(types[typeIndex]!.name)) return
      const score = this.#rule.score({
        agent,
        queue,
        type: types[typeIndex]!,
        typeIndex,
        hold: this.#config.hold,
        rate: this.#rates[i]!,
      })
      if (score > bestScore + TIE) {
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

const noConfig = z.strictObject({})

function scored(name: string, summary: string, rule: DispatchRule): PolicyEntry<RoutingDispatchConfig> {
  return definePolicy({
    name,
    aliases: [],
    summary,
    schema: noConfig,
    create: (context: PolicyContext<RoutingDispatchConfig>) => new ScoredDispatch(context.envConfig, rule),
  })
}

function uniform(name: string, summary: string, claim: boolean): PolicyEntry<RoutingDispatchConfig> {
  return definePolicy({ name, aliases: [], summary, schema: noConfig, create: () => new UniformDispatch(claim) })
}

const skill = ({ agent, typeIndex }: Candidate) => agent.skill[typeIndex]!
const margin = (c: Candidate) => c.type.value * skill(c) - c.agent.price
const marginMinusDelay = (c: Candidate) => margin(c) - (c.hold * (c.queue + 1)) / c.rate

/** The rules people write by hand, strongest first on the quickstart instance. */
export const dispatchPolicies: readonly PolicyEntry<RoutingDispatchConfig>[] = [
  scored('margin-with-reserve', 'margin minus delay where that is positive, else the query waits', {
    score: marginMinusDelay,
    reserve: 0,
  }),
  scored('margin-minus-delay', 'most value * skill - price - hold * (queue + 1) / service among those that may claim', {
    score: marginMinusDelay,
  }),
  scored('best-margin', 'most value * skill - price among those that may claim', { score: margin }),
  scored('most-skilled-idle', 'most skilled among the idle, else among those that may claim', {
    score: skill,
    busyAgents: 'second-choice',
  }),
  scored('most-skilled-if-free', 'most skilled among the idle, else the query waits', {
    score: skill,
    busyAgents: 'never',
  }),
  scored('most-skilled', 'most skilled among those that may claim', { score: skill }),
  scored('shortest-queue', 'shortest queue among those that may claim', { score: (c) => -c.queue }),
  scored('cheapest', 'lowest price among those that may claim', { score: (c) => -c.agent.price }),
  uniform('all-claim', 'everyone who may claim claims', true),
  uniform('never-claim', 'nobody ever claims', false),
]
