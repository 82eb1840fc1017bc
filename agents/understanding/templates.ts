import { type Gazetteer, OUTSIDE } from './gazetteer.js'

/** What is looked at of a word, by name. A feature is a template and a value, such as `suffix3=ing`. */
export const templates = [
  'bias',
  'word',
  'word-1',
  'word+1',
  'word-2',
  'word+2',
  'shape',
  'prefix1',
  'prefix2',
  'prefix3',
  'prefix4',
  'suffix1',
  'suffix2',
  'suffix3',
  'suffix4',
  'slots-1',
  'slots',
  'slots+1',
  'mostly-1',
  'mostly',
  'mostly+1',
  'phrase',
] as const

const WORD_AT = [2, 4].map((one) => [one, one + 1])
const PREFIX = 7
const SUFFIX = 11
const SLOTS = 15
const MOSTLY = 18
const PHRASE = 21

/** Words of a sentence: as they stand, and in the form in which they are looked up. */
export interface Words {
  readonly texts: readonly string[]
  readonly forms: readonly string[]
}

/** Receives a feature of word `at`: the template by number. */
export type FeatureSink = (at: number, template: number, value: string) => void

/**
 * The features of all words of a sentence, word by word.
 * @param slots - names, by the gazetteer's numbers
 */
export function extractFeatures(
  { texts, forms }: Words,
  gazetteer: Gazetteer,
  slots: readonly string[],
  sink: FeatureSink,
): void {
  const T = forms.length
  const known = forms.map((form) => gazetteer.wordSlots(form))
  const phrases = matchPhrases(forms, gazetteer, slots)
  for (let t = 0; t < T; t++) {
    const form = forms[t]!
    sink(t, 0, '')
    sink(t, 1, form)
    WORD_AT.forEach(([before, after], i) => {
      sink(t, before!, t - i - 1 < 0 ? '<' : forms[t - i - 1]!)
      sink(t, after!, t + i + 1 >= T ? '>' : forms[t + i + 1]!)
    })
    sink(t, 6, shapeOf(texts[t]!))
    for (let n = 1; n <= 4 && n <= form.length; n++) {
      sink(t, PREFIX + n - 1, form.slice(0, n))
      sink(t, SUFFIX + n - 1, form.slice(-n))
    }
    for (let d = -1; d <= 1; d++) {
      if (t + d < 0 || t + d >= T) continue
      const ofWord = known[t + d]
      for (const slot of ofWord ?? []) if (slot !== OUTSIDE) sink(t, SLOTS + 1 + d, slots[slot]!)
      sink(t, MOSTLY + 1 + d, ofWord === undefined ? '?' : ofWord[0] === OUTSIDE ? 'O' : slots[ofWord[0]!]!)
    }
    for (const phrase of phrases[t]!) sink(t, PHRASE, phrase)
  }
}

/** `slot/B/3` where a known phrase of three words begins, `slot/I/3` at its other words; by word, each once. */
function matchPhrases(forms: readonly string[], gazetteer: Gazetteer, slots: readonly string[]): string[][] {
  const found: string[][] = forms.map(() => [])
  for (let first = 0; first < forms.length; first++) {
    let phrase = ''
    for (let end = first + 1; end <= forms.length && end - first <= gazetteer.longest; end++) {
      phrase = end === first + 1 ? forms[first]! : `${phrase} ${forms[end - 1]!}`
      for (const slot of gazetteer.phraseSlots(phrase) ?? []) {
        for (let t = first; t < end; t++) {
          const value = `${slots[slot]!}/${t === first ? 'B' : 'I'}/${end - first}`
          if (!found[t]!.includes(value)) found[t]!.push(value)
        }
      }
    }
  }
  return found
}

/** A word's outline: upper-case letters X, others x, digits 0, runs of letters as one, up to four digits. */
export function shapeOf(text: string): string {
  return text
    .replace(/\p{Lu}+/gu, 'X')
    .replace(/[\p{Ll}\p{Lo}\p{Lt}\p{Lm}\p{M}]+/gu, 'x')
    .replace(/\p{N}/gu, '0')
    .replace(/0{5,}/g, '00000')
    .slice(0, 20)
}
