/** Classes of characters, as bits. */
export const wordCharacter = 1
export const spaceCharacter = 2
export const digitCharacter = 4
/** Belongs to the letter before it: combining marks, and the joiners that Persian and the scripts of India write within words. */
export const markCharacter = 8
/** A letter or numeral of a script that writes no spaces between words. */
export const unspacedCharacter = 16

const word = /[\p{L}\p{N}_]/u
const space = /\s/u
const digit = /\p{Nd}/u
const mark = /[\p{M}\u200c\u200d]/u
const unspaced = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
const unknown = 0x80
const classes = new Uint8Array(0x10000).fill(unknown)

/** The classes of a code point: letters, numerals and `_` make words. Remembered for the basic plane. */
export function classOf(codePoint: number): number {
  const known = codePoint < 0x10000 ? classes[codePoint]! : unknown
  if (known !== unknown) return known
  const text = String.fromCodePoint(codePoint)
  // As Unicode has it: with the separators U+001C..U+001F and U+0085, without the byte order mark.
  const separator = (codePoint >= 0x1c && codePoint <= 0x1f) || codePoint === 0x85
  const isSpace = separator || (space.test(text) && codePoint !== 0xfeff)
  const isWord = word.test(text)
  const found =
    (isWord ? wordCharacter : 0) |
    (isSpace ? spaceCharacter : 0) |
    (digit.test(text) ? digitCharacter : 0) |
    (mark.test(text) ? markCharacter : 0) |
    (isWord && unspaced.test(text) ? unspacedCharacter : 0)
  if (codePoint < 0x10000) classes[codePoint] = found
  return found
}
