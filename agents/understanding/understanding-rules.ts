import { z } from 'zod'

const name = z.string().min(1)
const confidence = z.number().gt(0).max(1)

/** Patterns and word lists, as a rules agent reads them. */
export const understandingRulesSchema = z.strictObject({
  intents: z
    .array(
      z.strictObject({
        intent: name,
        patterns: z
          .array(name)
          .min(1)
          .describe(
            'words that must come in this order: `a|b` either of them, `{slot}` words that are this slot, `...` any words between',
          ),
        confidence: confidence.default(0.9).describe('how often the rule is right where one of its patterns fits'),
      }),
    )
    .min(1)
    .describe('of intents that fit, the one whose pattern says most words; of equal ones the first'),
  slots: z
    .array(
      z
        .strictObject({
          slot: name,
          words: z.array(name).default([]).describe('what may fill it: words and phrases, in any case'),
          shape: z
            .string()
            .min(1)
            .optional()
            .describe(
              'a word of this outline fills it: 0 a digit, x a letter, * any number of the sign before; `00*` from one digit',
            ),
          confidence: confidence.default(0.9),
        })
        .refine(({ words, shape }) => words.length > 0 || shape !== undefined, {
          error: 'nothing fills it; give it words, a shape, or both',
        }),
    )
    .default([])
    .describe('found anywhere in a question; the longest first'),
  none: z
    .strictObject({ confidence: confidence.default(0.5) })
    .prefault({})
    .describe('how sure it is that a question is none of the intents where no pattern fits'),
})

export type UnderstandingRules = z.infer<typeof understandingRulesSchema>
