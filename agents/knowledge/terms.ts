import { stem } from './porter2.js'
import { wordSpans } from './words.js'

/** Words that say nothing of what a text is about: those that ask, join or point. They are in no index. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    'a an and are as at be been but by did do does for from had has have he her his how i in is it its of on or s she t that the ' +
    'their they this to was were what when where which who whom whose why will with you'
  ).split(' '),
)

const remembered = new Map<string, string | null>()
const mostRemembered = 65_536
const longestRemembered = 40

/**
 * What a word is compared by: lower case, without accents, its English stem; null for a stop word. Commas in numbers go (1,000 is 1000).
 * Remembers words that it has seen.
 */
export function termOf(word: string): string | null {
  const known = remembered.get(word)
  if (known !== undefined) return known
  const folded = word
    .normalize('NFKD')
    .replace(/[\u0300-\u036f,]/g, '')
    .normalize('NFC')
    .toLowerCase()
  const term = stopWords.has(folded) ? null : stem(folded)
  if (word.length <= longestRemembered) {
    if (remembered.size >= mostRemembered) remembered.clear()
    remembered.set(word, term)
  }
  return term
}

/** The terms of a text in their order, stop words left out. */
export function termsOf(text: string): string[] {
  const terms: string[] = []
  for (const { from, to } of wordSpans(text)) {
    const term = termOf(text.slice(from, to))
    if (term !== null) terms.push(term)
  }
  return terms
}
