import { type CompiledExpression, compileExpression, isWeightedSum } from '../expression/reward-expression.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import { quantityNames } from './quantities.js'
import { type ServiceLaw, serviceLaw } from './service-law.js'

/** The numbers of a team that the rules of a tick need, in typed arrays: N agents, T query types. */
export interface DispatchRules {
  readonly numAgents: number
  readonly numTypes: number
  /** B, places of the inbox. */
  readonly places: number
  /** Decisions that a query waits before it is lost. */
  readonly patience: number
  /** How long a tick is. */
  readonly tickMs: number
  /** Most queries handed out at one boundary. */
  readonly offersPerTick: number
  /** Whether the queue of an agent that goes down is given back; else it stays. */
  readonly givesBack: boolean
  /** i32 [N], most queries in each queue. */
  readonly capacity: Int32Array
  /** f64 [N], reward units a query. */
  readonly price: Float64Array
  /** How long each agent takes, [N]. */
  readonly service: readonly ServiceLaw[]
  /** u8 [N, T], whether an agent takes queries of a type. */
  readonly takes: Uint8Array
  /** f64 [T], reward units each. */
  readonly value: Float64Array
  readonly loss: Float64Array
  /** f64 [T], higher ones are offered first. */
  readonly priority: Float64Array
  /** Reward of a tick from its quantities. */
  readonly reward: CompiledExpression
}

/** The rules that a config stands for. */
export function dispatchRules(config: RoutingDispatchConfig): DispatchRules {
  const { agents, types } = resolveInstance(config)
  const { hold, wait, conflict } = config
  return {
    numAgents: agents.length,
    numTypes: types.length,
    places: config.inbox,
    patience: config.patience,
    tickMs: config.tickMs,
    offersPerTick: config.offersPerTick,
    givesBack: config.onDown === 'giveBack',
    capacity: Int32Array.from(agents, (agent) => agent.capacity),
    price: Float64Array.from(agents, (agent) => agent.price),
    service: agents.map(({ service }) => serviceLaw(service, config.tickMs)),
    takes: Uint8Array.from(
      agents.flatMap((agent) =>
        types.map(({ name }) => (agent.types === undefined || agent.types.includes(name) ? 1 : 0)),
      ),
    ),
    value: Float64Array.from(types, (type) => type.value),
    loss: Float64Array.from(types, (type) => type.loss),
    priority: Float64Array.from(types, (type) => type.priority),
    reward: compileExpression(config.reward, quantityNames, { hold, wait, conflict }),
  }
}

/**
 * Why decisions can't be made at events by these settings; null where they can. What a stretch of time earns must not depend on where it is
 * cut.
 */
export function whyNotAtEvents({ reward, hold, wait, conflict }: RoutingDispatchConfig): string | null {
  if (isWeightedSum(reward, quantityNames, { hold, wait, conflict })) return null
  return `decisions at events need a reward that is a weighted sum of quantities, since time may be cut anywhere, got ${JSON.stringify(reward)}`
}
