import type { BundleDescription } from '#algorithms/bundle/bundle-schema.js'
import { BundleError, unknownNameMessage } from '#env/errors.js'
import {
  agentName,
  type RoutingDispatchConfig,
  resolveInstance,
  routingDispatchConfig,
} from '#env/routing-dispatch/config.js'
import { whyNotAtEvents } from '#env/routing-dispatch/rules.js'
import type { DispatchSettings } from '../team/dispatch-schema.js'
import type { Team } from '../team/team-schema.js'

/** Notes a problem with what stands at a path of a team's settings. */
export type Note = (path: (string | number)[], message: string) => void

/** Agents with queues, as their settings have them: where `dispatch` stands, and who there is. */
export interface QueueingTeam {
  readonly agents: readonly { readonly name: string }[]
  readonly dispatch?: Pick<DispatchSettings, 'environment' | 'tickMs' | 'decide'> | undefined
}

/** Of the environment in these settings. */
const at = (...path: readonly (string | number)[]) => ['dispatch', 'environment', ...path]

/** The settings that a policy was trained in. @throws BundleError where that was somewhere else */
export function trainedIn({
  environment: { id, config },
}: Pick<BundleDescription, 'environment'>): RoutingDispatchConfig {
  if (id !== 'routing-dispatch') {
    throw new BundleError(
      `policy bundle: it was trained in ${id}, and a team with \`dispatch\` takes one of routing-dispatch; leave dispatch out, or serve another policy`,
    )
  }
  return routingDispatchConfig.parse(config)
}

/**
 * The environment of a dispatched team: the settings that the team file gives, over those that its policy was trained in. Ticks last as
 * the team says.
 * @param trained - null for a rule, or the optimum
 * @returns null where something is wrong, which is noted
 */
export function readDispatchEnvironment(
  { dispatch }: QueueingTeam,
  trained: RoutingDispatchConfig | null,
  note: Note,
): RoutingDispatchConfig | null {
  const { environment: given = {}, tickMs } = dispatch!
  // An instance brings its own agents and types.
  const replaced = given.instance === undefined ? {} : { agents: undefined, types: undefined }
  const merged = {
    ...trained,
    ...replaced,
    ...given,
    limitSteps: null,
    ...(tickMs === undefined ? {} : { tickMs }),
  }
  const parsed = routingDispatchConfig.safeParse(merged)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const keys = path.map((key) => (typeof key === 'number' ? key : String(key)))
      if (Object.hasOwn(given, keys[0]!)) note(at(...keys), message)
      else
        note(
          at(),
          `${message} (in ${trained === null ? 'the defaults' : 'what the policy was trained with'}: ${keys.join('.')})`,
        )
    }
    return null
  }
  const config = parsed.data
  return trained !== null && !fits(trained, config, note) ? null : config
}

/** Notes settings by which decisions can't be made at events, where the team asks for that. */
export function noteEvents({ dispatch }: QueueingTeam, config: RoutingDispatchConfig, note: Note): void {
  const why = dispatch!.decide === 'events' ? whyNotAtEvents(config) : null
  if (why === null) return
  const path = dispatch!.environment?.reward === undefined ? ['dispatch', 'decide'] : at('reward')
  note(path, `${why}; write it as one, or set dispatch.decide: ticks`)
}

/** Notes what differs of what the policy reads: numbers of its states and observations would mean something else. */
function fits(trained: RoutingDispatchConfig, config: RoutingDispatchConfig, note: Note): boolean {
  const [before, now] = [teamOf(trained), teamOf(config)]
  if (isOther(before, now)) {
    note(
      at(),
      `the policy is for ${before.told}; this is a team of ${now.told}; train it for this team, or leave this out`,
    )
    return false
  }
  let isSame = true
  const told = (path: (string | number)[], was: unknown, is: unknown) => {
    isSame = false
    const message = `the policy was trained with ${JSON.stringify(was)}, got ${JSON.stringify(is)}; train it anew, or leave this out`
    note(at(...path), message)
  }
  for (const key of ['patience', 'inbox', 'observation', 'encoding', 'control', 'offersPerTick'] as const) {
    if (trained[key] !== config[key]) told([key], trained[key], config[key])
  }
  // The numbers of states count on it where several queries wait.
  const [was, is] = [trained.arrivals.kind, config.arrivals.kind]
  if (config.inbox > 1 && (was === 'bernoulli') !== (is === 'bernoulli')) told(['arrivals'], was, is)
  before.capacities.forEach((capacity, i) => {
    if (capacity !== now.capacities[i]) told(['agents', i, 'capacity'], capacity, now.capacities[i])
  })
  return isSame
}

interface TeamShape {
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly capacities: readonly number[]
  readonly told: string
}

function teamOf(config: RoutingDispatchConfig): TeamShape {
  const { agents, types } = resolveInstance(config)
  const names = agents.map(agentName)
  const typeNames = types.map(({ name }) => name)
  return {
    names,
    types: typeNames,
    capacities: agents.map(({ capacity }) => capacity),
    told: `${names.join(', ')} with queries of type ${typeNames.join(', ')}`,
  }
}

/** Whether a policy for one team is none for the other, whatever else is alike. */
function isOther(before: TeamShape, now: TeamShape): boolean {
  const joined = (list: readonly string[]) => list.join('\n')
  return joined(before.names) !== joined(now.names) || joined(before.types) !== joined(now.types)
}

/** [seats], the team's agent of each; null where none has its name. @param trained - whether the seats are those of a trained policy */
export function seatsOf(team: QueueingTeam, names: readonly string[], trained: boolean, note: Note): (number | null)[] {
  const there = team.agents.map(({ name }) => name)
  const isOwn = team.dispatch!.environment?.agents !== undefined
  if (!there.some((name) => names.includes(name))) {
    const seats = names.join(', ')
    const who = isOwn
      ? `dispatch.environment.agents has the seats ${seats}`
      : trained
        ? `the policy is for ${seats}`
        : `without dispatch.environment.agents the team is that of an example: ${seats}`
    note(
      ['agents'],
      `${who}; the team has ${there.join(', ')}; ${isOwn || trained ? 'name them alike' : 'describe its agents there'}`,
    )
  } else {
    there.forEach((name, k) => {
      if (!names.includes(name)) note(['agents', k, 'name'], unknownNameMessage('seat of the team', name, names))
    })
  }
  return names.map((name) => {
    const k = there.indexOf(name)
    return k < 0 ? null : k
  })
}

/** Notes types that nobody who is there takes, and names that are none of a type. */
export function noteTypes(
  team: Team,
  config: RoutingDispatchConfig,
  seats: readonly (number | null)[],
  note: Note,
): void {
  const { agents, types } = resolveInstance(config)
  const names = types.map(({ name }) => name)
  const { typeRules, otherType } = team.dispatch!
  typeRules.forEach(({ type }, k) => {
    if (!names.includes(type)) note(['dispatch', 'typeRules', k, 'type'], unknownNameMessage('query type', type, names))
  })
  if (otherType !== undefined && !names.includes(otherType)) {
    note(['dispatch', 'otherType'], unknownNameMessage('query type', otherType, names))
  }
  // Where nobody is there at all, that is said.
  if (seats.every((seat) => seat === null)) return
  for (const name of names) {
    const taken = agents.some(({ types: own }, i) => seats[i] !== null && (own === undefined || own.includes(name)))
    if (!taken) note(['agents'], `no agent of the team takes queries of type "${name}"; add one that does`)
  }
}

/** What is well, but may not be meant: to be told when the team starts. */
export function remarksOn(
  trained: RoutingDispatchConfig | null,
  config: RoutingDispatchConfig,
  seats: readonly (number | null)[],
): string[] {
  const { agents } = resolveInstance(config)
  const remarks: string[] = []
  const empty = agents.map(agentName).filter((_, i) => seats[i] === null)
  if (empty.length > 0) remarks.push(`nobody has these seats, which count as down: ${empty.join(', ')}`)
  if (trained !== null && trained.tickMs !== config.tickMs) {
    const quantiles = agents.some(({ service }) => typeof service !== 'number')
    const others = quantiles
      ? 'agents whose speed is given by latency quantiles are others to it'
      : 'arrivals, services, failures, repairs and patience, which it knows by the tick, stand for other times'
    const [was, is] = [trained.tickMs, config.tickMs]
    remarks.push(
      `the policy was trained with ticks of ${was} ms, and a tick lasts ${is} ms here: ${others}; set dispatch.tickMs: ${was}, or train it anew with tickMs: ${is}`,
    )
  }
  if (config.arrivals.kind === 'trace') {
    remarks.push(`queries come from clients here: the recorded arrivals of ${config.arrivals.file} are not read`)
  }
  return remarks
}
