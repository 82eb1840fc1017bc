/**
 * Whether a word has an outline: 0 stands for a digit, x for a letter, `*` after either for any number of them, none included; any other
 * sign for itself, in any case. No regular expression of a user's own runs on a question.
 */
export function fitsOutline(word: string, outline: string): boolean {
  const items = itemsOf(outline)
  // Positions in the outline that the word may have come to.
  let at = closure(items, new Set([0]))
  for (const sign of word) {
    const next = new Set<number>()
    for (const i of at) {
      const item = items[i]
      if (item !== undefined && fits(sign, item.sign)) next.add(item.repeats ? i : i + 1)
    }
    if (next.size === 0) return false
    at = closure(items, next)
  }
  return at.has(items.length)
}

interface Item {
  readonly sign: string
  readonly repeats: boolean
}

function itemsOf(outline: string): Item[] {
  const items: Item[] = []
  for (const sign of outline) {
    const last = items.at(-1)
    if (sign === '*' && last !== undefined && !last.repeats) items[items.length - 1] = { ...last, repeats: true }
    else items.push({ sign: sign.toLowerCase(), repeats: false })
  }
  return items
}

/** What repeats may also be passed over. */
function closure(items: readonly Item[], at: Set<number>): Set<number> {
  for (const i of at) if (items[i]?.repeats === true) at.add(i + 1)
  return at
}

function fits(sign: string, of: string): boolean {
  if (of === '0') return /\p{Nd}/u.test(sign)
  if (of === 'x') return /\p{L}/u.test(sign)
  return sign.toLowerCase() === of
}
