import { termOf } from '../knowledge/terms.js'
import { wordSpans } from '../knowledge/words.js'

/** What kinds of answer questions ask for, by the words that ask. */
export const questionKinds = [
  'who',
  'when',
  'where',
  'why',
  'how-many',
  'how-much',
  'how',
  'which',
  'what',
  'yes-no',
  'other',
] as const
export type QuestionKind = (typeof questionKinds)[number]

/** What a question asks for, and by which words it is to be recognised. */
export interface Asked {
  readonly kind: QuestionKind
  /** What is counted or named after `what`, `which` or `how many`, as a term: `year` of `in what year`; empty where nothing is. */
  readonly focus: string
  /** Its terms without the stop words, in their order; the focus among them. */
  readonly terms: readonly string[]
  /** Place in `terms` of the first one after the word that asks; `terms.length` where there is none. */
  readonly afterAsking: number
}

const asking: ReadonlySet<string> = new Set('who whom whose when where why how which what'.split(' '))
const auxiliary: ReadonlySet<string> = new Set(
  'is are was were do does did has have had can could will would should may might must be'.split(' '),
)
/** Between a word that asks and what it asks for: what kind of, which of the, how many different. */
const passedOver: ReadonlySet<string> = new Set(
  'of the a an kind type sort other two three different main first last name'.split(' '),
)

/** Reads what a question asks for. */
export function readQuestion(question: string): Asked {
  const words = wordSpans(question).map(({ from, to }) => question.slice(from, to).toLowerCase())
  const at = words.findIndex((word) => asking.has(word))
  const terms: string[] = []
  let afterAsking = -1
  words.forEach((word, k) => {
    const term = termOf(word)
    if (term === null) return
    if (k > at && afterAsking < 0) afterAsking = terms.length
    terms.push(term)
  })
  const kind = kindOf(words, at)
  return { kind, focus: focusOf(words, at, kind), terms, afterAsking: afterAsking < 0 ? terms.length : afterAsking }
}

function kindOf(words: readonly string[], at: number): QuestionKind {
  if (at < 0) return auxiliary.has(words[0] ?? '') ? 'yes-no' : 'other'
  const word = words[at]!
  const next = words[at + 1] ?? ''
  if (word === 'how') return next === 'many' ? 'how-many' : next === 'much' ? 'how-much' : 'how'
  return word === 'whom' || word === 'whose' ? 'who' : (word as QuestionKind)
}

function focusOf(words: readonly string[], at: number, kind: QuestionKind): string {
  if (at < 0 || !['what', 'which', 'how-many', 'how-much', 'how'].includes(kind)) return ''
  let next = at + (kind === 'how-many' || kind === 'how-much' ? 2 : 1)
  while (next < words.length && passedOver.has(words[next]!)) next++
  // What is the name of ...: that is behind the verb.
  if (auxiliary.has(words[next] ?? '')) {
    do next++
    while (next < words.length && passedOver.has(words[next]!))
  }
  return termOf(words[next] ?? '') ?? ''
}
