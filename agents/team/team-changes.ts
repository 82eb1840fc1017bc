import type { Team } from './team-schema.js'

/** Settings that a running team takes over when its file is read again. */
const taken: ReadonlySet<string> = new Set([
  'policy',
  'dispatch.environment',
  'dispatch.discount',
  'dispatch.typeHeader',
  'dispatch.typeRules',
  'dispatch.typePolicy',
  'dispatch.otherType',
])

/**
 * What differs of a team's settings that hold until the next start, such as `listen.port` or `agents.mid.endpoint`: agents by their
 * names. A running team doesn't take these over.
 */
export function needsRestart(running: Team, now: Team): string[] {
  return changes('', withNamedAgents(running), withNamedAgents(now))
}

function withNamedAgents({ agents, ...team }: Team): object {
  return { ...team, agents: Object.fromEntries(agents.map((agent) => [agent.name, agent])) }
}

function changes(path: string, before: unknown, now: unknown): string[] {
  if (taken.has(path) || JSON.stringify(before) === JSON.stringify(now)) return []
  if (!isMapping(before) || !isMapping(now)) return [path]
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...keys].flatMap((key) => changes(path === '' ? key : `${path}.${key}`, before[key], now[key]))
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
