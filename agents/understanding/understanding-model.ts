import type { EncoderConfig } from '#env/encoding/encoders.js'
import type { Frame } from '../contract/agent.js'
import { spansOf } from './bio.js'
import type { Chain } from './chain.js'
import type { Token } from './example.js'
import { featureName } from './feature-index.js'
import type { IntentReport } from './fit-intents.js'
import { type FittedTagger, featureRows } from './fit-tagger.js'
import { type IntentClassifier, type IntentReading, indexOfMost } from './intent-classifier.js'
import type { FeatureRows } from './slot-tagger.js'
import { isSign, tokenise, wordForm } from './tokenise.js'

/** How a model was made. */
export interface TrainingRecord {
  readonly sentences: number
  readonly outOfScope: number
  readonly seed: string
  readonly intents: IntentReport
}

/** What a model consists of. */
export interface ModelParts {
  /** Whether texts are read in lower case, as all were that it learned from. */
  readonly lowerCase: boolean
  /** Signs that it met; others are passed over. */
  readonly signs: readonly string[]
  readonly classifier: IntentClassifier
  readonly encoder: EncoderConfig
  /** Null where no training sentence had slots. */
  readonly slots: FittedTagger | null
  readonly training: TrainingRecord
}

/** A sentence as the model reads it. */
export interface Reading {
  readonly intent: IntentReading
  /** The words it looked at. */
  readonly tokens: readonly Token[]
  /** O, B-SLOT or I-SLOT for each; all O where it is out of scope. */
  readonly tags: readonly string[]
  /** P(tags | intent, question) */
  readonly tagsProbability: number
  readonly slots: Frame['slots']
}

/** Why a word got its tag. */
export interface TagReasons {
  readonly token: string
  readonly tag: string
  readonly probability: number
  /** The tag that comes next. */
  readonly instead: string
  /** What spoke for the tag rather than the next one, the most first: the difference of their weights. */
  readonly features: readonly { readonly feature: string; readonly weight: number; readonly lead: number }[]
}

/** Reads a question into a frame: P(i, s | q) = P(i | q) P(s | i, q). The intent first, then slots by its own tags. */
export class UnderstandingModel {
  readonly parts: ModelParts
  readonly #signs: ReadonlySet<string>

  constructor(parts: ModelParts) {
    this.parts = parts
    this.#signs = new Set(parts.signs)
  }

  /** What a question means. Its confidence is the joint probability of intent and slots, or that it is out of scope. */
  frame(text: string): Frame {
    const { intent, slots, tagsProbability } = this.read(text)
    const name = intent.intent < 0 ? null : this.parts.classifier.intents[intent.intent]!
    return { intent: name, confidence: intent.confidence * tagsProbability, slots: [...slots] }
  }

  /**
   * @param tokens - the words, where they are known, such as those of a tagged file
   * @param options.closed - the question is known to be in scope: its intent is the likeliest, however low it scores
   */
  read(text: string, tokens: readonly Token[] = this.tokens(text), options: { closed?: boolean } = {}): Reading {
    const intent = this.parts.classifier.read(classified(tokens), options.closed)
    return { intent, tokens, ...this.#tagged(text, tokens, intent.intent) }
  }

  /** What a question names where its intent is known; nothing where the model doesn't know that intent. */
  slotsGiven(text: string, intent: string): Frame['slots'] {
    return [...this.#tagged(text, this.tokens(text), this.parts.classifier.intents.indexOf(intent)).slots]
  }

  /** @param intent - -1: none */
  #tagged(text: string, tokens: readonly Token[], intent: number): Pick<Reading, 'tags' | 'tagsProbability' | 'slots'> {
    const { slots } = this.parts
    if (intent < 0 || slots === null) return { tags: tokens.map(() => 'O'), tagsProbability: 1, slots: [] }
    const { chain, tags: own } = this.#chainOf(tokens, slots, intent)
    const log = chain.sums()
    const best = new Int32Array(tokens.length)
    chain.best(best)
    const tags = Array.from(best, (k) => slots.tagger.tags[own[k]!]!)
    const found = spansOf(tags).map(({ name, first, end }) => {
      const from = tokens[first]!.from
      const { to } = tokens[end - 1]!
      const inside = own.indexOf(slots.tagger.tags.indexOf(`I-${name}`))
      const confidence = chain.spanProbability(first, end, best[first]!, inside)
      return { name, text: text.slice(from, to), from, to, confidence: Math.min(1, confidence) }
    })
    return { tags, tagsProbability: Math.min(1, Math.exp(chain.scoreOf(best) - log)), slots: found }
  }

  /** P(i, s | q), given that the question is in scope; 0 where the intent hasn't the tags, or BIO forbids them. */
  probability(tokens: readonly Token[], intent: number, tags: readonly string[]): number {
    const { classifier, slots } = this.parts
    const p = classifier.read(classified(tokens)).probability[intent]!
    if (slots === null) return tags.every((tag) => tag === 'O') ? p : 0
    const { chain, tags: own } = this.#chainOf(tokens, slots, intent)
    const sequence = Int32Array.from(tags, (tag) => own.indexOf(slots.tagger.tags.indexOf(tag)))
    if (sequence.includes(-1)) return 0
    const log = chain.sums()
    return p * Math.exp(chain.scoreOf(sequence) - log)
  }

  /** The tags that an intent has. */
  tagsOf(intent: number): readonly string[] {
    const { slots } = this.parts
    return slots === null ? ['O'] : Array.from(slots.tagger.intents[intent]!.tags, (tag) => slots.tagger.tags[tag]!)
  }

  /**
   * Why the model read a question as it did: the terms that spoke for its intent (the likeliest, where it is out of scope), and for
   * each word the features that spoke for its tag.
   * @param most - of each list
   */
  explain(text: string, most = 5): { terms: { term: string; weight: number }[]; words: TagReasons[] } {
    const reading = this.read(text)
    const { classifier, slots } = this.parts
    const { intent, probability } = reading.intent
    const likeliest = intent >= 0 ? intent : indexOfMost(probability)
    const terms = classifier.explain(classified(reading.tokens), likeliest).slice(0, most)
    if (slots === null) return { terms, words: [] }
    const { chain, rows } = this.#chainOf(reading.tokens, slots, likeliest)
    chain.sums()
    const names = slots.features.list()
    const tags = this.tagsOf(likeliest)
    const words = reading.tokens.map((token, t): TagReasons => {
      const marginal = chain.marginal.subarray(t * tags.length, (t + 1) * tags.length)
      const k = tags.indexOf(reading.tags[t]!)
      const next = indexOfMost(marginal.map((p, i) => (i === k ? -1 : p)))
      const features = Array.from(rows.ids.subarray(rows.start[t], rows.start[t + 1]), (feature) => {
        const weight = slots.tagger.weight(likeliest, feature, k)
        const { template, value } = names[feature]!
        const lead = weight - slots.tagger.weight(likeliest, feature, next)
        return { feature: featureName(template, value), weight, lead }
      })
      return {
        token: token.text,
        tag: tags[k]!,
        probability: marginal[k]!,
        instead: tags[next]!,
        features: features.sort((a, b) => b.lead - a.lead).slice(0, most),
      }
    })
    return { terms, words }
  }

  /** The words of a text that the model reads: all but signs that it never met. */
  tokens(text: string): Token[] {
    return tokenise(text).filter(({ text: word }) => !isSign(word) || this.#signs.has(word))
  }

  #chainOf(
    tokens: readonly Token[],
    { gazetteer, slots, features, tagger }: FittedTagger,
    intent: number,
  ): { chain: Chain; rows: FeatureRows; tags: Int32Array } {
    const rows = featureRows(wordsOf(tokens, this.parts.lowerCase), gazetteer, slots, (template, value) =>
      features.find(template, value),
    )
    return { chain: tagger.chain(intent, rows), rows, tags: tagger.intents[intent]!.tags }
  }
}

/** What the classifier reads of words. */
export function classified(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => wordForm(text)).join(' ')
}

/** What features are made of. */
export function wordsOf(tokens: readonly Token[], lowerCase: boolean): { texts: string[]; forms: string[] } {
  return {
    texts: tokens.map(({ text }) => (lowerCase ? text.toLowerCase() : text)),
    forms: tokens.map(({ text }) => wordForm(text)),
  }
}
