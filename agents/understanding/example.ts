/** A word of a text, as it stands there. */
export interface Token {
  readonly text: string
  /** Where it begins in the text, UTF-16 units. */
  readonly from: number
  /** Where it ends, exclusive. */
  readonly to: number
}

/** A sentence that somebody has read: what is wanted, and with what. */
export interface Example {
  readonly text: string
  readonly tokens: readonly Token[]
  /** O, B-SLOT or I-SLOT for each token; legal moves only. */
  readonly tags: readonly string[]
  /** Null: none of those known; it teaches what is out of scope. */
  readonly intent: string | null
}

/** An example of words that are given apart, such as those of CoNLL files: its text is the words with blanks between. */
export function exampleOfWords(words: readonly string[], tags: readonly string[], intent: string | null): Example {
  let from = 0
  const tokens = words.map((text): Token => {
    const token = { text, from, to: from + text.length }
    from = token.to + 1
    return token
  })
  return { text: words.join(' '), tokens, tags, intent }
}
