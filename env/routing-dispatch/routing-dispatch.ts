import { Env, type EnvState } from '../env.js'
import { StateError } from '../errors.js'
import { type CompiledExpression, compileExpression } from '../expression/reward-expression.js'
import type { FactoredModel } from '../mdp/factored-model.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { AgentSpec, EnvSpec } from '../spec.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from './config.js'
import { dispatcherDigits } from './dispatcher-digits.js'
import { factoredDispatch } from './factored.js'
import { Observer } from './observer.js'
import { addOutcomes, type DispatchModel } from './outcomes.js'
import {
  ANSWERED,
  CONFLICTS,
  COST,
  LATENCY,
  LOSS,
  QUEUED,
  quantities,
  quantityNames,
  VALUE,
  WAITED,
} from './quantities.js'
import { decodeState, stateIndex } from './state-index.js'

export const ROUTING_DISPATCH_VERSION = '1'

/**
 * A team of LLM agents with their own queues answers queries from one inbox.
 *
 * State: the query in the inbox (type, decisions left) and each agent's queue length and whether it is up.
 * Actions, decentralised: 0 pass, 1 claim, legal when there is a query and the agent is up with room in its queue; all
 * agents choose at once. Centralised: one dispatcher, 0 pass, i + 1 gives the query to agent i. An action that the mask
 * forbids counts as a pass.
 * Observation: see `Observer`; `observation` in the config chooses what agents see.
 *
 * A tick: (1) choices; (2) of c >= 1 valid claims a uniform winner takes the query: value * Bernoulli(skill) - price -
 * conflict * (c - 1), its queue grows; unclaimed, the query expires (loss) or waits (wait) with one decision less;
 * (3) hold a queued query; (4) each agent that was up serves (queue falls by 1 with the service probability), then
 * may fail; each that was down may be repaired; (5) one arrival, turned away (loss) when the inbox is occupied.
 * Draws in this order: winner (only if c >= 2), success (only if claimed), per agent service (only if up with a queue)
 * then failure or repair, arrival.
 *
 * Reward: shared by all, the config's expression over `quantities`. Start: no query, queues empty, all up. Never
 * terminates; truncated after `limitSteps` ticks.
 * Versions: 1, first.
 */
export class RoutingDispatch extends Env {
  readonly spec: EnvSpec
  readonly #model: DispatchModel
  readonly #observer: Observer
  readonly #reward: CompiledExpression
  readonly #centralised: boolean
  readonly #numAgents: number
  readonly #patience: number
  readonly #limitSteps: number

  readonly #capacity: Int32Array
  readonly #price: Float64Array
  /** f64 [N, T] */
  readonly #skill: Float64Array
  readonly #service: Float64Array
  readonly #fail: Float64Array
  readonly #repair: Float64Array
  /** f64 [T] each; arrivals are cumulative. */
  readonly #value: Float64Array
  readonly #loss: Float64Array
  readonly #arrivalUpTo: Float64Array

  #slot!: Slot
  #rng!: Rng
  #inbox = 0
  readonly #queue: Int32Array
  readonly #down: Uint8Array
  readonly #claimants: Int32Array
  #stepsTaken = 0

  constructor(config: RoutingDispatchConfig) {
    super()
    const { agents, types } = resolveInstance(config)
    const index = stateIndex(config)
    const { hold, wait, conflict } = config
    const reward = compileExpression(config.reward, quantityNames, { hold, wait, conflict })
    this.#centralised = config.control === 'centralised'
    this.#model = { index, agents, types, reward, deciders: this.#centralised ? 1 : agents.length }
    this.#reward = reward
    this.#numAgents = agents.length
    this.#patience = config.patience
    this.#limitSteps = config.limitSteps ?? Number.POSITIVE_INFINITY
    this.#capacity = index.capacity
    this.#price = Float64Array.from(agents, (agent) => agent.price)
    this.#skill = Float64Array.from(agents.flatMap((agent) => agent.skill))
    this.#service = Float64Array.from(agents, (agent) => agent.service)
    this.#fail = Float64Array.from(agents, (agent) => agent.fail)
    this.#repair = Float64Array.from(agents, (agent) => agent.repair)
    this.#value = Float64Array.from(types, (type) => type.value)
    this.#loss = Float64Array.from(types, (type) => type.loss)
    let upTo = 0
    this.#arrivalUpTo = Float64Array.from(types, (type) => {
      upTo += type.arrival
      return upTo
    })
    this.#queue = new Int32Array(agents.length)
    this.#down = new Uint8Array(agents.length)
    this.#claimants = new Int32Array(agents.length)

    const names = agents.map(agentName)
    this.#observer = new Observer(index, config, this.#centralised ? 1 : agents.length)
    const agentSpecs: AgentSpec[] = this.#centralised
      ? [
          {
            name: 'dispatcher',
            observation: box(this.#observer.sizeOf(0), 0, 1),
            action: discrete(agents.length + 1, ['pass', ...names]),
            numObservations: index.numStates,
            ...(config.encoding === 'one-hot' ? { digits: dispatcherDigits(index) } : {}),
          },
        ]
      : names.map((name, i) => ({
          name,
          observation: box(this.#observer.sizeOf(i), 0, 1),
          action: discrete(2, ['pass', 'claim']),
          numObservations: this.#observer.numObservations(i),
          ...(this.#observer.messages > 0 ? { messages: this.#observer.messages } : {}),
        }))
    this.spec = {
      id: 'routing-dispatch',
      version: ROUTING_DISPATCH_VERSION,
      agents: agentSpecs,
      numStates: index.numStates,
      stateSize: this.#observer.stateSize,
      quantities,
      costs: ['cost'],
      score: { aggregate: 'shared', over: 'episode' },
      columns: { cost: 'cost', latency: { quantity: 'latency', when: 'answered' } },
      limitSteps: config.limitSteps,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#inbox = 0
    this.#queue.fill(0)
    this.#down.fill(0)
    this.#stepsTaken = 0
    this.#slot.reward.fill(0)
    this.#slot.quantities.fill(0)
    this.#writeView()
  }

  override step(actions: Int32Array): void {
    const rng = this.#rng
    const queue = this.#queue
    const { quantities: q, reward } = this.#slot
    const n = this.#numAgents
    for (let k = 0; k < q.length; k++) q[k] = 0

    const claims = this.#readClaims(actions)
    if (claims > 0) {
      const winner = this.#claimants[claims > 1 ? rng.integer(claims) : 0]!
      const type = ((this.#inbox - 1) / this.#patience) | 0
      const remaining = this.#inbox - this.#patience * type
      const types = this.#value.length
      if (rng.uniform() < this.#skill[winner * types + type]!) q[VALUE] = this.#value[type]!
      const length = queue[winner]! + 1
      queue[winner] = length
      q[COST] = this.#price[winner]!
      q[CONFLICTS] = claims - 1
      q[ANSWERED] = 1
      q[LATENCY] = this.#patience - remaining + length / this.#service[winner]!
      this.#inbox = 0
    } else if (this.#inbox > 0) {
      const type = ((this.#inbox - 1) / this.#patience) | 0
      if (this.#inbox - this.#patience * type === 1) {
        q[LOSS] = this.#loss[type]!
        this.#inbox = 0
      } else {
        q[WAITED] = 1
        this.#inbox--
      }
    }

    let queued = 0
    for (let i = 0; i < n; i++) {
      const length = queue[i]!
      queued += length
      if (this.#down[i] === 0) {
        if (length > 0 && rng.uniform() < this.#service[i]!) queue[i] = length - 1
        if (rng.uniform() < this.#fail[i]!) this.#down[i] = 1
      } else if (rng.uniform() < this.#repair[i]!) {
        this.#down[i] = 0
      }
    }
    q[QUEUED] = queued
    this.#arrive(rng.uniform(), q)

    const shared = this.#reward(q)
    for (let i = 0; i < reward.length; i++) reward[i] = shared
    this.#stepsTaken++
    this.#writeView()
  }

  override saveState(): EnvState {
    return {
      inbox: this.#inbox,
      queue: [...this.#queue],
      down: [...this.#down],
      stepsTaken: this.#stepsTaken,
      rng: [...this.#rng.saveState()],
    }
  }

  override loadState(state: EnvState): void {
    const { inbox, queue, down, stepsTaken, rng } = state as { [key: string]: number } & {
      queue: number[]
      down: number[]
    }
    if (queue?.length !== this.#numAgents || down?.length !== this.#numAgents || inbox === undefined) {
      throw new StateError(
        `routing-dispatch: the saved state doesn't have ${this.#numAgents} agents; it is another team's`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#inbox = inbox
    this.#queue.set(queue)
    this.#down.set(down)
    this.#stepsTaken = stepsTaken!
    this.#writeView()
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    this.#inbox = decodeState(this.#model.index, state, this.#queue, this.#down)
    this.#stepsTaken = 0
    this.#writeView()
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    this.showState(state)
    const claims = this.#readClaims(jointAction)
    const claimants = [...this.#claimants.subarray(0, claims)]
    addOutcomes(this.#model, this.#inbox, this.#queue, this.#down, claimants, sink)
  }

  override factoredModel(): FactoredModel {
    return factoredDispatch(this.#model, this.#centralised)
  }

  /** Fills `#claimants` with the agents whose claim the mask allows; returns how many. */
  #readClaims(actions: Int32Array): number {
    const { mask } = this.#slot
    const claimants = this.#claimants
    if (this.#centralised) {
      const choice = actions[0]!
      if (choice <= 0 || mask[choice] !== 1) return 0
      claimants[0] = choice - 1
      return 1
    }
    let claims = 0
    for (let i = 0; i < actions.length; i++) {
      if (actions[i] === 1 && mask[2 * i + 1] === 1) claimants[claims++] = i
    }
    return claims
  }

  /** One arrival draw: an empty inbox takes the query, an occupied one turns it away. */
  #arrive(draw: number, q: Float64Array): void {
    const upTo = this.#arrivalUpTo
    for (let type = 0; type < upTo.length; type++) {
      if (draw >= upTo[type]!) continue
      if (this.#inbox === 0) this.#inbox = this.#patience * (type + 1)
      else q[LOSS] = q[LOSS]! + this.#loss[type]!
      return
    }
  }

  /** Writes masks, ids, observations and the end of the episode. */
  #writeView(): void {
    const slot = this.#slot
    const { mask } = slot
    const query = this.#inbox > 0
    if (this.#centralised) mask[0] = 1
    for (let i = 0; i < this.#numAgents; i++) {
      const eligible = query && this.#down[i] === 0 && this.#queue[i]! < this.#capacity[i]! ? 1 : 0
      if (this.#centralised) {
        mask[i + 1] = eligible
      } else {
        mask[2 * i] = 1
        mask[2 * i + 1] = eligible
      }
    }
    slot.terminated[0] = 0
    slot.truncated[0] = this.#stepsTaken >= this.#limitSteps ? 1 : 0
    this.#observer.write(this.#inbox, this.#queue, this.#down, slot)
  }
}
