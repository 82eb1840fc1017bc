import { type TagSpan, tagsOf } from './bio.js'
import type { Example } from './example.js'
import { tokenise } from './tokenise.js'

/** A slot as people mark it: by place, or by its words alone. */
export interface MarkedSlot {
  readonly name: string
  readonly text?: string | undefined
  /** UTF-16 units; both or neither. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/**
 * An example of a text with slots marked. Slots without a place are the first words of theirs that no other slot has.
 * @param problem - called with what is wrong, in words
 * @returns undefined where something was
 */
export function exampleOfText(
  text: string,
  slots: readonly MarkedSlot[],
  intent: string | null,
  problem: (message: string) => void,
): Example | undefined {
  const tokens = tokenise(text)
  const taken = new Array<boolean>(tokens.length).fill(false)
  const spans: TagSpan[] = []
  // Those that say where they stand come first, so that the others keep off their words.
  for (const slot of [...slots.filter(hasPlace), ...slots.filter((one) => !hasPlace(one))]) {
    const found = hasPlace(slot) ? wordsAt(slot.from!, slot.to!) : wordsOf(slot.text ?? '')
    if (typeof found === 'string') {
      problem(`slot "${slot.name}": ${found}`)
      return undefined
    }
    for (let t = found.first; t < found.end; t++) taken[t] = true
    spans.push({ name: slot.name, ...found })
  }
  return { text, tokens, tags: tagsOf(spans, tokens.length), intent }

  function wordsAt(from: number, to: number): { first: number; end: number } | string {
    const first = tokens.findIndex((token) => token.from === from)
    const last = tokens.findIndex((token) => token.to === to)
    if (first < 0 || last < first) {
      return `[${from}, ${to}) is "${text.slice(from, to)}", which doesn't begin and end with words of the text`
    }
    if (taken.slice(first, last + 1).includes(true)) return `[${from}, ${to}) lies on another slot`
    return { first, end: last + 1 }
  }

  function wordsOf(words: string): { first: number; end: number } | string {
    for (let at = text.indexOf(words); words !== '' && at >= 0; at = text.indexOf(words, at + 1)) {
      const found = wordsAt(at, at + words.length)
      if (typeof found !== 'string') return found
    }
    return `"${words}" doesn't stand in the text as words of its own: ${JSON.stringify(text)}`
  }
}

function hasPlace({ from, to }: MarkedSlot): boolean {
  return from !== undefined && to !== undefined
}
