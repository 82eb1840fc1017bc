import { z } from 'zod'
import { unknownNameMessage } from '../errors.js'
import { compileExpression } from '../expression/reward-expression.js'
import { quantityNames } from './quantities.js'

const probability = z.number().min(0).max(1)

const quantile = z.tuple([
  z.number().min(0).lt(1).describe('share of the answers'),
  z.number().min(0).describe('milliseconds within which they come'),
])

const service = z
  .union([
    probability,
    z.strictObject({
      quantiles: z.array(quantile).min(1).describe('[share, milliseconds] pairs, rising: [[0.5, 800], [0.95, 3000]]'),
    }),
  ])
  .describe(
    'how fast it answers: the probability a tick that the query in service is finished, or quantiles of its latency in ms (between two, and beyond the last, the chance of finishing stays constant)',
  )

const agentSchema = z.strictObject({
  name: z.string().min(1).optional().describe('name of the agent; agent-0, agent-1, ... where absent'),
  capacity: z.int().min(1).max(255).describe('most queries in its queue, the one in service included'),
  skill: z.array(probability).min(1).describe('probability of a good answer, one a query type'),
  price: z.number().min(0).describe('what a query costs, reward units'),
  service,
  fail: probability.describe('probability a tick that it goes down'),
  repair: probability.describe('probability a tick that it comes up again'),
  types: z.array(z.string()).min(1).optional().describe('names of the query types that it takes; all where absent'),
})

const typeSchema = z.strictObject({
  name: z.string().min(1).describe('name of the query type'),
  value: z.number().describe('what a good answer earns, reward units'),
  arrival: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe('how many such queries arrive a tick on average: a probability where arrivals are bernoulli'),
  loss: z.number().describe('what turning it away or letting it expire costs, reward units'),
  priority: z.int().default(0).describe('queries of higher priority are offered first; equal ones by arrival'),
})

/** The quickstart instance: exact values in its tests. */
const threeAgents = {
  types: [
    { name: 'A', value: 6, arrival: 0.4, loss: 1, priority: 0 },
    { name: 'B', value: 12, arrival: 0.3, loss: 2, priority: 0 },
  ],
  agents: [
    { capacity: 3, skill: [0.7, 0.3], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15 },
    { capacity: 2, skill: [0.4, 0.9], price: 1, service: 0.25, fail: 0.03, repair: 0.15 },
    { capacity: 2, skill: [0.9, 0.8], price: 2.5, service: 0.25, fail: 0.02, repair: 0.2 },
  ],
}

/** 580,608 states: more than tabular learning on the full state can visit. */
const sixAgents = {
  types: [
    { name: 'A', value: 6, arrival: 0.5, loss: 1, priority: 0 },
    { name: 'B', value: 12, arrival: 0.4, loss: 2, priority: 0 },
  ],
  agents: [
    { capacity: 3, skill: [0.7, 0.3], price: 0.5, service: 0.25, fail: 0.05, repair: 0.15 },
    { capacity: 2, skill: [0.4, 0.9], price: 1, service: 0.15, fail: 0.03, repair: 0.15 },
    { capacity: 2, skill: [0.9, 0.8], price: 2.5, service: 0.2, fail: 0.02, repair: 0.2 },
    { capacity: 3, skill: [0.6, 0.5], price: 0.25, service: 0.25, fail: 0.06, repair: 0.2 },
    { capacity: 2, skill: [0.8, 0.4], price: 1, service: 0.15, fail: 0.03, repair: 0.1 },
    { capacity: 2, skill: [0.5, 0.85], price: 0.75, service: 0.15, fail: 0.04, repair: 0.15 },
  ],
}

/** Instances by name. */
export const instances = { 'three-agents': threeAgents, 'six-agents': sixAgents }

const plainReward = 'value - cost - conflict * conflicts - hold * queued - wait * waited - loss'

const plainSchema = z.strictObject({
  instance: z
    .enum(['three-agents', 'six-agents'])
    .default('three-agents')
    .describe('the team and traffic to start from'),
  agents: z.array(agentSchema).min(1).max(16).optional().describe("replaces the instance's agents"),
  types: z.array(typeSchema).min(1).max(16).optional().describe("replaces the instance's query types"),
  observation: z
    .enum(['full', 'local', 'local-with-message', 'own', 'own-with-counts'])
    .default('full')
    .describe(
      'what an agent sees: full = the whole state; local = inbox, own queue and who is up; local-with-message = inbox, own queue and a load message from each (idle, busy, down-or-full); own = inbox and own queue; own-with-counts = the same and how many idle agents are good at each query type',
    ),
  encoding: z
    .enum(['numbers', 'one-hot'])
    .default('numbers')
    .describe(
      'real-valued observations: numbers = shares of capacity and patience; one-hot = a place for each value of the inbox, each queue with up or down, and each message, which linear models and networks need',
    ),
  goodSkill: probability
    .default(0.7)
    .describe('skill from which on an agent is good at a query type, for own-with-counts'),
  control: z
    .enum(['decentralised', 'centralised'])
    .default('decentralised')
    .describe('decentralised: every agent claims or passes at once; centralised: one dispatcher picks the agent'),
  inbox: z.int().min(1).max(64).default(1).describe('places of the inbox; a query that finds none is turned away'),
  arrivals: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('bernoulli') }),
      z.strictObject({ kind: z.literal('poisson') }),
      z.strictObject({
        kind: z.literal('trace'),
        file: z.string().min(1).describe('CSV with the columns time (milliseconds) and type, times not falling'),
        start: z
          .enum(['first', 'random'])
          .default('random')
          .describe(
            'where episodes begin: at the first line, or at a random one, going on from the first after the last',
          ),
      }),
    ])
    .default({ kind: 'bernoulli' })
    .describe(
      'bernoulli: at most one query a tick; poisson: any number, independent by type; trace: as recorded in a file',
    ),
  offersPerTick: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('most queries handed out at one tick; each is a decision of its own, the later ones take no time'),
  onDown: z
    .enum(['keep', 'giveBack'])
    .default('keep')
    .describe(
      'what happens to the queue of an agent that goes down: keep = it stays and goes on after repair; giveBack = back to the inbox with the patience left, lost without patience or place',
    ),
  tickMs: z
    .number()
    .positive()
    .max(3_600_000)
    .default(1000)
    .describe('milliseconds that a tick stands for: read by latency quantiles, traces and live teams'),
  patience: z.int().min(1).max(10_000).default(3).describe('decisions a query waits before it is lost'),
  hold: z.number().default(0.4).describe('cost of a queued query a tick'),
  wait: z.number().default(0.1).describe('cost of leaving a query in the inbox for a tick'),
  conflict: z.number().default(1).describe('cost of each claim beyond the first'),
  reward: z
    .string()
    .default(plainReward)
    .describe(
      `reward of a tick, an expression over ${quantityNames.join(', ')} and the constants hold, wait, conflict`,
    ),
  limitSteps: z
    .int()
    .min(1)
    .nullable()
    .default(200)
    .describe('decisions (ticks, where offersPerTick is 1) after which an episode is truncated; null = never'),
})

/** What decides a run: the schema with the checks that need more than one key. */
export const routingDispatchConfig = plainSchema.superRefine((config, context) => {
  const { agents, types } = resolveInstance(config)
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
  const arrivals = types.reduce((sum, type) => sum + type.arrival, 0)
  if (config.arrivals.kind === 'bernoulli' && arrivals > 1 + 1e-12) {
    refuse(
      ['types'],
      `arrival probabilities sum to ${Number(arrivals.toPrecision(12))}, expected at most 1 (the rest is "no arrival"); for more, set arrivals: { kind: poisson }`,
    )
  }
  const others = agents.findIndex(({ skill }) => skill.length !== types.length)
  if (config.agents === undefined && others >= 0) {
    const known = agents[others]!.skill.length
    refuse(
      ['types'],
      `the agents of instance "${config.instance}" have skills for ${known} query types, got ${types.length}; give agents of your own, too`,
    )
  }
  config.agents?.forEach(({ skill }, i) => {
    if (skill.length === types.length) return
    refuse(['agents', i, 'skill'], `expected ${types.length} skills, one a query type, got ${skill.length}`)
  })
  const typeNames = types.map(({ name }) => name)
  const repeated = (list: readonly string[], key: string, what: string) =>
    list.forEach((name, i) => {
      if (list.indexOf(name) !== i) refuse([key, i, 'name'], `"${name}" names two ${what}; names must differ`)
    })
  repeated(agents.map(agentName), 'agents', 'agents')
  repeated(typeNames, 'types', 'query types')
  agents.forEach((agent, i) => {
    agent.types?.forEach((name, k) => {
      if (!typeNames.includes(name)) {
        refuse(['agents', i, 'types', k], unknownNameMessage('query type', name, typeNames))
      }
    })
    refuseQuantiles(agent.service, (path, message) => refuse(['agents', i, 'service', ...path], message))
  })
  typeNames.forEach((name, t) => {
    if (agents.some(({ types: own }) => own === undefined || own.includes(name))) return
    refuse(['types', t], `no agent takes queries of type "${name}"; add it to the types of one`)
  })
  const why = config.reward === plainReward ? null : whyNoReward(config)
  if (why !== null) refuse(['reward'], why)
  if (config.control === 'centralised' && config.observation !== 'full') {
    refuse(
      ['observation'],
      `a centralised dispatcher sees the full state, got "${config.observation}"; set observation: full`,
    )
  }
})

/** What is wrong with the expression of the reward; null where nothing is. */
function whyNoReward({ reward, hold, wait, conflict }: RoutingDispatchConfig): string | null {
  try {
    compileExpression(reward, quantityNames, { hold, wait, conflict })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Shares and times of quantiles must rise, and something must take time. */
function refuseQuantiles(
  given: AgentConfig['service'],
  refuse: (path: (string | number)[], message: string) => void,
): void {
  if (typeof given === 'number') return
  const { quantiles } = given
  quantiles.forEach(([share, ms], k) => {
    const [shareBefore, msBefore] = quantiles[k - 1] ?? [-1, -1]
    if (share <= shareBefore || ms <= msBefore) {
      refuse(
        ['quantiles', k],
        `expected shares and times that rise, got ${share}, ${ms} after ${shareBefore}, ${msBefore}`,
      )
    }
  })
  const [share] = quantiles.at(-1)!
  if (share === 0) refuse(['quantiles'], 'expected a share above 0 in the last pair: how many answers come by then')
  const [first, soonest] = quantiles[0]!
  if (first > 0 && soonest === 0) {
    refuse(['quantiles', 0], `expected a time above 0 for a share of ${first}, got 0`)
  }
}

export type RoutingDispatchConfig = z.infer<typeof plainSchema>

/** Some of the settings, those that aren't given left out: nothing is filled in. */
export type RoutingDispatchSettings = {
  readonly [K in keyof RoutingDispatchConfig]?: RoutingDispatchConfig[K] | undefined
}

/** Each setting by itself. What they come to with others is `routingDispatchConfig`'s matter. */
export const routingDispatchSettings = z.strictObject(
  Object.fromEntries(
    Object.entries(plainSchema.shape).map(([key, schema]) => {
      return [key, (schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema).optional()]
    }),
  ),
) as unknown as z.ZodType<RoutingDispatchSettings>
export type AgentConfig = z.infer<typeof agentSchema>
export type TypeConfig = z.infer<typeof typeSchema>

/** The agents and query types a config stands for. */
export function resolveInstance(config: Pick<RoutingDispatchConfig, 'instance' | 'agents' | 'types'>): {
  agents: readonly AgentConfig[]
  types: readonly TypeConfig[]
} {
  const base: { agents: readonly AgentConfig[]; types: readonly TypeConfig[] } = instances[config.instance]
  return { agents: config.agents ?? base.agents, types: config.types ?? base.types }
}

/** The agent's name, or its place where it has none. */
export function agentName(agent: AgentConfig, index: number): string {
  return agent.name ?? `agent-${index}`
}
