import { wordSpans } from '../knowledge/words.js'
import { type Asked, questionKinds } from './asked.js'
import type { Candidates } from './candidates.js'
import { gapSigns, type Reading, shapes } from './reading.js'
import { numFeatures, ownFeatures } from './span-feature-names.js'
import { spanKeys } from './span-keys.js'

/** What a scorer knows beside question and passage. */
export interface Background {
  /** What a term counts: the rarer, the more. */
  idf(term: string): number
  /** How much likelier a key is at an answer than elsewhere, as a logarithm; 0 where it is unknown. */
  odds(key: string): number
}

const far = 30

/** Of each word what the question has to do with its surroundings. */
interface Matches {
  /** [W] idf where the question has the word, else 0. */
  readonly match: Float64Array
  readonly nearLeft: Float64Array
  readonly nearRight: Float64Array
  readonly wideLeft: Float64Array
  readonly wideRight: Float64Array
  readonly distanceLeft: Int32Array
  readonly distanceRight: Int32Array
  readonly runBefore: Int32Array
  readonly runAfter: Int32Array
  /** [W + 1] sums. */
  readonly sum: Float64Array
  readonly coverage: Float64Array
  readonly rank: Int32Array
  readonly best: number
}

/**
 * Features of all candidates of a passage for a question.
 * @returns [C * F]
 */
export function spanFeatures(
  question: string,
  asked: Asked,
  reading: Reading,
  { first, last }: Candidates,
  background: Background,
): Float32Array {
  const rows = new Float32Array(first.length * numFeatures)
  const { words, terms, shape, sentence, sentenceStart, gap } = reading
  const m = matchesOf(question, asked, reading, background)
  const idf = terms.map((term) => (term === null ? 0 : background.idf(term)))
  const occurrences = countTerms(terms)
  const asking = asked.terms[asked.afterAsking]
  const ending = asked.terms.at(-1)
  const kind = questionKinds.indexOf(asked.kind)
  const [, capital, year, number, month, mixed] = shapes.map((_, k) => k)
  const numSentences = sentenceStart.length - 1
  const cap = (k: number) => (shape[k] === capital || shape[k] === month ? 1 : 0)
  const numeric = (k: number) => (shape[k] === year || shape[k] === number || shape[k] === mixed ? 1 : 0)
  for (let c = 0, at = 0; c < first.length; c++, at += numFeatures) {
    const i = first[c]!
    const j = last[c]!
    const s = sentence[i]!
    const start = sentenceStart[s]!
    const end = sentenceStart[s + 1]! - 1
    let [content, matched, matchedIdf, totalIdf, highest, capitals, digits, comma, and, years, monthsIn] = Array(
      11,
    ).fill(0) as number[]
    let focusInside = 0
    for (let k = i; k <= j; k++) {
      if (terms[k] !== null) {
        content!++
        totalIdf! += idf[k]!
        highest = Math.max(highest!, idf[k]!)
      }
      if (m.match[k]! > 0) {
        matched!++
        matchedIdf! += m.match[k]!
      }
      capitals! += cap(k)
      digits! += numeric(k)
      if (shape[k] === year) years!++
      if (shape[k] === month) monthsIn!++
      if (k > i && gap[k] === gapSigns.comma) comma!++
      if (words[k] === 'and' || words[k] === 'or') and!++
      if (asked.focus !== '' && terms[k] === asked.focus) focusInside = 1
    }
    const previous = i > start ? i - 1 : -1
    const next = j < end ? j + 1 : -1
    const joined = (k: number) => gap[k] === gapSigns.none || gap[k] === gapSigns.hyphen
    const values = [
      j - i + 1,
      content!,
      matched!,
      matchedIdf!,
      content === 0 ? 0 : totalIdf! / content!,
      highest!,
      capitals! / (j - i + 1),
      cap(i),
      previous >= 0 && joined(i) && cap(i) === 1 ? cap(previous) : 0,
      next >= 0 && joined(next) && cap(j) === 1 ? cap(next) : 0,
      (previous >= 0 && joined(i) && numeric(i) === 1 ? numeric(previous) : 0) +
        (next >= 0 && joined(next) && numeric(j) === 1 ? numeric(next) : 0),
      digits!,
      comma!,
      and!,
      gap[i]!,
      gap[j + 1]!,
      (i - start) / Math.max(1, end - start),
      i === start ? 1 : 0,
      j === end ? 1 : 0,
      numSentences <= 1 ? 0 : s / (numSentences - 1),
      m.coverage[s]!,
      m.best - m.coverage[s]!,
      m.rank[s]!,
      m.coverage[s]! + 0.5 * ((m.coverage[s - 1] ?? 0) + (m.coverage[s + 1] ?? 0)),
      m.nearLeft[i]!,
      m.nearRight[j]!,
      m.wideLeft[i]!,
      m.wideRight[j]!,
      m.distanceLeft[i]!,
      m.distanceRight[j]!,
      m.runBefore[i]!,
      m.runAfter[j]!,
      m.sum[i]! - m.sum[start]!,
      m.sum[end + 1]! - m.sum[j + 1]!,
      distanceTo(asking, terms, i, j, start, end),
      distanceTo(ending, terms, i, j, start, end),
      asked.focus === '' ? far + 1 : distanceTo(asked.focus, terms, i, j, start, end),
      focusInside,
      content === 0 ? 0 : occurrencesOf(occurrences, terms, i, j),
      asked.terms.length,
      years!,
      monthsIn!,
      orderOf(asked, terms, previous, next),
    ]
    rows.set(values, at)
    rows[at + ownFeatures.length + kind] = 1
    const keys = spanKeys(asked, reading, i, j)
    const base = at + ownFeatures.length + questionKinds.length
    for (let k = 0; k < keys.length; k++) rows[base + k] = background.odds(keys[k]!)
  }
  return rows
}

function matchesOf(question: string, asked: Asked, reading: Reading, background: Background): Matches {
  const { words, terms, sentence, sentenceStart } = reading
  const count = words.length
  const wanted = new Map(asked.terms.map((term) => [term, background.idf(term)]))
  const said = new Set(wordSpans(question).map(({ from, to }) => question.slice(from, to).toLowerCase()))
  const match = Float64Array.from(terms, (term) => (term === null ? 0 : (wanted.get(term) ?? 0)))
  const [nearLeft, nearRight, wideLeft, wideRight] = Array.from({ length: 4 }, () => new Float64Array(count))
  const [distanceLeft, distanceRight, runBefore, runAfter] = Array.from({ length: 4 }, () => new Int32Array(count))
  const sum = new Float64Array(count + 1)
  for (let k = 0; k < count; k++) {
    sum[k + 1] = sum[k]! + match[k]!
    const inside = k > 0 && sentence[k] === sentence[k - 1]
    nearLeft![k] = inside ? 0.6 * (nearLeft![k - 1]! + match[k - 1]!) : 0
    wideLeft![k] = inside ? 0.9 * (wideLeft![k - 1]! + match[k - 1]!) : 0
    distanceLeft![k] = inside ? (match[k - 1]! > 0 ? 1 : Math.min(far, distanceLeft![k - 1]! + 1)) : far
    runBefore![k] = inside && said.has(words[k - 1]!) ? runBefore![k - 1]! + 1 : 0
  }
  for (let k = count - 1; k >= 0; k--) {
    const inside = k + 1 < count && sentence[k] === sentence[k + 1]
    nearRight![k] = inside ? 0.6 * (nearRight![k + 1]! + match[k + 1]!) : 0
    wideRight![k] = inside ? 0.9 * (wideRight![k + 1]! + match[k + 1]!) : 0
    distanceRight![k] = inside ? (match[k + 1]! > 0 ? 1 : Math.min(far, distanceRight![k + 1]! + 1)) : far
    runAfter![k] = inside && said.has(words[k + 1]!) ? runAfter![k + 1]! + 1 : 0
  }
  const all = [...wanted.values()].reduce((total, weight) => total + weight, 0)
  const numSentences = sentenceStart.length - 1
  const coverage = new Float64Array(numSentences)
  for (let s = 0; s < numSentences; s++) {
    const own = new Set(terms.slice(sentenceStart[s], sentenceStart[s + 1]))
    let shared = 0
    for (const [term, weight] of wanted) if (own.has(term)) shared += weight
    coverage[s] = all === 0 ? 0 : shared / all
  }
  const order = Int32Array.from(coverage.keys()).sort((x, y) => coverage[y]! - coverage[x]! || x - y)
  const rank = new Int32Array(numSentences)
  order.forEach((s, k) => {
    rank[s] = k
  })
  return {
    match,
    nearLeft: nearLeft!,
    nearRight: nearRight!,
    wideLeft: wideLeft!,
    wideRight: wideRight!,
    distanceLeft: distanceLeft!,
    distanceRight: distanceRight!,
    runBefore: runBefore!,
    runAfter: runAfter!,
    sum,
    coverage,
    rank,
    best: numSentences === 0 ? 0 : coverage[order[0]!]!,
  }
}

function countTerms(terms: readonly (string | null)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const term of terms) if (term !== null) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

/** How often the rarest of a span's terms stands in the passage. */
function occurrencesOf(
  counts: ReadonlyMap<string, number>,
  terms: readonly (string | null)[],
  first: number,
  last: number,
): number {
  let least = Number.POSITIVE_INFINITY
  for (let k = first; k <= last; k++) {
    const term = terms[k]
    if (term !== null && term !== undefined) least = Math.min(least, counts.get(term)!)
  }
  return least
}

/** Words from a span to the nearest place of a term in its sentence, below 0 on its left; `far` where it isn't there. */
function distanceTo(
  term: string | undefined,
  terms: readonly (string | null)[],
  first: number,
  last: number,
  start: number,
  end: number,
): number {
  if (term === undefined) return far
  let nearest = far
  for (let k = start; k <= end; k++) {
    if (terms[k] !== term) continue
    const distance = k < first ? k - first : k > last ? k - last : 0
    if (Math.abs(distance) < Math.abs(nearest)) nearest = distance
  }
  return nearest
}

/** Whether the words beside a span follow each other in the question as they would with the asked left out: 2 both, 1 one of them. */
function orderOf(asked: Asked, terms: readonly (string | null)[], previous: number, next: number): number {
  const before = previous < 0 ? null : (terms[previous] ?? null)
  const after = next < 0 ? null : (terms[next] ?? null)
  const isLast = before !== null && before === asked.terms.at(-1)
  const isFirst = after !== null && after === asked.terms[asked.afterAsking]
  return (isLast ? 1 : 0) + (isFirst ? 1 : 0)
}
