import { spansOf } from './bio.js'

/** Counts over sentences: right, found and wanted slots, as conlleval has them. */
export interface SpanCounts {
  right: number
  found: number
  wanted: number
}

/** Adds a sentence's slots to the counts: right is what has the same name, beginning and end. */
export function countSpans(counts: SpanCounts, wanted: readonly string[], found: readonly string[]): void {
  const key = ({ name, first, end }: { name: string; first: number; end: number }) => `${first} ${end} ${name}`
  const theirs = new Set(spansOf(wanted).map(key))
  const ours = spansOf(found).map(key)
  counts.wanted += theirs.size
  counts.found += ours.length
  counts.right += ours.filter((one) => theirs.has(one)).length
}

/** F1 of slots, 0..1: the harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found. */
export function spanF1({ right, found, wanted }: SpanCounts): number {
  return found + wanted === 0 ? 1 : (2 * right) / (found + wanted)
}
