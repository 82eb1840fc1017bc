import { IntegerList } from '#env/encoding/byte-text.js'
import type { Rng } from '#env/rng.js'
import { FeatureIndex } from './feature-index.js'
import { FixedGazetteer, type Gazetteer, GazetteerCounts, type TaggedForms } from './gazetteer.js'
import type { FeatureRows, SlotTagger } from './slot-tagger.js'
import { dropSmall } from './sparse-table.js'
import { extractFeatures, type Words } from './templates.js'
import { type TaggedRows, TaggerTraining } from './train-tagger.js'

/** A sentence to learn tags from. */
export interface TaggedSentence extends Words, TaggedForms {
  readonly intent: number
}

/** Everything that it takes to tag words. */
export interface FittedTagger {
  readonly slots: readonly string[]
  readonly gazetteer: FixedGazetteer
  readonly features: FeatureIndex
  readonly tagger: SlotTagger
}

export interface FitOptions {
  readonly epochs: number
  readonly rate: number
  readonly l2: number
  /** Features that are met less often are left out. */
  readonly minFrequency: number
}

/** Fits a tagger, with the gazetteer that leaves out the sentence at hand. */
export function fitTagger(
  sentences: readonly TaggedSentence[],
  intents: number,
  options: FitOptions,
  rng: Rng,
): FittedTagger {
  const used = [...new Set(sentences.flatMap(({ tags }) => tags))].filter((tag) => tag !== 'O')
  const slots = [...new Set(used.map((tag) => tag.slice(2)))].sort()
  const tags = ['O', ...used.sort()]
  const tagNumber = new Map(tags.map((tag, i) => [tag, i]))
  const counts = new GazetteerCounts(slots)
  for (const sentence of sentences) counts.add(sentence)
  const all = new FeatureIndex()
  const frequency = new IntegerList()
  const raw = sentences.map((sentence) =>
    counts.without(sentence, () =>
      featureRows(sentence, counts, slots, (template, value) => {
        const feature = all.add(template, value)
        if (feature === frequency.length) frequency.push(0)
        frequency.data[feature]!++
        return feature
      }),
    ),
  )
  const { index, renumbered } = all.select((feature) => frequency.data[feature]! >= options.minFrequency)
  const training = new TaggerTraining(
    sentences.map(
      (sentence, i): TaggedRows => ({
        rows: renumber(raw[i]!, renumbered),
        intent: sentence.intent,
        tags: Int32Array.from(sentence.tags, (tag) => tagNumber.get(tag)!),
      }),
    ),
    { features: index.size, tags, intents },
    options,
  )
  training.run(rng)
  dropSmall(training.tagger.shared)
  for (const { weights } of training.tagger.intents) dropSmall(weights)
  const { words, phrases } = counts.entries()
  return { slots, gazetteer: new FixedGazetteer(words, phrases), features: index, tagger: training.tagger }
}

/** The features of a sentence, by number; those that `numberOf` gives -1 are left out. */
export function featureRows(
  words: Words,
  gazetteer: Gazetteer,
  slots: readonly string[],
  numberOf: (template: number, value: string) => number,
): FeatureRows {
  const ids: number[] = []
  const start = new Int32Array(words.forms.length + 1)
  extractFeatures(words, gazetteer, slots, (at, template, value) => {
    const feature = numberOf(template, value)
    if (feature >= 0) ids.push(feature)
    start[at + 1] = ids.length
  })
  return { ids: Int32Array.from(ids), start }
}

function renumber({ ids, start }: FeatureRows, renumbered: Int32Array): FeatureRows {
  const kept: number[] = []
  const starts = new Int32Array(start.length)
  for (let t = 0; t + 1 < start.length; t++) {
    for (let n = start[t]!; n < start[t + 1]!; n++) if (renumbered[ids[n]!]! >= 0) kept.push(renumbered[ids[n]!]!)
    starts[t + 1] = kept.length
  }
  return { ids: Int32Array.from(kept), start: starts }
}
