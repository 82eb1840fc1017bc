import { z } from 'zod'
import { defaultAsk, defaultEntry, defaultStages, defaultSuccess } from './default-instance.js'
import { quantityNames } from './quantities.js'

const probability = z.number().min(0).max(1)
const distribution = z.array(probability).min(1)
const after = z.array(z.string().min(1)).describe('names of the agents that have answered in this stage, in any order')

const agentSchema = z.strictObject({
  name: z.string().min(1).describe('name of the agent, unique within its stage'),
  price: z.number().min(0).describe('what an answer costs, reward units; a failed call costs nothing'),
  latencyS: z.number().min(0).default(0).describe('seconds that an answer takes'),
  failure: probability.default(0).describe('probability that a call fails'),
  timeoutS: z.number().min(0).default(0).describe('seconds after which a failed call is given up'),
  repeat: z
    .enum(['again', 'same'])
    .default('again')
    .describe(
      'what a second call in a stage gives: another draw, or the first answer again (programs), which is illegal',
    ),
  outcome: z
    .union([
      z.array(distribution).min(1),
      z
        .array(z.strictObject({ after, grades: z.array(distribution).min(1).describe('a row for each grade before') }))
        .min(1),
    ])
    .describe(
      'probabilities of the grades that it gives, a row for each grade the stage was entered with; the best grade so far counts. Or a list of such tables by who has answered before: rows are then by the grade so far, and the new grade replaces it',
    ),
})

const stageSchema = z.strictObject({
  name: z.string().min(1).describe('name of the stage'),
  agents: z.array(agentSchema).min(1).max(16).describe('who can be called there'),
})

/** Of a step. */
export const defaultReward =
  'value * quality - costUsd - delayPrice * latencyMs / 1000 - askPrice * asked + handOver * handedOver'

const plainSchema = z.strictObject({
  stages: z.array(stageSchema).min(1).max(16).prefault(defaultStages).describe('the stages of a question, in order'),
  grades: z
    .array(z.string().min(1))
    .min(1)
    .max(16)
    .optional()
    .describe('names of the grades, worst first; low, middle, high where there are three'),
  maxCallsPerStage: z.int().min(1).max(64).default(2).describe('most calls in a stage, failed ones included'),
  maxCalls: z.int().min(1).max(1000).default(6).describe('most calls for a question'),
  entry: distribution.default(defaultEntry).describe('probabilities of how easy a question looks: its first grade'),
  ask: z
    .strictObject({
      price: z.number().min(0).describe('what asking the user back costs, reward units'),
      outcome: z
        .array(distribution)
        .min(1)
        .describe('probabilities of the grade afterwards, a row for each grade before'),
    })
    .nullable()
    .default(defaultAsk)
    .describe('asking the user back once, before anything else; null = never'),
  handOver: z.number().default(4).describe('what handing over to a person earns, reward units'),
  value: z.number().default(10).describe('what a right answer earns, reward units'),
  success: z
    .union([distribution, z.array(z.strictObject({ after, success: distribution })).min(1)])
    .default(defaultSuccess)
    .describe(
      'probability of a right answer by the last grade; or a list of such rows by who has answered in the last stage',
    ),
  delayPrice: z.number().min(0).default(0.4).describe('what a second of waiting costs, reward units'),
  reward: z
    .string()
    .default(defaultReward)
    .describe(
      `reward of a step, an expression over ${quantityNames.join(', ')} and the constants value, delayPrice, askPrice, handOver`,
    ),
})

export type RoutingPipelineConfig = z.infer<typeof plainSchema>
export type StageConfig = z.infer<typeof stageSchema>
export type PipelineAgentConfig = z.infer<typeof agentSchema>
/** Tables by who has answered before in the stage. */
export type OutcomeTables = Exclude<PipelineAgentConfig['outcome'], number[][]>
export type SuccessTables = Exclude<RoutingPipelineConfig['success'], number[]>

type Refuse = (path: (string | number)[], message: string) => void

/** What decides a run: the schema with the checks that need more than one key. */
export const routingPipelineConfig = plainSchema.superRefine((config, context) => {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message })
  const grades = config.entry.length
  checkRow(config.entry, grades, refuse, ['entry'])
  if (config.grades !== undefined && config.grades.length !== grades) {
    refuse(['grades'], `expected ${grades} names, one for each entry, got ${config.grades.length}`)
  }
  if (config.ask !== null) checkRows(config.ask.outcome, grades, refuse, ['ask', 'outcome'])
  repeatedNames(config.stages, refuse, ['stages'])
  config.stages.forEach((stage, k) => {
    repeatedNames(stage.agents, refuse, ['stages', k, 'agents'])
    checkStage(config, stage, refuse, ['stages', k])
  })
  checkSuccess(config, refuse)
})

/** Whether the grade after a call depends on who has answered before. */
export function isJoint(stage: StageConfig): boolean {
  return isTables(stage.agents[0]!.outcome)
}

export function isTables(outcome: PipelineAgentConfig['outcome']): outcome is OutcomeTables {
  return !Array.isArray(outcome[0])
}

export function isSuccessTables(success: RoutingPipelineConfig['success']): success is SuccessTables {
  return typeof success[0] !== 'number'
}

/** Names of the grades, worst first. */
export function gradeNames({ grades, entry }: Pick<RoutingPipelineConfig, 'grades' | 'entry'>): readonly string[] {
  if (grades !== undefined) return grades
  return entry.length === 3 ? ['low', 'middle', 'high'] : entry.map((_, g) => `grade ${g}`)
}

/** [2^M], whether so many agents can have answered when another call is made in a stage. */
export function calledSets(agents: number, mostCalls: number): number[] {
  const sets: number[] = []
  for (let bits = 0; bits < 2 ** agents; bits++) if (countBits(bits) <= mostCalls) sets.push(bits)
  return sets
}

/** The set of a list of names, as bits by place. @returns -1 where a name is not in the stage */
export function bitsOf(names: readonly string[], stage: StageConfig): number {
  let bits = 0
  for (const name of names) {
    const m = stage.agents.findIndex((agent) => agent.name === name)
    if (m < 0) return -1
    bits |= 1 << m
  }
  return bits
}

/** A set of agents of a stage, for people. */
export function namesOf(bits: number, stage: StageConfig): string {
  const names = stage.agents.filter((_, m) => (bits & (1 << m)) !== 0).map(({ name }) => name)
  return names.length === 0 ? 'nobody' : names.join(' and ')
}

function checkStage(
  config: RoutingPipelineConfig,
  stage: StageConfig,
  refuse: Refuse,
  path: (string | number)[],
): void {
  const grades = config.entry.length
  const joint = isJoint(stage)
  const sets = calledSets(stage.agents.length, config.maxCallsPerStage - 1)
  stage.agents.forEach(({ name, outcome }, m) => {
    const at = [...path, 'agents', m, 'outcome']
    if (isTables(outcome) !== joint) {
      refuse(
        at,
        'every agent of a stage has one table, or every one has a list of tables by who answered before; got both',
      )
    } else if (isTables(outcome)) {
      const given = outcome.map(({ after, grades: rows }, k) => {
        checkRows(rows, grades, refuse, [...at, k, 'grades'])
        return readAfter(after, stage, refuse, [...at, k, 'after'])
      })
      for (const bits of sets) {
        if ((bits & (1 << m)) === 0 && !given.includes(bits)) {
          refuse(at, `"${name}" has no table for when ${namesOf(bits, stage)} answered before; add one`)
        }
      }
    } else checkRows(outcome, grades, refuse, at)
  })
}

function checkSuccess(config: RoutingPipelineConfig, refuse: Refuse): void {
  const { success, entry, stages, maxCallsPerStage } = config
  if (!isSuccessTables(success)) {
    if (success.length !== entry.length) {
      refuse(['success'], `expected ${entry.length} probabilities, one for each grade, got ${success.length}`)
    }
    return
  }
  const last = stages.at(-1)!
  if (!isJoint(last)) {
    refuse(
      ['success'],
      `the last stage, "${last.name}", has one table an agent; give one row of probabilities, by grade`,
    )
    return
  }
  const given = success.map(({ after, success: row }, k) => {
    if (row.length !== entry.length) {
      refuse(['success', k, 'success'], `expected ${entry.length} probabilities, one for each grade, got ${row.length}`)
    }
    return readAfter(after, last, refuse, ['success', k, 'after'])
  })
  for (const bits of calledSets(last.agents.length, maxCallsPerStage)) {
    if (bits !== 0 && !given.includes(bits)) {
      refuse(['success'], `there is no row for when ${namesOf(bits, last)} answered; add one`)
    }
  }
}

function readAfter(names: readonly string[], stage: StageConfig, refuse: Refuse, path: (string | number)[]): number {
  const bits = bitsOf(names, stage)
  if (bits < 0) {
    const known = stage.agents.map(({ name }) => name)
    const other = names.find((name) => !known.includes(name))
    refuse(path, `"${other}" is not an agent of stage "${stage.name}", which has ${known.join(', ')}`)
  }
  return bits
}

function checkRows(rows: readonly number[][], grades: number, refuse: Refuse, path: (string | number)[]): void {
  if (rows.length !== grades) refuse(path, `expected ${grades} rows, one for each grade before, got ${rows.length}`)
  rows.forEach((row, g) => {
    checkRow(row, grades, refuse, [...path, g])
  })
}

function checkRow(row: readonly number[], grades: number, refuse: Refuse, path: (string | number)[]): void {
  const sum = row.reduce((total, one) => total + one, 0)
  if (row.length !== grades) refuse(path, `expected ${grades} probabilities, one for each grade, got ${row.length}`)
  else if (Math.abs(sum - 1) > 1e-9) refuse(path, `probabilities sum to ${sum}, expected 1`)
}

function repeatedNames(list: readonly { name: string }[], refuse: Refuse, path: (string | number)[]): void {
  list.forEach(({ name }, i) => {
    if (list.findIndex((other) => other.name === name) === i) return
    refuse([...path, i, 'name'], `"${name}" is there twice; names must differ`)
  })
}

function countBits(bits: number): number {
  let count = 0
  for (let rest = bits; rest > 0; rest &= rest - 1) count++
  return count
}
