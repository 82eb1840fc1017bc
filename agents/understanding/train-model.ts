import { z } from 'zod'
import { ConfigError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import type { Example } from './example.js'
import { fitIntents } from './fit-intents.js'
import { type FittedTagger, fitTagger } from './fit-tagger.js'
import { isSign } from './tokenise.js'
import { classified, UnderstandingModel, wordsOf } from './understanding-model.js'

/** How a model is trained. */
export const understandingOptions = z.strictObject({
  seed: z.string().default('0').describe('of all shuffles; equal seeds and sentences give equal models'),
  epochs: z.int().min(1).max(1000).default(6).describe('times that the tagger goes through the sentences'),
  rate: z.number().gt(0).max(10).default(0.05).describe("AdaGrad's step size"),
  l2: z.number().min(0).default(0.1).describe('penalty of the squared weights of the tagger'),
  minFrequency: z.int().min(1).default(2).describe('features that are met less often are left out'),
  cost: z.number().gt(0).default(1).describe('C of the intent classifier: how much a sentence on the wrong side costs'),
  turnedAway: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.01)
    .describe('the share of sentences in scope that may be taken for out of scope'),
  folds: z.int().min(2).max(20).default(3).describe('parts of the sentences, each held out once to calibrate on'),
})

export type UnderstandingOptions = z.infer<typeof understandingOptions>

/**
 * Trains a model on sentences that somebody has read.
 * @throws ConfigError when there are none with an intent
 */
export function trainUnderstanding(
  examples: readonly Example[],
  options: UnderstandingOptions = understandingOptions.parse({}),
): UnderstandingModel {
  const intents = [...new Set(examples.flatMap(({ intent }) => intent ?? []))].sort()
  if (intents.length === 0) {
    throw new ConfigError([{ path: 'intent', message: 'no sentence has an intent; expected one at least' }])
  }
  const rng = new Rng(options.seed)
  const number = new Map(intents.map((name, i) => [name, i]))
  const numberOf = (intent: string | null) => (intent === null ? -1 : number.get(intent)!)
  const rows = examples.map(({ tokens, intent }) => ({ text: classified(tokens), intent: numberOf(intent) }))
  const { classifier, encoder, report } = fitIntents(rows, intents, options, rng.fork('intents'))
  const inScope = examples.filter(({ intent }) => intent !== null)
  const lowerCase = examples.every(({ text }) => text === text.toLowerCase())
  const signs = new Set(examples.flatMap(({ tokens }) => tokens.map(({ text }) => text).filter(isSign)))
  let slots: FittedTagger | null = null
  if (inScope.some(({ tags }) => tags.some((tag) => tag !== 'O'))) {
    const sentences = inScope.map(({ tokens, tags, intent }) => ({
      ...wordsOf(tokens, lowerCase),
      tags,
      intent: numberOf(intent),
    }))
    slots = fitTagger(sentences, intents.length, options, rng.fork('slots'))
  }
  return new UnderstandingModel({
    lowerCase,
    signs: [...signs].sort(),
    classifier,
    encoder,
    slots,
    training: {
      sentences: examples.length,
      outOfScope: examples.length - inScope.length,
      seed: options.seed,
      intents: report,
    },
  })
}
