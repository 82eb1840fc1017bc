import { KnowledgeBase, type KnowledgeSettings } from '#agents/knowledge/knowledge-base.js'
import type { Squad } from './squad.js'

/** A knowledge base of a SQuAD file: each paragraph a document of one passage, under the title of its article. */
export function squadBase(
  { titles, passages, groups }: Squad,
  settings: Partial<KnowledgeSettings> = {},
): KnowledgeBase {
  const base = new KnowledgeBase({ most: 1_000_000, together: 1_000_000, ...settings })
  passages.forEach((text, k) => {
    base.put({ id: String(k), title: titles[groups[k]!]!, text })
  })
  return base
}

/** How often what was looked for was found: shares of the questions. */
export interface Recall {
  readonly paragraphAt1: number
  readonly paragraphAt5: number
  readonly sentenceAt1: number
  /** [questions] */
  readonly right: readonly boolean[]
  readonly rightSentence: readonly boolean[]
  /** [questions] the paragraph that is read for it. */
  readonly found: readonly number[]
}

/** Looks up every question. */
export function recallOf(base: KnowledgeBase, { questions }: Squad): Recall {
  let atFive = 0
  const right: boolean[] = []
  const rightSentence: boolean[] = []
  const found: number[] = []
  for (const { question, passage, from } of questions) {
    const documents = base.search(question, 5).map(({ source }) => Number(source.document))
    found.push(documents[0] ?? 0)
    right.push(documents[0] === passage)
    if (documents.includes(passage)) atFive++
    const source = base.searchSentences(question, 1)[0]?.source
    rightSentence.push(
      source !== undefined && Number(source.document) === passage && source.from! <= from && from < source.to!,
    )
  }
  const share = (list: readonly boolean[]) => list.filter(Boolean).length / questions.length
  return {
    paragraphAt1: share(right),
    paragraphAt5: atFive / questions.length,
    sentenceAt1: share(rightSentence),
    right,
    rightSentence,
    found,
  }
}
