import { machineClock } from '../client/clock.js'
import type { AgentFile, AgentResources } from './agent-entry.js'

/** What an agent is made with outside a team: it leads nobody, and has no keys, no log and no model but those that are given. */
export function loneResources(name: string, given: Partial<AgentResources> = {}): AgentResources {
  const none = (what: string) => () => {
    throw new Error(`${name} stands alone: it has ${what}`)
  }
  return {
    name,
    clock: machineClock,
    files: new Map<string, readonly AgentFile[]>(),
    secret: () => undefined,
    calls: () => {},
    localModel: none('no model'),
    knows: () => {},
    speaksOf: () => {},
    log: { write: () => false },
    optimum: none('nobody who solves'),
    make: none('no agents to lead'),
    ...given,
  }
}
