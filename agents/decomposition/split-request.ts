/** Fewest words of a part: shorter ones belong to what stands before or behind them. */
const fewestWords = 3

/** What may stand between two parts: the end of a sentence, or a word that adds another one. */
const joints = /(?<=[.?!])\s+|\n+|(?:,\s*|\s+)(?:and also|and then|and|also|plus)\s+/gi

/**
 * The parts of a request that asks for several things: sentences, and what "and", "also", "plus" join where both sides are long enough.
 * A rule: whether the parts are of different kinds is for whoever understands them.
 * @returns parts as they stand in the request, in order; the request itself where it is one
 */
export function splitRequest(request: string): string[] {
  const parts: { from: number; to: number }[] = []
  let from = 0
  for (const { index, 0: joint } of [...request.matchAll(joints), { index: request.length, 0: '' }]) {
    const piece = request.slice(from, index)
    const before = parts.at(-1)
    if (
      before !== undefined &&
      Math.min(wordsOf(piece), wordsOf(request.slice(before.from, before.to))) < fewestWords
    ) {
      before.to = index
    } else if (piece.trim() !== '') parts.push({ from, to: index })
    from = index + joint.length
  }
  return parts.length === 0 ? [request] : parts.map((part) => request.slice(part.from, part.to).trim())
}

function wordsOf(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}
