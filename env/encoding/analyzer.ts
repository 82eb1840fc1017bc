import { ByteText, IntegerList } from './byte-text.js'
import { classOf, markCharacter, spaceCharacter, unspacedCharacter, wordCharacter } from './characters.js'

/**
 * word: n-grams of words of two characters and more, joined by a space; char: n-grams of characters, runs of space as
 * one; char_wb: n-grams of characters inside each word with a space at both ends (scikit-learn's three analyzers).
 */
export type AnalyzerKind = 'word' | 'char' | 'char_wb'

/**
 * How texts are cut. 1: as scikit-learn does: a combining mark ends a word, and a run of Chinese or Thai is one word. 2: text in
 * Unicode's composed form (NFC); words keep their combining marks; in scripts without spaces each character, with its marks,
 * stands for a word. Texts in Latin, Greek or Cyrillic letters, composed, are cut alike.
 */
export type TextVersion = '1' | '2'

/** Cuts lower-cased text into terms. A term is a range of bytes of `text`, valid until the next call. */
export class Analyzer {
  readonly text = new ByteText()
  /** Terms: start and end of each, in pairs. */
  readonly terms = new IntegerList()
  readonly #kind: AnalyzerKind
  readonly #min: number
  readonly #max: number
  readonly #anyScript: boolean
  /** Start of each unit (a word or a character), then the end; for words, start and end in pairs. */
  readonly #units = new IntegerList()

  constructor(kind: AnalyzerKind, min: number, max: number, version: TextVersion) {
    this.#kind = kind
    this.#min = min
    this.#max = max
    this.#anyScript = version === '2'
  }

  analyze(raw: string): void {
    this.text.clear()
    this.terms.length = 0
    this.#units.length = 0
    const lower = this.#anyScript ? raw.toLowerCase().normalize('NFC') : raw.toLowerCase()
    if (this.#kind === 'word') this.#words(lower)
    else if (this.#kind === 'char') this.#characters(lower)
    else this.#wordCharacters(lower)
  }

  #words(lower: string): void {
    const { text } = this
    const units = this.#units
    const [letters, marks, alone] = this.#anyScript
      ? [wordCharacter, markCharacter, unspacedCharacter]
      : [wordCharacter, 0, 0]
    let start = 0
    let count = 0
    // Whether the last unit is a character that stands alone, with nothing after it yet.
    let adjoins = false
    const close = () => {
      if (count >= 2) {
        units.push(start)
        units.push(text.length)
        text.push(0x20)
        start = text.length
      } else {
        text.length = start
      }
      count = 0
    }
    const detach = () => {
      if (adjoins) text.push(0x20)
      adjoins = false
      start = text.length
    }
    for (let i = 0; i < lower.length; i++) {
      const c = lower.codePointAt(i)!
      if (c > 0xffff) i++
      const kind = classOf(c)
      if ((kind & alone) !== 0) {
        if (count > 0) close()
        units.push(text.length)
        text.push(c)
        units.push(text.length)
        adjoins = true
      } else if ((kind & marks) !== 0 && (adjoins || count > 0)) {
        text.push(c)
        if (adjoins) units.data[units.length - 1] = text.length
        else count++
      } else if ((kind & letters) !== 0) {
        if (count === 0) detach()
        text.push(c)
        count++
      } else {
        if (count > 0) close()
        detach()
      }
    }
    if (count > 0) close()
    const words = units.length / 2
    for (let n = this.#min; n <= this.#max; n++) {
      for (let w = 0; w + n <= words; w++) {
        this.terms.push(units.data[2 * w]!)
        this.terms.push(units.data[2 * (w + n - 1) + 1]!)
      }
    }
  }

  /** A run of two or more spaces becomes one blank; a single one stays what it is. */
  #characters(lower: string): void {
    const units = this.#units
    let run = 0
    for (let i = 0; i < lower.length; i++) {
      const c = lower.codePointAt(i)!
      if (c > 0xffff) i++
      run = (classOf(c) & spaceCharacter) !== 0 ? run + 1 : 0
      if (run > 2) continue
      if (run === 2) this.text.length = units.data[--units.length]!
      units.push(this.text.length)
      this.text.push(run === 2 ? 0x20 : c)
    }
    units.push(this.text.length)
    for (let n = this.#min; n <= this.#max; n++) this.#grams(0, units.length - 1, n)
  }

  #wordCharacters(lower: string): void {
    let open = false
    for (let i = 0; i < lower.length; i++) {
      const c = lower.codePointAt(i)!
      if (c > 0xffff) i++
      if ((classOf(c) & spaceCharacter) !== 0) {
        if (open) this.#closePadded()
        open = false
        continue
      }
      if (!open) this.#unit(0x20)
      open = true
      this.#unit(c)
    }
    if (open) this.#closePadded()
  }

  /** A word no longer than n is one term, and longer n-grams of it aren't looked for. */
  #closePadded(): void {
    this.#unit(0x20)
    const count = this.#units.length
    this.#units.push(this.text.length)
    for (let n = this.#min; n <= this.#max; n++) {
      this.#grams(0, count, Math.min(n, count))
      if (count <= n) break
    }
    this.#units.length = 0
  }

  #unit(codePoint: number): void {
    this.#units.push(this.text.length)
    this.text.push(codePoint)
  }

  #grams(first: number, count: number, n: number): void {
    const { data } = this.#units
    for (let u = first; u + n <= first + count; u++) {
      this.terms.push(data[u]!)
      this.terms.push(data[u + n]!)
    }
  }
}
