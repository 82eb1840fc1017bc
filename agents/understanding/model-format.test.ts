import { beforeAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '#algorithms/bundle/safetensors.js'
import { BundleError } from '#env/errors.js'
import type { Tensor } from '#env/policy.js'
import { decodeModel, describeModel, encodeModel } from './model-format.js'
import { toySentences } from './testing/toy-sentences.js'
import { trainUnderstanding } from './train-model.js'
import type { UnderstandingModel } from './understanding-model.js'

let model: UnderstandingModel
let bytes: Uint8Array
beforeAll(() => {
  model = trainUnderstanding(toySentences(80))
  bytes = encodeModel(model)
})

type Description = { [key: string]: unknown }
type Tensors = { [name: string]: Tensor }

/** The model with a change, and with a hash that holds for it. */
function altered(change: (description: Description, tensors: Tensors) => void): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const { sha256: _, ...description } = JSON.parse(metadata.cadre!) as Description
  const own: Tensors = { ...tensors }
  change(description, own)
  return encodeSafetensors(own, { cadre: describeModel(description, own) })
}

function reasonOf(given: Uint8Array): string {
  try {
    decodeModel(given)
  } catch (error) {
    expect(error).toBeInstanceOf(BundleError)
    return (error as Error).message
  }
  return 'taken'
}

describe('a saved model', () => {
  it('reads every question as before, to the last bit', () => {
    const loaded = decodeModel(bytes)
    for (const { text } of toySentences(40, 'others')) expect(loaded.frame(text)).toEqual(model.frame(text))
    expect(loaded.explain('play boston')).toEqual(model.explain('play boston'))
    expect(encodeModel(loaded)).toEqual(bytes)
  })

  it('may have no slots', () => {
    const bare = trainUnderstanding(toySentences(40).map((one) => ({ ...one, tags: one.tags.map(() => 'O') })))
    expect(decodeModel(encodeModel(bare)).frame('play bach')).toEqual(bare.frame('play bach'))
  })

  it('is refused with any byte altered', () => {
    const { length } = bytes
    for (let n = 0; n < 60; n++) {
      const at = Math.floor((n / 60) * length)
      const other = bytes.slice()
      other[at]! ^= 1
      expect(reasonOf(other)).not.toBe('taken')
    }
    expect(reasonOf(bytes.subarray(0, length - 1))).toMatch(/truncated/)
    expect(reasonOf(new TextEncoder().encode('text'))).toMatch(/safetensors/)
    expect(reasonOf(encodeSafetensors({}))).toMatch(/has no description of one; is it something else/)
  })

  it.each<[string, (description: Description, tensors: Tensors) => void, RegExp]>([
    [
      'another format',
      (d) => (d.format = 'cadre-understanding/9'),
      /expected format cadre-understanding\/1, got "cadre-u/,
    ],
    ['an unknown key', (d) => (d.more = 1), /Unrecognized key/],
    ['no intents', (d) => (d.intents = []), /intents: /],
    ['an intent twice', (d) => (d.intents = ['book', 'book', 'music']), /intents: "book" comes twice/],
    ['a sharpness of 0', (d) => ((d.calibration as Description).sharpness = 0), /calibration\.sharpness/],
    ['a share above 1', (d) => ((d.training as Description).intents = { accuracy: 2 }), /training\.intents\.accuracy/],
    ['tags without slots', (d) => (d.slots = null), /slots and tags: expected both or neither/],
    ['no O', (d) => (d.tags as string[]).reverse(), /tags: expected O as the first/],
    ['a tag of no slot', (d) => ((d.tags as string[])[1] = 'B-x'), /tags: B-x/],
    ['another encoder', (d) => ((d.encoder as Description).version = '1'), /made with version 1 of its encoder/],
    ['a bad encoder', (d) => ((d.encoder as Description).config = { id: 'x' }), /encoder\.config\.id/],
    ['an array too many', (_, t) => (t.more = t['slots/moves']!), /unknown array "more"/],
    ['an array too few', (_, t) => void delete t['slots/moves'], /array "slots\/moves": absent/],
    ['an array of another type', (_, t) => (t['slots/moves'] = t['slots/template']!), /expected Float32Array/],
    ['an array of another length', (_, t) => cut(t, 'slots/moves'), /slots\/moves": expected Float32Array \[\d+\]/],
    ['NaN', (_, t) => set(t, 'slots/moves', 3, Number.NaN), /slots\/moves": holds NaN/],
    ['a template that nobody has', (_, t) => set(t, 'slots/template', 0, 99), /number 0 is 99, of 22/],
    ['a feature twice', (_, t) => twice(t), /slots\/feature": one comes twice/],
    ['a tag that the intent cannot have', (_, t) => set(t, 'slots/intent0/tags', 1, 999), /intent0\/tags/],
    ['a row of no feature', (_, t) => set(t, 'slots/intent0/feature', 0, -1), /intent0\/feature": row 0 is of -1/],
    [
      'an entry outside the table',
      (_, t) => set(t, 'slots/weights/column', 0, 250),
      /weights\/column": entry 0 is 250/,
    ],
    ['counts that are off', (_, t) => set(t, 'slots/weights/count', 0, -1), /weights\/count": row 0 has -1 entries/],
    ['fewer counts than values', (_, t) => set(t, 'slots/weights/count', 0, 0), /weights\/c/],
    ['a slot that is not there', (_, t) => set(t, 'slots/words/slot', 0, 50), /words\/slot": expected -1 \.\. \d/],
    ['a word without slots', (_, t) => set(t, 'slots/words/first', 1, 0), /words\/first"/],
    ['texts that are off', (_, t) => set(t, 'slots/words/start', 0, 1), /words\/start": expected numbers that ascend/],
    ['what is no text', (_, t) => set(t, 'slots/words/text', 0, 0xff), /words\/text": number 0 isn't UTF-8/],
    [
      'a width that does not fit',
      (_, t) => cut(t, 'intents/weights/count'),
      /intents\/weights\/count": expected Int32/,
    ],
    ['an array that the encoder lacks', (_, t) => (t['intents/encoder/x'] = t['slots/moves']!), /no array "x"/],
    ['an encoder without its terms', (_, t) => void delete t['intents/encoder/0/terms'], /encoder doesn't fit/],
  ])('is refused with %s', (_, change, reason) => {
    expect(reasonOf(altered(change))).toMatch(reason)
  })

  it('is taken where nothing is changed', () => {
    expect(reasonOf(altered(() => undefined))).toBe('taken')
  })
})

function set(tensors: Tensors, name: string, at: number, value: number): void {
  const { shape, data } = tensors[name]!
  const own = data.slice()
  own[at] = value
  tensors[name] = { shape, data: own }
}

function cut(tensors: Tensors, name: string): void {
  const data = tensors[name]!.data.slice(1)
  tensors[name] = { shape: [data.length], data }
}

/** Gives the second feature the name of the first: the bias twice. */
function twice(tensors: Tensors): void {
  const { data } = tensors['slots/feature/start']!
  set(tensors, 'slots/template', 1, 0)
  set(tensors, 'slots/feature/start', 2, 0)
  expect(data[1]).toBe(0)
}
