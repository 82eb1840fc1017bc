import type { Span } from './words.js'

/** What ends in a full stop without ending a sentence: initials and common abbreviations. */
const abbreviation =
  /(?:^|[\s("'“‘[])(?:\p{Lu}|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|No|Gen|Col|Lt|Inc|Co|Corp|Ltd|ca?|cf|approx|Prof|Rev|Mt|Ft|Vol|Fig|fig|al)$/u

const end = /[.!?]+["'”’)\]]*\s+(?=["'“‘([]*[\p{Lu}\p{Lo}\p{N}])|[\u3002\uff01\uff1f]+|\n\s*\n/gu

/** The sentences of a text, without blanks at their ends. A blank line ends one, too. */
export function sentenceSpans(text: string): Span[] {
  const spans: Span[] = []
  let from = 0
  const add = (to: number) => {
    let [a, b] = [from, to]
    while (a < b && /\s/.test(text[a]!)) a++
    while (b > a && /\s/.test(text[b - 1]!)) b--
    if (a < b) spans.push({ from: a, to: b })
    from = to
  }
  for (const { index, 0: match } of text.matchAll(end)) {
    // The last words alone: an abbreviation is short, and texts may be long.
    if (match.startsWith('.') && abbreviation.test(text.slice(Math.max(from, index - 24), index))) continue
    add(index + match.length)
  }
  add(text.length)
  return spans
}
