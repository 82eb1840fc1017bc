import type { Tensors } from '#env/encoding/fitted-arrays.js'
import type { TensorReader } from './tensor-reader.js'

/** Texts as arrays: `text` u8, UTF-8 one after the other, `start` i32 [n + 1]. */
export function packTexts(texts: readonly string[]): Tensors {
  const encoder = new TextEncoder()
  const parts = texts.map((text) => encoder.encode(text))
  const start = new Int32Array(texts.length + 1)
  parts.forEach((part, i) => {
    start[i + 1] = start[i]! + part.length
  })
  const text = new Uint8Array(start[texts.length]!)
  parts.forEach((part, i) => {
    text.set(part, start[i])
  })
  return { text: { shape: [text.length], data: text }, start: { shape: [start.length], data: start } }
}

/** @throws BundleError where a text comes twice or isn't UTF-8 */
export function unpackTexts(tensors: TensorReader, mayRepeat = false): string[] {
  const start = tensors.take('start', Int32Array)
  const text = tensors.take('text', Uint8Array)
  const ascends = start.every((at, i) => at >= (i === 0 ? 0 : start[i - 1]!))
  if (start[0] !== 0 || !ascends || start.at(-1) !== text.length) {
    throw tensors.refuse('start', `expected numbers that ascend from 0 to ${text.length}`)
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const texts: string[] = []
  try {
    for (let i = 0; i + 1 < start.length; i++) texts.push(decoder.decode(text.subarray(start[i], start[i + 1])))
  } catch {
    throw tensors.refuse('text', `number ${texts.length} isn't UTF-8`)
  }
  if (!mayRepeat && new Set(texts).size !== texts.length) throw tensors.refuse('text', 'one comes twice')
  return texts
}
