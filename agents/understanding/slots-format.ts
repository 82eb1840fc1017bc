import type { Tensors } from '#env/encoding/fitted-arrays.js'
import { prefixed } from '#env/encoding/parts.js'
import { BundleError } from '#env/errors.js'
import { tagProblem } from './bio.js'
import { FeatureIndex } from './feature-index.js'
import type { FittedTagger } from './fit-tagger.js'
import { FixedGazetteer, OUTSIDE } from './gazetteer.js'
import { packTexts, unpackTexts } from './packed-texts.js'
import { type IntentTags, SlotTagger } from './slot-tagger.js'
import { packTable, unpackTable } from './sparse-table.js'
import { templates } from './templates.js'
import type { TensorReader } from './tensor-reader.js'

/** What the description of a model says of its slots. */
export interface SlotNames {
  readonly slots: readonly string[]
  readonly tags: readonly string[]
  /** How many. */
  readonly intents: number
}

/** All arrays of a fitted tagger; weights sparse. */
export function packSlots({ features, gazetteer, tagger }: FittedTagger): Tensors {
  const list = features.list()
  const intents = tagger.intents.map((intent, i) =>
    prefixed(`intent${i}/`, { ...packIntent(intent), moves: one(intent.moves) }),
  )
  return Object.assign(
    {
      template: one(Uint8Array.from(list, ({ template }) => template)),
      moves: one(tagger.sharedMoves),
    },
    prefixed('feature/', packTexts(list.map(({ value }) => value))),
    prefixed('words/', packLists(gazetteer.words)),
    prefixed('phrases/', packLists(gazetteer.phrases)),
    prefixed('weights/', packTable(tagger.shared, tagger.tags.length)),
    ...intents,
  )
}

/** @throws BundleError where arrays don't fit each other or the names */
export function unpackSlots(tensors: TensorReader, { slots, tags, intents }: SlotNames): FittedTagger {
  checkTags(slots, tags)
  const features = unpackFeatures(tensors)
  const gazetteer = new FixedGazetteer(
    unpackLists(tensors.within('words'), slots.length, OUTSIDE),
    unpackLists(tensors.within('phrases'), slots.length, 0),
  )
  const shared = unpackTable(tensors.within('weights'), features.size, tags.length)
  const moves = tensors.take('moves', Float32Array, tags.length ** 2).slice()
  const parts = Array.from({ length: intents }, (_, i) =>
    unpackIntent(tensors.within(`intent${i}`), features.size, tags),
  )
  return { slots, gazetteer, features, tagger: new SlotTagger(tags, shared, moves, parts) }
}

/** O first, and every slot and tag once. */
function checkTags(slots: readonly string[], tags: readonly string[]): void {
  const known = new Set(['O', ...slots.flatMap((slot) => [`B-${slot}`, `I-${slot}`])])
  const problem =
    tags[0] !== 'O'
      ? 'expected O as the first tag'
      : new Set(slots).size !== slots.length || new Set(tags).size !== tags.length
        ? 'a slot or tag comes twice'
        : tags.find((tag) => !known.has(tag) || (tag.startsWith('I-') && tagProblem(tag.replace('I-', 'B-'), tag)))
  if (problem !== undefined) throw new BundleError(`understanding model: tags: ${problem}; the file is altered`)
}

function unpackFeatures(tensors: TensorReader): FeatureIndex {
  const values = unpackTexts(tensors.within('feature'), true)
  const template = tensors.take('template', Uint8Array, values.length)
  const index = new FeatureIndex()
  values.forEach((value, feature) => {
    if (template[feature]! >= templates.length) {
      throw tensors.refuse('template', `number ${feature} is ${template[feature]}, of ${templates.length}`)
    }
    if (index.add(template[feature]!, value) !== feature) throw tensors.refuse('feature', 'one comes twice')
  })
  return index
}

/** Weights of the features that any weight of isn't 0: others count as never met. */
function packIntent({ tags, rowOf, weights }: IntentTags): Tensors {
  const K = tags.length
  const features: number[] = []
  const kept: number[] = []
  rowOf.forEach((row, feature) => {
    if (row < 0) return
    const own = weights.subarray(row * K, (row + 1) * K)
    if (own.every((weight) => weight === 0)) return
    features.push(feature)
    for (const weight of own) kept.push(weight)
  })
  return {
    tags: one(tags),
    feature: one(Int32Array.from(features)),
    ...prefixed('weights/', packTable(Float32Array.from(kept), K)),
  }
}

function unpackIntent(tensors: TensorReader, features: number, tags: readonly string[]): IntentTags {
  const own = tensors.take('tags', Int32Array).slice()
  const ascends = own.every((tag, k) => tag < tags.length && tag > (k === 0 ? -1 : own[k - 1]!))
  if (own[0] !== 0 || !ascends) throw tensors.refuse('tags', `expected tags 0 .. ${tags.length - 1} that ascend from 0`)
  const rowFeature = tensors.take('feature', Int32Array)
  const rowOf = new Int32Array(features).fill(-1)
  rowFeature.forEach((feature, row) => {
    const before = row === 0 ? -1 : rowFeature[row - 1]!
    if (!(feature > before && feature < features)) throw tensors.refuse('feature', `row ${row} is of ${feature}`)
    rowOf[feature] = row
  })
  return {
    tags: own,
    rowOf,
    weights: unpackTable(tensors.within('weights'), rowFeature.length, own.length),
    moves: tensors.take('moves', Float32Array, own.length ** 2).slice(),
  }
}

/** Lists of slots by text: `slot` i32, one list after the other, `first` i32 [n + 1]. */
function packLists(lists: ReadonlyMap<string, readonly number[]>): Tensors {
  const first = new Int32Array(lists.size + 1)
  const slots: number[] = []
  let i = 0
  for (const list of lists.values()) {
    slots.push(...list)
    first[++i] = slots.length
  }
  return { ...packTexts([...lists.keys()]), slot: one(Int32Array.from(slots)), first: one(first) }
}

function unpackLists(tensors: TensorReader, slots: number, least: number): [string, readonly number[]][] {
  const texts = unpackTexts(tensors)
  const first = tensors.take('first', Int32Array, texts.length + 1)
  const slot = tensors.take('slot', Int32Array, first.at(-1))
  if (!slot.every((s) => s >= least && s < slots)) throw tensors.refuse('slot', `expected ${least} .. ${slots - 1}`)
  return texts.map((text, i): [string, readonly number[]] => {
    const from = i === 0 ? 0 : first[i]!
    if (!(first[i + 1]! > from)) throw tensors.refuse('first', `"${text}" has no slot`)
    return [text, Array.from(slot.subarray(from, first[i + 1]))]
  })
}

function one(data: Float32Array | Int32Array | Uint8Array): Tensors[string] {
  return { shape: [data.length], data }
}
