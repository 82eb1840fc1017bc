import { z } from 'zod'
import { type EncoderConfig, encoderConfig } from '../encoding/encoders.js'
import { quantityNames } from './quantities.js'

const probability = z.number().min(0).max(1)

const modelSchema = z.strictObject({
  name: z.string().min(1).describe('name of the model; with `outcomes`, as its columns are called'),
  costUsd: z.number().min(0).optional().describe('price of a call, USD; comes before what the outcome table says'),
  latencyMs: z.number().min(0).optional().describe('time of a call; comes before what the outcome table says'),
  skill: z.array(probability).min(1).optional().describe('profile only: probability of a right answer, one a type'),
})

const typeSchema = z.strictObject({
  name: z.string().min(1).describe('name of the query type'),
  share: z.number().gt(0).describe('how often such a query comes, against the other types'),
})

export type CascadeModelConfig = z.infer<typeof modelSchema>

/** The profile where the config names neither models nor types: cheap and dear models, easy and hard queries. */
export const defaultProfile = {
  types: [
    { name: 'easy', share: 2 },
    { name: 'hard', share: 1 },
  ],
  models: [
    { name: 'small', costUsd: 0.0002, latencyMs: 400, skill: [0.85, 0.3] },
    { name: 'medium', costUsd: 0.001, latencyMs: 900, skill: [0.9, 0.55] },
    { name: 'large', costUsd: 0.01, latencyMs: 2500, skill: [0.95, 0.85] },
  ],
}

/** What most routers of the literature read: words and pairs of words (Ong et al. 2024 compare with such baselines). */
const defaultEncoder: EncoderConfig = encoderConfig.parse({ id: 'tfidf', sublinearTf: true })

const plainSchema = z.strictObject({
  outcomes: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('outcome table to draw queries from: a data set or a file; null = the profile of `types` and `models`'),
  models: z
    .array(modelSchema)
    .min(1)
    .max(32)
    .optional()
    .describe('models to choose from, weak before strong; all of the table, or the example profile, where absent'),
  types: z.array(typeSchema).min(1).max(64).optional().describe('profile only: query types'),
  encoder: encoderConfig
    .default(defaultEncoder)
    .describe('outcome tables only: how the text of a query becomes features, fitted on training rows'),
  maxCalls: z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe('most models called for a query; 1 = choose one, its answer counts'),
  check: z
    .strictObject({
      truePositive: probability.default(0.9).describe('probability that the self-check passes a right answer'),
      falsePositive: probability.default(0.3).describe('probability that it passes a wrong one'),
    })
    .prefault({})
    .describe('the noisy self-check seen after each call'),
  reward: z
    .string()
    .default('quality - costWeight * costUsd - latencyWeight * latencyMs')
    .describe(
      `reward of a step, an expression over ${quantityNames.join(', ')} and the constants costWeight, latencyWeight`,
    ),
  costWeight: z.number().default(0).describe('what a US dollar costs, in right answers'),
  latencyWeight: z.number().default(0).describe('what a millisecond costs, in right answers'),
  order: z
    .enum(['shuffled', 'independent'])
    .default('shuffled')
    .describe('outcome tables only: shuffled = every row once before any comes again; independent = drawn anew'),
})

export type RoutingCascadeConfig = z.infer<typeof plainSchema>

/** What decides a run: the schema with the checks that need more than one key. */
export const routingCascadeConfig: z.ZodType<RoutingCascadeConfig> = plainSchema.superRefine((config, context) => {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
  const names = (config.models ?? []).map((model) => model.name)
  names.forEach((name, m) => {
    if (name === STOP) refuse(['models', m, 'name'], `"${STOP}" is the action that ends a cascade; rename the model`)
    if (names.indexOf(name) !== m) refuse(['models', m, 'name'], `model "${name}" is listed twice; names must differ`)
  })
  if (config.outcomes === null) checkProfile(config, refuse)
  else {
    if (config.types !== undefined) refuse(['types'], 'types belong to a profile; leave them out, or `outcomes`')
    config.models?.forEach((model, m) => {
      if (model.skill === undefined) return
      refuse(['models', m, 'skill'], 'the outcome table says how right a model is; leave skill out, or `outcomes`')
    })
  }
})

/** Label of the action that ends a cascade with the best answer so far. */
export const STOP = 'stop'

/** Types and models of a profile. */
export function resolveProfile(config: RoutingCascadeConfig): {
  readonly types: readonly z.infer<typeof typeSchema>[]
  readonly models: readonly CascadeModelConfig[]
} {
  return { types: config.types ?? defaultProfile.types, models: config.models ?? defaultProfile.models }
}

function checkProfile(
  config: RoutingCascadeConfig,
  refuse: (path: (string | number)[], message: string) => void,
): void {
  const { types, models } = resolveProfile(config)
  models.forEach((model, m) => {
    if (model.skill === undefined) {
      refuse(
        ['models', m],
        `model "${model.name}" has no skill; give one a type (${types.length}), or name \`outcomes\``,
      )
    } else if (model.skill.length !== types.length) {
      refuse(['models', m, 'skill'], `expected ${types.length} skills, one a query type, got ${model.skill.length}`)
    }
  })
  if (config.maxCalls > models.length) {
    refuse(['maxCalls'], `expected at most ${models.length}, the number of models, got ${config.maxCalls}`)
  }
}
