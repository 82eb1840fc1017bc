import { spansOf } from './bio.js'

/** What is known of the words and phrases of slots. Slots by number, `OUTSIDE` for words outside of any. */
export interface Gazetteer {
  /** Most words of a phrase. */
  readonly longest: number
  /** What a word was, the most frequent first, `OUTSIDE` included; undefined for a word that was never seen. */
  wordSlots(form: string): readonly number[] | undefined
  /** Which slots were exactly these words, joined by blanks. */
  phraseSlots(phrase: string): readonly number[] | undefined
}

export const OUTSIDE = -1

/** Words of a sentence in the form in which they are looked up, and their tags. */
export interface TaggedForms {
  readonly forms: readonly string[]
  readonly tags: readonly string[]
}

/**
 * Counts what words are in training sentences. A sentence can be taken out again: when features are made for it to learn from, its own
 * counts must not be in, or the gazetteer knows each answer beforehand and is trusted far too much.
 */
export class GazetteerCounts implements Gazetteer {
  readonly #slots: ReadonlyMap<string, number>
  readonly #words = new Map<string, Map<number, number>>()
  readonly #phrases = new Map<string, Map<number, number>>()
  longest = 0

  /** @param slots - names; their numbers are their places */
  constructor(slots: readonly string[]) {
    this.#slots = new Map(slots.map((name, i) => [name, i]))
  }

  add(sentence: TaggedForms): void {
    this.#count(sentence, 1)
  }

  /** Runs `work` as if the sentence, which must be counted, had never been. */
  without<T>(sentence: TaggedForms, work: () => T): T {
    this.#count(sentence, -1)
    try {
      return work()
    } finally {
      this.#count(sentence, 1)
    }
  }

  wordSlots(form: string): readonly number[] | undefined {
    return byCount(this.#words.get(form))
  }

  phraseSlots(phrase: string): readonly number[] | undefined {
    return byCount(this.#phrases.get(phrase))
  }

  /** What is known, without the counts. */
  entries(): { words: [string, readonly number[]][]; phrases: [string, readonly number[]][] } {
    const known = (counts: Map<string, Map<number, number>>) =>
      [...counts].flatMap(([key, slots]): [string, readonly number[]][] => {
        const list = byCount(slots)
        return list === undefined ? [] : [[key, list]]
      })
    return { words: known(this.#words), phrases: known(this.#phrases) }
  }

  #count({ forms, tags }: TaggedForms, step: 1 | -1): void {
    forms.forEach((form, t) => {
      count(this.#words, form, tags[t] === 'O' ? OUTSIDE : this.#slots.get(tags[t]!.slice(2))!, step)
    })
    for (const { name, first, end } of spansOf(tags)) {
      this.longest = Math.max(this.longest, end - first)
      count(this.#phrases, forms.slice(first, end).join(' '), this.#slots.get(name)!, step)
    }
  }
}

/** One that is only read, such as that of a saved model. */
export class FixedGazetteer implements Gazetteer {
  readonly longest: number
  readonly words: ReadonlyMap<string, readonly number[]>
  readonly phrases: ReadonlyMap<string, readonly number[]>

  constructor(words: Iterable<[string, readonly number[]]>, phrases: Iterable<[string, readonly number[]]>) {
    this.words = new Map(words)
    this.phrases = new Map(phrases)
    let longest = 0
    for (const phrase of this.phrases.keys()) longest = Math.max(longest, phrase.split(' ').length)
    this.longest = longest
  }

  wordSlots(form: string): readonly number[] | undefined {
    return this.words.get(form)
  }

  phraseSlots(phrase: string): readonly number[] | undefined {
    return this.phrases.get(phrase)
  }
}

function count(counts: Map<string, Map<number, number>>, key: string, slot: number, step: 1 | -1): void {
  let slots = counts.get(key)
  if (slots === undefined) {
    slots = new Map()
    counts.set(key, slots)
  }
  slots.set(slot, (slots.get(slot) ?? 0) + step)
}

/** The slots that were met, the most frequent first, of equals the lower. */
function byCount(slots: Map<number, number> | undefined): readonly number[] | undefined {
  if (slots === undefined) return undefined
  const met = [...slots].filter(([, n]) => n > 0)
  if (met.length === 0) return undefined
  return met.sort(([a, m], [b, n]) => n - m || a - b).map(([slot]) => slot)
}
