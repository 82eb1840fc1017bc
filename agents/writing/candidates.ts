import { gapSigns, type Reading } from './reading.js'

/** Pieces of a passage that may be the answer, by their first and last word. */
export interface Candidates {
  readonly first: Int32Array
  /** Inclusive. */
  readonly last: Int32Array
}

/** Most words of an answer. */
export const longestAnswer = 10

const neverFirst: ReadonlySet<string> = new Set(
  'a an the and or is was were are be been has had have that which who whom whose of but it its'.split(' '),
)
const neverLast: ReadonlySet<string> = new Set(
  (
    'a an the of in to and or for by with from at on as is was were are be been has had have that which who into its his her their ' +
    'this these than but during between through about such not also'
  ).split(' '),
)

/**
 * Spans of up to ten words within a sentence that begin and end with words that an answer may begin and end with. Articles before an
 * answer don't count as part of it.
 */
export function candidatesIn({ words, sentenceStart, gap }: Reading): Candidates {
  const first: number[] = []
  const last: number[] = []
  for (let s = 0; s + 1 < sentenceStart.length; s++) {
    const end = sentenceStart[s + 1]!
    for (let i = sentenceStart[s]!; i < end; i++) {
      if (neverFirst.has(words[i]!)) continue
      for (let j = i; j < end && j < i + longestAnswer; j++) {
        if (j > i && gap[j] === gapSigns.end) break
        if (neverLast.has(words[j]!)) continue
        first.push(i)
        last.push(j)
      }
    }
  }
  return { first: Int32Array.from(first), last: Int32Array.from(last) }
}
