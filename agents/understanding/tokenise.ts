import { classOf, markCharacter, spaceCharacter, unspacedCharacter, wordCharacter } from '#env/encoding/characters.js'
import type { Token } from './example.js'

/** Signs that stay within a word where letters or digits stand on both sides: 7:30, r&b, top-rated, a@b.org. */
const joining = /[-.:&/@_+\u2010\u2011]/u
const digits = /\p{Nd}/u

/**
 * Cuts a text into words: runs of letters, marks and digits; `'s` and the like begin a word of their own; any other sign is one. In
 * scripts without spaces each character, with its marks, is a word.
 */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  let from = -1
  const close = (to: number) => {
    if (from >= 0) tokens.push({ text: text.slice(from, to), from, to })
    from = -1
  }
  let alone = false
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const next = at + (code > 0xffff ? 2 : 1)
    const kind = classOf(code)
    const inWord = (kind & wordCharacter) !== 0
    const marks = (kind & markCharacter) !== 0
    if (marks && from >= 0) {
      // Belongs to what stands before it.
    } else if (inWord || marks) {
      const unspaced = (kind & unspacedCharacter) !== 0
      if (unspaced || alone) close(at)
      if (from < 0) from = at
      alone = unspaced
    } else {
      const joins = from >= 0 && !alone && joinsWords(text, at, next)
      if (!joins) {
        close(at)
        alone = false
        const begins = isApostrophe(text[at]!) && at > 0 && isWord(text, at - 1) && isWord(text, next)
        if (begins) from = at
        else if ((kind & spaceCharacter) === 0) tokens.push({ text: text.slice(at, next), from: at, to: next })
      }
    }
    at = next
  }
  close(text.length)
  return tokens
}

/**
 * How a word is looked up: composed, in lower case, without the apostrophe of `'s`.
 * @param word - a token's text; half a character becomes U+FFFD
 */
export function wordForm(word: string): string {
  const form = word
    .toLowerCase()
    .normalize('NFC')
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
  return form.length > 1 && isApostrophe(form[0]!) ? form.slice(1) : form
}

/** Whether a token is a sign and no word. */
export function isSign(token: string): boolean {
  return !/[\p{L}\p{N}\p{M}_]/u.test(token)
}

function joinsWords(text: string, at: number, next: number): boolean {
  const sign = text.slice(at, next)
  if (joining.test(sign)) return isWord(text, at - 1) && isWord(text, next)
  return sign === ',' && digits.test(text[at - 1]!) && digits.test(text[next] ?? '')
}

function isWord(text: string, at: number): boolean {
  const code = text.codePointAt(at)
  return code !== undefined && (classOf(code) & (wordCharacter | markCharacter)) !== 0
}

function isApostrophe(sign: string): boolean {
  return sign === "'" || sign === '\u2019'
}
