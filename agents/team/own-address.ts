import { isIPv4 } from 'node:net'
import { isLoopback } from './loopback.js'
import type { TeamProblem } from './team-problem.js'
import type { Team } from './team-schema.js'

type Listen = Team['listen']

/**
 * Whether an endpoint is where its own team listens. Other names of this machine, and ports that the system chooses, can't be told
 * from here: a request that comes back through them is refused when it comes.
 */
export function isOwnAddress(endpoint: string, listen: Listen): boolean {
  const url = new URL(endpoint)
  if (url.protocol !== 'http:' || Number(url.port || 80) !== listen.port) return false
  const asked = bare(url.hostname)
  const own = bare(listen.host)
  if (asked === own) return true
  // Every address of the machine; those of version 4 are reached through that of version 6, too.
  if (own === '::') return isLoopback(asked)
  if (own === '0.0.0.0') return isLoopback(asked) && asked !== '::1'
  const isName = (host: string) => isLoopback(host) && !isIPv4(host) && host !== '::1'
  return isName(asked) ? isFirst(own) || isName(own) : isName(own) && isFirst(asked)
}

/** What `localhost` stands for. */
function isFirst(host: string): boolean {
  return host === '127.0.0.1' || host === '::1'
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase()
}

/**
 * Agents, and those that they lead, whose endpoint is their own team's address.
 * @param settings - of agents, with endpoints anywhere in them
 * @param path - where they stand in the team's file
 */
export function ownEndpoints(settings: unknown, listen: Listen, path: TeamProblem['path']): TeamProblem[] {
  if (typeof settings !== 'object' || settings === null) return []
  return Object.entries(settings).flatMap(([key, value]) => {
    const at = [...path, key]
    if (key !== 'endpoint') return ownEndpoints(value, listen, at)
    const urls: unknown[] = Array.isArray(value) ? value : [value]
    return urls.flatMap((url, i) =>
      typeof url === 'string' && URL.canParse(url) && isOwnAddress(url, listen)
        ? [{ path: Array.isArray(value) ? [...at, i] : at, message: ownAddressMessage(url) }]
        : [],
    )
  })
}

function ownAddressMessage(endpoint: string): string {
  return `${endpoint} is where this team itself listens: it would ask itself; name the agent's own endpoint, or listen elsewhere`
}
