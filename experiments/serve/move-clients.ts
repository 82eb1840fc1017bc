import type { AgentClient } from '#agents/client/agent-client.js'

/** Clients of endpoints, by the names of those who call. */
export type Clients = ReadonlyMap<string, AgentClient>

/** Has running agents reached where those that were just read are. @returns names of those that moved */
export function moveClients(running: Clients, read: Clients): string[] {
  const moved = [...running].filter(([name, client]) => {
    const urls = read.get(name)?.replicas
    if (urls === undefined || urls.join('\n') === client.replicas.join('\n')) return false
    client.setReplicas(urls)
    return true
  })
  return moved.map(([name]) => name)
}

/** What the log of a service says of agents that moved. */
export function movedMessage(names: readonly string[]): string {
  return `reached elsewhere from now on: ${names.join(', ')}`
}

/** What it says of a file that is wrong. */
export const notTaken = 'the team file was read again and is not taken; the old settings go on'
