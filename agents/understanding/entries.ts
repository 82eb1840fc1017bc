import { z } from 'zod'
import { defineAgent } from '../contract/agent-entry.js'
import { continuesField, continuing } from './continued-intent.js'
import { decodeModel } from './model-format.js'
import { neededSlotsField, needingSlots, tellNeeded } from './needed-slots.js'
import { RulesUnderstanding } from './rules-understanding.js'
import { UnderstandingAgent } from './understanding-agent.js'
import { understandingRulesSchema } from './understanding-rules.js'

const understandingConfig = z.strictObject({
  model: z.string().min(1).describe('the model; relative to the team file'),
  needs: neededSlotsField,
  continues: continuesField,
})

/** Reads intent and slots with a trained model. */
export const understanding = defineAgent<z.infer<typeof understandingConfig>>({
  name: 'understanding',
  aliases: [],
  summary: 'reads intent and slots of a question with a trained model (cadre understand train)',
  schema: understandingConfig,
  files: ({ model }) => [model],
  create: ({ model, needs, continues }, { name, files, knows, speaksOf }) => {
    const read = decodeModel(files.get(model)![0]!.bytes)
    const { classifier, slots } = read.parts
    knows({ intents: classifier.intents, slots: slots?.slots ?? [] })
    tellNeeded(needs, speaksOf)
    return needingSlots(continuing(new UnderstandingAgent(read, name), read, continues), needs)
  },
})

const rulesConfig = understandingRulesSchema.extend({ needs: neededSlotsField, continues: continuesField })

/** Reads intent and slots by patterns and word lists. */
export const understandingRules = defineAgent<z.infer<typeof rulesConfig>>({
  name: 'understanding-rules',
  aliases: [],
  summary: 'reads intent and slots of a question by patterns and word lists',
  schema: rulesConfig,
  create: ({ needs, continues, ...rules }, { name, knows, speaksOf }) => {
    knows({ intents: rules.intents.map(({ intent }) => intent), slots: rules.slots.map(({ slot }) => slot) })
    tellNeeded(needs, speaksOf)
    const agent = new RulesUnderstanding(rules, name)
    return needingSlots(continuing(agent, agent, continues), needs)
  },
})
