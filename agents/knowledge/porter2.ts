/**
 * The Porter2 stemmer for English (M. F. Porter, the Snowball project's "English", as of its version 3): words of one stem become one
 * term. Deviations: none known; tests hold it against the original.
 */

const isVowel = (word: string, at: number): boolean => at >= 0 && 'aeiouy'.includes(word[at]!)

/** Words that the rules would spoil, with what they become. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word): [string, string] => [word, word]),
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
])

/** Beginnings after which the first region starts, wherever it would start otherwise. */
const beginnings = /^(gener|commun|arsen|past|univers|later|emerg|organ|inter)/

/** Words that stay once their plural is taken off. */
const stays: ReadonlySet<string> = new Set(
  'inning outing canning herring earring evening proceed exceed succeed'.split(' '),
)

/** [suffix, what it becomes], the longest first; each counts only in the first region. */
const step2: readonly (readonly [string, string])[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['fulli', 'ful'],
  ['ogist', 'og'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
]

const step3: readonly (readonly [string, string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ative', ''],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
]

const step4: readonly string[] = 'ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic'.split(
  ' ',
)

/** The stem of a word of lower-case letters a to z and apostrophes; other words are as they are. */
export function stem(word: string): string {
  if (word.length <= 2 || !/^[a-z']+$/.test(word)) return word
  const known = exceptions.get(word)
  if (known !== undefined) return known
  const marked = markY(word.startsWith("'") ? word.slice(1) : word)
  const [r1, r2] = regions(marked)
  const singular = withoutPlural(withoutPossessive(marked))
  if (stays.has(singular)) return singular
  let stemmed = yToI(withoutVerbEnding(singular, r1))
  stemmed = replaced2(stemmed, r1)
  stemmed = replaced3(stemmed, r1, r2)
  stemmed = withoutLastSuffix(stemmed, r2)
  return withoutFinal(stemmed, r1, r2).replaceAll('Y', 'y')
}

/** A y that is a consonant becomes Y: at the beginning, and after a vowel. */
function markY(word: string): string {
  if (!word.includes('y')) return word
  let marked = ''
  for (let k = 0; k < word.length; k++) {
    const consonant = word[k] === 'y' && (k === 0 || isVowel(marked, k - 1))
    marked += consonant ? 'Y' : word[k]!
  }
  return marked
}

/** Where the regions R1 and R2 begin: after the first consonant that follows a vowel, and the same again within R1. */
function regions(word: string): [number, number] {
  const after = (start: number): number => {
    for (let k = start + 1; k < word.length; k++) {
      if (!isVowel(word, k) && k - 1 >= start && isVowel(word, k - 1)) return k + 1
    }
    return word.length
  }
  const r1 = beginnings.exec(word)?.[0].length ?? after(0)
  return [r1, after(r1)]
}

function withoutPossessive(word: string): string {
  return word.replace(/('s'|'s|')$/, '')
}

function hasVowel(word: string, end: number): boolean {
  for (let k = 0; k < end; k++) if (isVowel(word, k)) return true
  return false
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (word.endsWith('ied') || word.endsWith('ies')) return word.slice(0, word.length > 4 ? -2 : -1)
  if (!word.endsWith('s') || word.endsWith('us') || word.endsWith('ss')) return word
  return hasVowel(word, word.length - 2) ? word.slice(0, -1) : word
}

function withoutVerbEnding(word: string, r1: number): string {
  const eed = /eed(ly)?$/.exec(word)
  if (eed !== null) {
    // The original leaves these three be, though they stand in R1.
    const whole = /^(proc|exc|succ)eed/.test(word)
    return eed.index >= r1 && !whole ? word.slice(0, eed.index + 2) : word
  }
  const ending = /(ed|ing)(ly)?$/.exec(word)
  if (ending === null) return word
  const rest = word.slice(0, ending.index)
  // dying, lying, tying: die, lie, tie.
  if (ending[0] === 'ing' && /^[^aeiouy]y$/.test(rest)) return `${rest.slice(0, -1)}ie`
  if (!hasVowel(rest, rest.length)) return word
  if (/(at|bl|iz)$/.test(rest)) return `${rest}e`
  // add, ebb, egg, off stay; hopp loses a p.
  if (/(bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return /^[aeo]..$/.test(rest) ? rest : rest.slice(0, -1)
  return r1 >= rest.length && endsShort(rest) ? `${rest}e` : rest
}

/** Whether a word ends in a short syllable: a vowel between consonants the last of which isn't w, x or Y, or vowel and consonant alone. */
function endsShort(word: string): boolean {
  const last = word.length - 1
  if (word === 'past') return true
  if (last < 1 || isVowel(word, last) || !isVowel(word, last - 1)) return false
  return last === 1 || (!isVowel(word, last - 2) && !'wxY'.includes(word[last]!))
}

function yToI(word: string): string {
  const last = word.length - 1
  const isY = word[last] === 'y' || word[last] === 'Y'
  return isY && last > 1 && !isVowel(word, last - 1) ? `${word.slice(0, -1)}i` : word
}

function replaced2(word: string, r1: number): string {
  const found = step2.find(([suffix]) => word.endsWith(suffix))
  if (found === undefined) return word
  const [suffix, becomes] = found
  const at = word.length - suffix.length
  if (at < r1) return word
  const before = word[at - 1] ?? ''
  if (suffix === 'ogi' && before !== 'l') return word
  if (suffix === 'li' && !'cdeghkmnrt'.includes(before)) return word
  return word.slice(0, at) + becomes
}

function replaced3(word: string, r1: number, r2: number): string {
  const found = step3.find(([suffix]) => word.endsWith(suffix))
  if (found === undefined) return word
  const [suffix, becomes] = found
  const at = word.length - suffix.length
  return at < (suffix === 'ative' ? r2 : r1) ? word : word.slice(0, at) + becomes
}

function withoutLastSuffix(word: string, r2: number): string {
  const suffix = step4.find((one) => word.endsWith(one))
  if (suffix === undefined) return word
  const at = word.length - suffix.length
  if (at < r2 || (suffix === 'ion' && !/[st]$/.test(word.slice(0, at)))) return word
  return word.slice(0, at)
}

function withoutFinal(word: string, r1: number, r2: number): string {
  const rest = word.slice(0, -1)
  if (word.endsWith('e')) return rest.length >= r2 || (rest.length >= r1 && !endsShort(rest)) ? rest : word
  return word.endsWith('ll') && rest.length >= r2 ? rest : word
}
