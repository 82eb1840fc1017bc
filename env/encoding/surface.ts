import { z } from 'zod'
import type { SparseVector } from '../sparse-matrix.js'
import type { TextVersion } from './analyzer.js'
import {
  classOf,
  digitCharacter,
  markCharacter,
  spaceCharacter,
  unspacedCharacter,
  wordCharacter,
} from './characters.js'
import type { Encoder, EncoderRow } from './encoder.js'
import type { Tensors } from './fitted-arrays.js'

/** What can be seen of a text without reading it, a column each. Counts are of code points, runs or marks. */
export const surfaceFeatures = [
  'characters',
  'words',
  'averageWordLength',
  'digits',
  'numbers',
  'punctuation',
  'questionMarks',
  'upperCase',
  'lines',
  'codeFences',
  'nonAscii',
] as const

export const surfaceConfig = z.strictObject({
  id: z.literal('surface'),
  log: z.boolean().default(true).describe('ln(1 + count) instead of the count'),
})

export type SurfaceConfig = z.infer<typeof surfaceConfig>

/**
 * Length and surface features; needs no fitting. A word is a run of letters, numerals and `_`, with their combining marks; in scripts
 * without spaces each character is one. Version 1 took a combining mark for punctuation, and a run of Chinese for one word.
 */
export class SurfaceEncoder implements Encoder {
  readonly id = 'surface'
  readonly version: TextVersion
  readonly size = surfaceFeatures.length
  readonly config: SurfaceConfig
  readonly #values = new Float64Array(surfaceFeatures.length)

  constructor(config: SurfaceConfig, version: TextVersion) {
    this.config = config
    this.version = version
  }

  fit(): void {}

  encode(row: EncoderRow, out: SparseVector): void {
    if (this.version === '1') count(row.text, this.#values, false)
    else count(row.text.normalize('NFC'), this.#values, true)
    out.clear()
    for (let k = 0; k < this.#values.length; k++) {
      const value = this.#values[k]!
      if (value !== 0) out.push(k, this.config.log ? Math.log1p(value) : value)
    }
  }

  export(): Tensors {
    return {}
  }

  load(): void {}
}

/** Question marks of all scripts: Latin, Arabic, Armenian, Ethiopic, full width. */
const questions: ReadonlySet<number> = new Set([0x3f, 0x61f, 0x55e, 0x1367, 0xff1f])

/** Writes the features of `text` to `out`, in the order of `surfaceFeatures`. @param anyScript - as from version 2 on */
function count(text: string, out: Float64Array, anyScript: boolean): void {
  let characters = 0
  let words = 0
  let letters = 0
  let digits = 0
  let numbers = 0
  let punctuation = 0
  let questionMarks = 0
  let upperCase = 0
  let lines = text === '' ? 0 : 1
  let codeFences = 0
  let nonAscii = 0
  let before = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.codePointAt(i)!
    if (c > 0xffff) i++
    const kind = classOf(c)
    characters++
    // A mark belongs to the letter before it, and leaves what comes next beside that letter.
    if (anyScript && (kind & markCharacter) !== 0 && (before & wordCharacter) !== 0) {
      if (c > 0x7f) nonAscii++
      continue
    }
    if ((kind & wordCharacter) !== 0) {
      letters++
      const alone = anyScript && ((kind | before) & unspacedCharacter) !== 0
      if (alone || (before & wordCharacter) === 0) words++
    } else if ((kind & spaceCharacter) === 0) {
      punctuation++
    }
    if ((kind & digitCharacter) !== 0) {
      digits++
      if ((before & digitCharacter) === 0) numbers++
    }
    if (anyScript ? questions.has(c) : c === 0x3f) questionMarks++
    if (c >= 0x41 && c <= 0x5a) upperCase++
    if (c === 0x0a) lines++
    if (c === 0x60 && text.startsWith('```', i) && text[i - 1] !== '`') codeFences++
    if (c > 0x7f) nonAscii++
    before = kind
  }
  out[0] = characters
  out[1] = words
  out[2] = words === 0 ? 0 : letters / words
  out[3] = digits
  out[4] = numbers
  out[5] = punctuation
  out[6] = questionMarks
  out[7] = upperCase
  out[8] = lines
  out[9] = codeFences
  out[10] = nonAscii
}
