import { classOf, markCharacter, unspacedCharacter, wordCharacter } from '#env/encoding/characters.js'

/** Where a word stands in its text, UTF-16 units; `to` is exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * The words of a text: runs of letters, numerals and their marks. In scripts without spaces each character, with its marks, is a word.
 * Numbers keep their points and commas (6.5, 1,000), other signs divide.
 */
export function wordSpans(text: string): Span[] {
  const spans: Span[] = []
  let from = -1
  let alone = false
  const close = (to: number) => {
    if (from >= 0) spans.push({ from, to })
    from = -1
  }
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const next = at + (code > 0xffff ? 2 : 1)
    const kind = classOf(code)
    if ((kind & markCharacter) !== 0 && from >= 0) {
      // Belongs to what stands before it.
    } else if ((kind & wordCharacter) !== 0 && code !== 0x5f) {
      const unspaced = (kind & unspacedCharacter) !== 0
      if (unspaced || alone) close(at)
      if (from < 0) from = at
      alone = unspaced
    } else if (!(from >= 0 && (code === 0x2e || code === 0x2c) && isDigit(text, at - 1) && isDigit(text, next))) {
      close(at)
    }
    at = next
  }
  close(text.length)
  return spans
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}
