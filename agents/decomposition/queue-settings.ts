import { z } from 'zod'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import { decodeBundle, type PolicyBundle } from '#algorithms/bundle/policy-bundle.js'
import { unknownNameMessage } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import {
  agentName,
  type RoutingDispatchConfig,
  resolveInstance,
  routingDispatchConfig,
} from '#env/routing-dispatch/config.js'
import { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { dispatchPolicies } from '#env/routing-dispatch/policies/scripted.js'
import { dispatchRules } from '#env/routing-dispatch/rules.js'
import { stateIndex } from '#env/routing-dispatch/state-index.js'
import type { Agent, AgentAnswer } from '../contract/agent.js'
import type { AgentFile, AgentResources, QueueOptimum } from '../contract/agent-entry.js'
import { noteEvents, readDispatchEnvironment, seatsOf, trainedIn } from '../dispatch/dispatch-environment.js'
import type { Seat } from '../dispatch/seat-table.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import { dispatchSchema } from '../team/dispatch-schema.js'
import { AgentOccupant, type PartQuestion } from './agent-occupant.js'
import { PartDispatch } from './part-dispatch.js'

const OPTIMAL = 'optimal'

const seatSchema = z.strictObject({
  concurrency: z.int().min(1).max(1000).default(1),
  retries: z.int().min(0).max(10).default(1),
})

/** How parts of requests are handed out to agents with queues. */
export const queueSettings = dispatchSchema
  .pick({ environment: true, tickMs: true, discount: true, absentAfterMs: true })
  .extend({
    policy: z
      .union([z.string().min(1), z.strictObject({ use: z.string().min(1) })])
      .default({ use: OPTIMAL })
      .describe(
        'optimal (the exact optimum, solved again where an agent is down for long), a rule of routing-dispatch, or the folder of a policy bundle',
      ),
    decide: z
      .enum(['ticks', 'events'])
      .default('events')
      .describe('events: the moment a part comes or a place becomes free; ticks: at each boundary, as in the model'),
    intents: z
      .record(z.string().min(1), z.array(z.string().min(1)).min(1))
      .default({})
      .describe('by query type, the intents that it stands for; default: a type is the intent of its name'),
    seats: z
      .record(z.string().min(1), seatSchema)
      .default({})
      .describe(
        'by agent, { concurrency, retries }: most parts that it works on at once (default 1), and tries of one beyond the first (default 1); while these last, a part is given back where its agent goes down',
      ),
    epsilon: z.number().min(0).max(1).default(0).describe('chance that a decision explores'),
    seed: z.int().min(0).default(0).describe('of the draws'),
  })

export type QueueSettings = z.infer<typeof queueSettings>

/** An agent that parts go to, and the intents that it serves. */
export interface Specialist {
  readonly name: string
  readonly types: readonly string[]
  readonly agent: Agent
}

/** Parts handed out through queues. */
export interface PartQueues {
  readonly dispatch: PartDispatch
  /** Number of the query type of each intent. */
  readonly typeOf: ReadonlyMap<string, number>
  /** Whether each type has one agent only. */
  readonly oneEach: boolean
}

/** Paths of files in these settings. */
export function queueFiles({ policy }: QueueSettings): string[] {
  return typeof policy === 'string' ? [policy] : []
}

/** @throws Error saying what is wrong with the settings, and where in them */
export function makeQueues(
  settings: QueueSettings,
  specialists: readonly Specialist[],
  resources: AgentResources,
): PartQueues {
  const { name, clock, log, files } = resources
  const { policy: given, seed, epsilon, decide, discount, absentAfterMs } = settings
  const bundle = typeof given === 'string' ? bundleOf(given, files.get(given)!) : null
  const config = configOf(settings, bundle, specialists)
  const { agents, types } = resolveInstance(config)
  const names = agents.map(agentName)
  for (const key of Object.keys(settings.seats)) {
    if (!names.includes(key)) throw new Error(`dispatch.seats: ${unknownNameMessage('seat', key, names)}`)
  }
  const led = leaderOf(settings, bundle, config, resources)
  const seats = names.map((seat): Seat<PartQuestion, AgentAnswer> | null => {
    const teamIndex = specialists.findIndex((one) => one.name === seat)
    if (teamIndex < 0) return null
    const occupant = new AgentOccupant(seat, specialists[teamIndex]!.agent, clock)
    return { occupant, teamIndex, ...(settings.seats[seat] ?? seatSchema.parse({})) }
  })
  const typeOf = new Map(types.flatMap((type, t) => intentsOf(settings, type.name).map((intent) => [intent, t])))
  const takers = types.map(({ name }) => agents.filter((one) => one.types === undefined || one.types.includes(name)))
  return {
    dispatch: new PartDispatch({
      ...{ name, clock, log, config, seats, seed, epsilon, decide, discount, absentAfterMs },
      ...led,
    }),
    typeOf,
    oneEach: takers.every((those) => those.length === 1),
  }
}

function intentsOf({ intents }: QueueSettings, type: string): readonly string[] {
  return Object.hasOwn(intents, type) ? intents[type]! : [type]
}

/** The environment, each agent with the types of which it serves all intents. */
function configOf(
  settings: QueueSettings,
  bundle: PolicyBundle | null,
  specialists: readonly Specialist[],
): RoutingDispatchConfig {
  const problems: string[] = []
  const note = (path: readonly (string | number)[], message: string) => {
    const [first, k] = path
    // Specialists go by their names.
    const where = first === 'agents' ? ['agents', ...(typeof k === 'number' ? [specialists[k]!.name] : [])] : path
    problems.push(`${where.join('.')}: ${message}`)
  }
  const refuse = () => {
    if (problems.length > 0) throw new Error(problems[0])
  }
  const team = { agents: specialists, dispatch: settings }
  const config = readDispatchEnvironment(team, bundle === null ? null : trainedIn(bundle.description), note)
  refuse()
  noteEvents(team, config!, note)
  const { agents, types } = resolveInstance(config!)
  const typeNames = types.map(({ name }) => name)
  seatsOf(team, agents.map(agentName), bundle !== null, note)
  const known: string[] = []
  for (const key of Object.keys(settings.intents)) {
    if (!typeNames.includes(key)) note(['dispatch', 'intents'], unknownNameMessage('query type', key, typeNames))
  }
  for (const type of typeNames) {
    for (const intent of intentsOf(settings, type)) {
      if (known.includes(intent))
        note(['dispatch', 'intents', type], `"${intent}" is of two query types; leave one out`)
      known.push(intent)
    }
  }
  const serving = agents.map((seat, i) => {
    const name = agentName(seat, i)
    const own = specialists.find((one) => one.name === name)
    // A seat that nobody has takes nothing anyway.
    if (own === undefined) return seat
    const lacks = (type: string) => intentsOf(settings, type).find((intent) => !own.types.includes(intent))
    for (const type of seat.types ?? []) {
      const lacking = lacks(type)
      if (lacking === undefined) continue
      const message = `it takes queries of type "${type}", but agents.${name}.types has no "${lacking}"; add it there`
      note(['dispatch', 'environment', 'agents', i, 'types'], message)
    }
    const takes = (seat.types ?? typeNames).filter((type) => lacks(type) === undefined)
    if (takes.length === 0) {
      const served = own.types.join(', ')
      note(
        ['agents', specialists.indexOf(own)],
        `it serves ${served}, which is all of no query type; see dispatch.intents`,
      )
    }
    return takes.length === typeNames.length ? seat : { ...seat, types: takes }
  })
  refuse()
  const checked = routingDispatchConfig.safeParse({ ...config!, agents: serving, types: [...types] })
  if (checked.success) return checked.data
  const { path, message } = checked.error.issues[0]!
  throw new Error(`dispatch.environment.${path.join('.')}: ${message}`)
}

function bundleOf(folder: string, files: readonly AgentFile[]): PolicyBundle {
  const read = (name: string) => {
    const file = files.find(({ path }) => path === name)
    if (file === undefined) throw new Error(`dispatch.policy: ${folder} is no policy bundle: it has no ${name}`)
    return file.bytes
  }
  try {
    return decodeBundle({ 'policy.json': read('policy.json'), 'weights.safetensors': read('weights.safetensors') })
  } catch (cause) {
    throw new Error(`dispatch.policy: ${folder}: ${(cause as Error).message}`, { cause })
  }
}

/** Who decides. */
function leaderOf(
  { policy, discount }: QueueSettings,
  bundle: PolicyBundle | null,
  config: RoutingDispatchConfig,
  { optimum }: AgentResources,
): { policy: Policy; identity: PolicyIdentity; optimum: QueueOptimum | null } {
  const { spec } = new DispatchView(
    config,
    dispatchRules(config),
    stateIndex(config),
    new DispatchState(dispatchRules(config)),
  )
  if (bundle !== null) {
    const { algorithm, sha256 } = bundle.description
    const identity = { name: algorithm.name, sha256, version: algorithm.version, encoder: null }
    return { policy: loadPolicy(bundle, spec), identity, optimum: null }
  }
  const { use } = policy as { use: string }
  const identity = { name: use, sha256: null, version: null, encoder: null }
  if (use === OPTIMAL) {
    const solved = optimum(config, discount)
    return { policy: solved.policy, identity, optimum: solved }
  }
  const rule = dispatchPolicies.find((one) => one.name === use)
  if (rule === undefined) {
    const rules = [OPTIMAL, ...dispatchPolicies.map((one) => one.name)]
    throw new Error(`dispatch.policy.use: ${unknownNameMessage('rule', use, rules)}`)
  }
  return { policy: rule.create({ spec, envConfig: config }, rule.schema.parse({})), identity, optimum: null }
}
