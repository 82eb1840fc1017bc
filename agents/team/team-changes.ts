import type { Team } from './team-schema.js'

/** Settings that a dispatched team takes over while it runs when its file is read again. */
const takenByDispatch: ReadonlySet<string> = new Set([
  'policy',
  'dispatch.environment',
  'dispatch.discount',
  'dispatch.typeHeader',
  'dispatch.typeRules',
  'dispatch.typePolicy',
  'dispatch.otherType',
])

/** The replicas of an agent, which any team takes over. */
const replicas = /^(pipeline\.)?agents\..*\.endpoint$/

/**
 * What differs of a team's settings that hold until the next start, such as `listen.port` or `agents.mid.timeoutMs`: agents by their
 * names. A running team doesn't take these over.
 */
export function needsRestart(running: Team, now: Team): string[] {
  const taken = running.dispatch === undefined ? nothing : takenByDispatch
  return changes('', withNamedAgents(running), withNamedAgents(now), taken)
}

/** The same of a team that answers itself, as its file says it. */
export function answeringNeedsRestart(running: unknown, now: unknown): string[] {
  return changes('', running, now, nothing)
}

const nothing: ReadonlySet<string> = new Set()

function withNamedAgents({ agents, ...team }: Team): object {
  return { ...team, agents: Object.fromEntries(agents.map((agent) => [agent.name, agent])) }
}

function changes(path: string, before: unknown, now: unknown, taken: ReadonlySet<string>): string[] {
  if (taken.has(path) || replicas.test(path) || JSON.stringify(before) === JSON.stringify(now)) return []
  if (!isMapping(before) || !isMapping(now)) return [path]
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...keys].flatMap((key) => changes(path === '' ? key : `${path}.${key}`, before[key], now[key], taken))
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
