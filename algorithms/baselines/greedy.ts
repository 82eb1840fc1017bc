import { z } from 'zod'
import { ConfigError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { definePolicy } from '#env/registry.js'
import { type EnvSpec, oneChoiceLayout } from '#env/spec.js'
import { AgentTables } from '../tabular/agent-tables.js'
import { jointActions } from '../tabular/joint-actions.js'
import { IndependentTabularPolicy, JointTabularPolicy } from '../tabular/tabular-policy.js'

const row = z.array(z.number()).min(1)

export const greedyConfig = z
  .strictObject({
    values: z
      .array(z.array(row).min(1))
      .min(1)
      .optional()
      .describe("one table an agent: a row for each of its observations, in it each of its actions' score"),
    jointValues: z
      .array(row)
      .min(1)
      .optional()
      .describe("one table for the team: a row a state, in it each joint action's score, the last agent's fastest"),
  })
  .refine(({ values, jointValues }) => (values === undefined) !== (jointValues === undefined), {
    message: 'give either values (a table an agent) or jointValues (a table for the team)',
    path: ['values'],
  })

export type GreedyConfig = z.infer<typeof greedyConfig>

/**
 * Takes the legal actions of highest score in the tables given; ties to the lowest.
 * @throws ConfigError when a table doesn't fit the spec
 */
export function greedyPolicy(spec: EnvSpec, { values, jointValues }: GreedyConfig): Policy {
  if (jointValues !== undefined) {
    checkSize('jointValues', `states of ${spec.id}`, jointValues.length, spec.numStates)
    const { count } = jointActions(spec)
    jointValues.forEach((scores, s) => {
      checkSize(`jointValues.${s}`, 'joint actions', scores.length, count)
    })
    return new JointTabularPolicy(spec, Float64Array.from(jointValues.flat()))
  }
  const tables = values ?? []
  const { numActions, actionsOf } = oneChoiceLayout(spec, 'greedy')
  const { offset, length } = new AgentTables(spec)
  const flat = new Float64Array(length)
  checkSize('values', `agents of ${spec.id}`, tables.length, spec.agents.length)
  tables.forEach((table, i) => {
    const { name, numObservations } = spec.agents[i]!
    checkSize(`values.${i}`, `observations of "${name}"`, table.length, numObservations)
    table.forEach((scores, o) => {
      checkSize(`values.${i}.${o}`, `actions of "${name}"`, scores.length, actionsOf[i]!)
      flat.set(scores, offset[i]! + o * numActions)
    })
  })
  return new IndependentTabularPolicy(spec, flat)
}

function checkSize(path: string, what: string, got: number, expected: number): void {
  if (got === expected) return
  throw new ConfigError([
    { path, message: `expected ${expected} rows or scores, one for each of the ${what}, got ${got}` },
  ])
}

export const greedy = definePolicy<unknown, GreedyConfig>({
  name: 'greedy',
  aliases: [],
  summary: 'takes the legal actions of highest score in tables you give',
  schema: greedyConfig,
  create: ({ spec }, config) => greedyPolicy(spec, config),
})
