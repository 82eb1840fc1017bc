import type { Passage, Source } from '../contract/agent.js'

/** What a model claims to stand on. */
export interface ClaimedCitation {
  /** Number of the passage, from 1. */
  readonly passage: number
  readonly quote: string
}

/**
 * The citations that hold: the quote stands in the passage named, or in another, whatever blanks divide its words. Each with the words
 * as they stand there; the others are left out.
 */
export function checkCitations(claimed: readonly ClaimedCitation[], passages: readonly Passage[]): Source[] {
  const sources = new Map<string, Source>()
  for (const { passage, quote } of claimed) {
    const named = passages[passage - 1]
    const candidates = named === undefined ? passages : [named, ...passages.filter((one) => one !== named)]
    const source = candidates.map((one) => locate(quote, one)).find((one) => one !== null)
    if (source !== undefined && source !== null) sources.set(JSON.stringify(source), source)
  }
  return [...sources.values()]
}

function locate(quote: string, { text, source }: Passage): Source | null {
  const words = quote.trim().split(/\s+/)
  if (words[0] === '') return null
  const pattern = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('\\s+'), 'u')
  const found = pattern.exec(text)
  if (found === null) return null
  const { document, title, from } = source
  return {
    document,
    ...(title === undefined ? {} : { title }),
    ...(from === undefined ? {} : { from: from + found.index, to: from + found.index + found[0].length }),
    quote: found[0],
  }
}
