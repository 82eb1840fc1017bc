import type { PolicyView, PolicyViewPanel } from '../policy-view.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from './config.js'
import { stateIndex } from './state-index.js'

/** Queue lengths as text, such as `0,1`; nested over the given agents, the last fastest. */
interface Load {
  readonly label: string
  readonly offset: number
}

/**
 * Which agent takes which query at which load: one table a query type (freshly arrived, all agents up), rows the first
 * agent's queue, columns the queues of the others. The query waits alone, however many places the inbox has. Cells are empty where states
 * are too many to number.
 */
export function dispatchPolicyView(config: RoutingDispatchConfig): PolicyView {
  const { agents, types } = resolveInstance(config)
  const index = stateIndex(config)
  const names = agents.map(agentName)
  const loads = (from: number, to: number): Load[] =>
    Array.from({ length: to - from }, (_, k) => from + k).reduce<Load[]>(
      (all, i) =>
        all.flatMap((load) =>
          Array.from({ length: agents[i]!.capacity + 1 }, (_, q) => ({
            label: load.label === '' ? `${q}` : `${load.label},${q}`,
            offset: load.offset + q * index.place[i]!,
          })),
        ),
      [{ label: '', offset: 0 }],
    )
  /** The inbox with a query of type t that has just come. */
  const arrived = (t: number) => index.inbox!.numberOf(1, Int32Array.of(t), Int32Array.of(config.patience))
  const rows = loads(0, 1)
  const columns = loads(1, Math.min(agents.length, 4))
  const panels: PolicyViewPanel[] = types.map((type, t) => ({
    title: `${type.name} arrives (value ${type.value})`,
    xLabel: agents.length > 1 ? `queues of ${names.slice(1, 4).join(', ')}` : '',
    yLabel: `queue of ${names[0]}`,
    x: columns.map((load) => load.label),
    y: rows.map((load) => load.label),
    states: rows.map((row) =>
      columns.map((column) => (index.numStates > 0 ? arrived(t) + row.offset + column.offset : -1)),
    ),
  }))
  const describe = (jointAction: Int32Array): string => {
    if (config.control === 'centralised') return jointAction[0] === 0 ? 'wait' : names[jointAction[0]! - 1]!
    const claims = names.filter((_, i) => jointAction[i] === 1)
    return claims.length === 0 ? 'wait' : claims.length === 1 ? claims[0]! : 'conflict'
  }
  return { title: 'Who takes which query at which load', panels, legend: [...names, 'wait', 'conflict'], describe }
}
