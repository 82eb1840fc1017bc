import { z } from 'zod'
import { defineAgent } from '../contract/agent-entry.js'
import { decodeModel } from './model-format.js'
import { RulesUnderstanding } from './rules-understanding.js'
import { UnderstandingAgent } from './understanding-agent.js'
import { understandingRulesSchema } from './understanding-rules.js'

/** Reads intent and slots with a trained model. */
export const understanding = defineAgent<{ model: string }>({
  name: 'understanding',
  aliases: [],
  summary: 'reads intent and slots of a question with a trained model (cadre understand train)',
  schema: z.strictObject({ model: z.string().min(1).describe('the model; relative to the team file') }),
  files: ({ model }) => [model],
  create: ({ model }, { name, files }) => new UnderstandingAgent(decodeModel(files.get(model)![0]!.bytes), name),
})

/** Reads intent and slots by patterns and word lists. */
export const understandingRules = defineAgent({
  name: 'understanding-rules',
  aliases: [],
  summary: 'reads intent and slots of a question by patterns and word lists',
  schema: understandingRulesSchema,
  create: (rules, { name }) => new RulesUnderstanding(rules, name),
})
