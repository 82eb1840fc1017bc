/** Words that answers are compared by: lower case, without articles and signs (as SQuAD's evaluation does, Rajpurkar et al. 2016). */
export function contentWords(text: string): string[] {
  return text
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}\s]/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'a' && word !== 'an' && word !== 'the')
}

/** F1 of two texts' words, 0 to 1; 1 where both have none. */
export function wordF1(one: string, other: string): number {
  const a = contentWords(one)
  const b = contentWords(other)
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0
  const counts = new Map<string, number>()
  for (const word of b) counts.set(word, (counts.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of a) {
    const left = counts.get(word) ?? 0
    if (left === 0) continue
    counts.set(word, left - 1)
    shared++
  }
  return (2 * shared) / (a.length + b.length)
}

/** Share of a text's words that stand in another, 0 to 1; 0 where it has none. */
export function wordsIn(text: string, others: readonly string[]): number {
  const words = contentWords(text)
  if (words.length === 0) return 0
  const known = new Set(others.flatMap(contentWords))
  return words.filter((word) => known.has(word)).length / words.length
}
