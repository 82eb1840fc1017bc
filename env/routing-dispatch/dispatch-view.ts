import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { AgentSpec, EnvSpec } from '../spec.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from './config.js'
import type { DispatchState } from './dispatch-state.js'
import { dispatcherDigits } from './dispatcher-digits.js'
import { Observer } from './observer.js'
import { quantities } from './quantities.js'
import type { DispatchRules } from './rules.js'
import type { StateIndex } from './state-index.js'

export const ROUTING_DISPATCH_VERSION = '1'

/** What is known of a team before anything happens: agents, spaces, quantities. */
export function dispatchSpec(config: RoutingDispatchConfig, index: StateIndex, observer: Observer): EnvSpec {
  const { agents } = resolveInstance(config)
  const names = agents.map(agentName)
  const agentSpecs: AgentSpec[] =
    config.control === 'centralised'
      ? [
          {
            name: 'dispatcher',
            observation: box(observer.sizeOf(0), 0, 1),
            action: discrete(agents.length + 1, ['pass', ...names]),
            numObservations: index.numStates,
            ...(config.encoding === 'one-hot' && index.places === 1 ? { digits: dispatcherDigits(index) } : {}),
          },
        ]
      : names.map((name, i) => ({
          name,
          observation: box(observer.sizeOf(i), 0, 1),
          action: discrete(2, ['pass', 'claim']),
          numObservations: observer.numObservations(i),
          ...(observer.messages > 0 ? { messages: observer.messages } : {}),
        }))
  return {
    id: 'routing-dispatch',
    version: ROUTING_DISPATCH_VERSION,
    agents: agentSpecs,
    numStates: index.numStates,
    stateSize: observer.stateSize,
    quantities,
    costs: ['cost'],
    score: { aggregate: 'shared', over: 'episode' },
    columns: { cost: 'cost', latency: { quantity: 'latency', when: 'answered' } },
    limitSteps: config.limitSteps,
    ...(config.offersPerTick > 1 ? { instantSteps: true } : {}),
  }
}

/** How a team's state becomes a slot, and a joint action the agents that claim: the same in simulation and live. */
export class DispatchView {
  readonly spec: EnvSpec
  /** i32 [N], agents with a valid claim, the first of them after `readClaims`. */
  readonly claimants: Int32Array
  /** Whether one dispatcher chooses among the agents; else each of them claims or passes. */
  readonly centralised: boolean
  readonly #state: DispatchState
  readonly #observer: Observer

  constructor(config: RoutingDispatchConfig, rules: DispatchRules, index: StateIndex, state: DispatchState) {
    this.#state = state
    this.centralised = config.control === 'centralised'
    this.#observer = new Observer(index, config, this.centralised ? 1 : rules.numAgents)
    this.spec = dispatchSpec(config, index, this.#observer)
    this.claimants = new Int32Array(rules.numAgents)
  }

  /** Writes mask, ids, observation and state of the slot. */
  write(slot: Slot): void {
    const state = this.#state
    const { mask } = slot
    const n = this.claimants.length
    const { eligible } = state
    state.findEligible()
    if (this.centralised) {
      mask[0] = 1
      for (let i = 0; i < n; i++) mask[i + 1] = eligible[i]!
    } else {
      for (let i = 0; i < n; i++) {
        mask[2 * i] = 1
        mask[2 * i + 1] = eligible[i]!
      }
    }
    this.#observer.write(state, slot)
  }

  /**
   * Fills `claimants` with the agents whose claim is allowed in the state as it was written last; what isn't counts as a pass.
   * @param actions - i32 [N], 1 = claim; centralised: i32 [1], i + 1 gives the query to agent i
   * @returns how many claim
   */
  readClaims(actions: Int32Array): number {
    const { claimants } = this
    const { eligible } = this.#state
    if (this.centralised) {
      const choice = actions[0]!
      if (choice <= 0 || eligible[choice - 1] !== 1) return 0
      claimants[0] = choice - 1
      return 1
    }
    let claims = 0
    for (let i = 0; i < claimants.length; i++) {
      if (actions[i] === 1 && eligible[i] === 1) claimants[claims++] = i
    }
    return claims
  }
}
