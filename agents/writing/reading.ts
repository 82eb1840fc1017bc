import { sentenceSpans } from '../knowledge/sentences.js'
import { termOf } from '../knowledge/terms.js'
import { wordSpans } from '../knowledge/words.js'

/** How a word looks. */
export const shapes = ['lower', 'capital', 'year', 'number', 'month', 'mixed'] as const
export type Shape = (typeof shapes)[number]

/** A passage as a writer reads it: its words, and what each is. */
export interface Reading {
  readonly text: string
  /** [W] where each word begins and ends. */
  readonly from: Int32Array
  readonly to: Int32Array
  /** [W] in lower case. */
  readonly words: readonly string[]
  /** [W] null: a stop word. */
  readonly terms: readonly (string | null)[]
  /** [W] place in `shapes`. */
  readonly shape: Uint8Array
  /** [W] sentence that it stands in. */
  readonly sentence: Int32Array
  /** [S] first word of each sentence; [S + 1] with the number of words at the end. */
  readonly sentenceStart: Int32Array
  /** [S] where each sentence begins and ends in the text. */
  readonly sentences: readonly { readonly from: number; readonly to: number }[]
  /** [W + 1] sign between a word and the one before it, 0 none, and at the ends of sentences 1. */
  readonly gap: Uint8Array
}

/** Signs between words, as `gap` has them. */
export const gapSigns = {
  none: 0,
  end: 1,
  comma: 2,
  open: 3,
  close: 4,
  quote: 5,
  hyphen: 6,
  money: 7,
  percent: 8,
  other: 9,
} as const

const months: ReadonlySet<string> = new Set(
  'january february march april may june july august september october november december'.split(' '),
)
const spelled: ReadonlySet<string> = new Set(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty forty fifty sixty ' +
    'seventy eighty ninety hundred thousand million billion trillion dozen half'
  ).split(' '),
)

/** Reads a passage. */
export function readPassage(text: string): Reading {
  const spans = wordSpans(text)
  const count = spans.length
  const from = new Int32Array(count)
  const to = new Int32Array(count)
  const shape = new Uint8Array(count)
  const words: string[] = []
  const terms: (string | null)[] = []
  spans.forEach((span, k) => {
    const word = text.slice(span.from, span.to)
    from[k] = span.from
    to[k] = span.to
    words.push(word.toLowerCase())
    terms.push(termOf(word))
    shape[k] = shapes.indexOf(shapeOf(word))
  })
  const all = sentenceSpans(text)
  const sentence = new Int32Array(count)
  const starts: number[] = []
  const sentences: { from: number; to: number }[] = []
  let at = 0
  for (const span of all) {
    const first = at
    while (at < count && from[at]! < span.to) sentence[at++] = sentences.length
    if (at === first) continue
    starts.push(first)
    sentences.push(span)
  }
  const sentenceStart = Int32Array.from([...starts, count])
  const gap = new Uint8Array(count + 1)
  for (let k = 0; k <= count; k++) {
    const between = text.slice(k === 0 ? 0 : to[k - 1]!, k === count ? text.length : from[k]!)
    gap[k] = k === 0 || k === count || sentence[k] !== sentence[k - 1] ? gapSigns.end : signOf(between)
  }
  return { text, from, to, words, terms, shape, sentence, sentenceStart, sentences, gap }
}

function shapeOf(word: string): Shape {
  if (/^(1\d|20)\d\d$/.test(word)) return 'year'
  if (/^[\d.,]+$/.test(word) || spelled.has(word.toLowerCase())) return 'number'
  if (/\d/.test(word)) return 'mixed'
  if (!/^\p{Lu}/u.test(word)) return 'lower'
  return months.has(word.toLowerCase()) ? 'month' : 'capital'
}

function signOf(between: string): number {
  const signs = between.replace(/\s+/g, '')
  if (signs === '') return gapSigns.none
  if (/[,;:]/.test(signs)) return gapSigns.comma
  if (/[([]/.test(signs)) return gapSigns.open
  if (/[)\]]/.test(signs)) return gapSigns.close
  if (/["“”‘’«»']/.test(signs)) return gapSigns.quote
  if (/[$€£¥]/.test(signs)) return gapSigns.money
  if (/%/.test(signs)) return gapSigns.percent
  return /[-‐‑–—]/.test(signs) ? gapSigns.hyphen : gapSigns.other
}
