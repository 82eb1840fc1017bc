import type { Passage, Source } from '../contract/agent.js'
import { type Bm25Arrays, Bm25Index } from './bm25-index.js'
import type { KnowledgeDocument } from './document.js'
import { type PassageLimits, passageSpans } from './passages.js'
import { sentenceSpans } from './sentences.js'
import { termsOf } from './terms.js'
import type { Span } from './words.js'

/** How a knowledge base cuts and ranks. */
export interface KnowledgeSettings extends PassageLimits {
  readonly k1: number
  readonly b: number
  /** How often the title of a document and the heading count among the words of a passage. */
  readonly titleWeight: number
  /** How much a passage's score counts in that of its sentences. */
  readonly passageShare: number
}

/** Chosen on folds over the articles of XQuAD (docs/knowledge.md). */
export const defaultSettings: KnowledgeSettings = {
  together: 600,
  most: 2000,
  k1: 0.9,
  b: 0.4,
  titleWeight: 1,
  passageShare: 0.5,
}

/** A piece of a document in an index: a passage, or a sentence of one. */
interface Piece extends Span {
  readonly document: number
  readonly heading: string
  /** Place among the pieces of its document. */
  readonly place: number
  /** Of a sentence: the number of its passage. */
  readonly passage: number
}

interface Held {
  readonly document: KnowledgeDocument
  readonly passages: readonly number[]
  readonly sentences: readonly number[]
}

/** A knowledge base as plain data, for a file. */
export interface KnowledgeContent {
  readonly settings: KnowledgeSettings
  readonly documents: readonly KnowledgeDocument[]
  /** [passages] document, from, to, place of its heading in `headings`. */
  readonly passages: Int32Array
  /** [sentences] passage, from, to. */
  readonly sentences: Int32Array
  readonly headings: readonly string[]
  readonly passageIndex: Bm25Arrays
  readonly sentenceIndex: Bm25Arrays
}

/**
 * Documents to look things up in. Changed in place: what a question finds after any changes is what it would find in a base made anew.
 */
export class KnowledgeBase {
  readonly settings: KnowledgeSettings
  readonly #passageIndex: Bm25Index
  readonly #sentenceIndex: Bm25Index
  /** By number of the document; null where it was removed. */
  readonly #held: (Held | null)[] = []
  readonly #byId = new Map<string, number>()
  /** By their numbers in the index. */
  readonly #passages: Piece[] = []
  readonly #sentences: Piece[] = []

  constructor(settings: Partial<KnowledgeSettings> = {}) {
    this.settings = { ...defaultSettings, ...settings }
    this.#passageIndex = new Bm25Index(this.settings)
    this.#sentenceIndex = new Bm25Index(this.settings)
  }

  /** How many passages it holds. */
  get size(): number {
    return this.#passageIndex.size
  }

  /** Ids of its documents, in the order in which they came. */
  get documents(): string[] {
    return [...this.#byId.keys()]
  }

  document(id: string): KnowledgeDocument | undefined {
    const number = this.#byId.get(id)
    return number === undefined ? undefined : this.#held[number]!.document
  }

  /** Takes a document in; one of the same id is replaced. */
  put(document: KnowledgeDocument): void {
    this.remove(document.id)
    const number = this.#held.length
    const { text, title } = document
    const sentences: number[] = []
    const passages = passageSpans(text, this.settings).map(({ from, to, heading }, place) => {
      const words = termsOf(text.slice(from, to))
      const titled = termsOf(heading === title ? title : `${title} ${heading}`)
      for (let k = 0; k < this.settings.titleWeight; k++) words.push(...titled)
      const passage = this.#passageIndex.add(words)
      this.#passages[passage] = { document: number, from, to, heading, place, passage }
      for (const span of sentenceSpans(text.slice(from, to))) {
        const sentence = { from: from + span.from, to: from + span.to }
        const slot = this.#sentenceIndex.add(termsOf(text.slice(sentence.from, sentence.to)))
        this.#sentences[slot] = { document: number, ...sentence, heading, place: sentences.push(slot) - 1, passage }
      }
      return passage
    })
    this.#held.push({ document, passages, sentences })
    this.#byId.set(document.id, number)
  }

  /** Takes a document out. @returns whether it was there */
  remove(id: string): boolean {
    const number = this.#byId.get(id)
    if (number === undefined) return false
    const { passages, sentences } = this.#held[number]!
    for (const slot of passages) this.#passageIndex.remove(slot)
    for (const slot of sentences) this.#sentenceIndex.remove(slot)
    this.#held[number] = null
    this.#byId.delete(id)
    return true
  }

  /** The passages that fit a question best, the best first; none where no word of it is known. */
  search(question: string, top: number): Passage[] {
    const terms = termsOf(question)
    const hits = this.#passageIndex.search(terms, top, (x, y) => this.#isBefore(this.#passages[x]!, this.#passages[y]!))
    return hits.map(({ slot, score }) => this.#found(this.#passages[slot]!, score))
  }

  /** The sentences that fit a question best, each also by the passage that it stands in. */
  searchSentences(question: string, top: number): Passage[] {
    const terms = termsOf(question)
    const before = (x: Piece, y: Piece) => this.#isBefore(x, y)
    // A passage lifts its sentences, so that more are looked at than are wanted.
    const candidates = this.#sentenceIndex.search(terms, 4 * top + 16, (x, y) =>
      before(this.#sentences[x]!, this.#sentences[y]!),
    )
    const passages = candidates.map(({ slot }) => this.#sentences[slot]!.passage)
    const lifted = this.#passageIndex.scores(terms, passages)
    return candidates
      .map(({ slot, score }, k) => ({
        piece: this.#sentences[slot]!,
        score: score + this.settings.passageShare * lifted[k]!,
      }))
      .sort((x, y) => y.score - x.score || (before(x.piece, y.piece) ? -1 : 1))
      .slice(0, top)
      .map(({ piece, score }) => this.#found(piece, score))
  }

  /** All passages, in the order of their documents; scores are 0. */
  passages(): Passage[] {
    return this.#held.flatMap((held) =>
      held === null ? [] : held.passages.map((slot) => this.#found(this.#passages[slot]!, 0)),
    )
  }

  /** What part of a question's terms, by their idf, a text has: 0 to 1; 0 where the question has none. */
  coverage(question: string, text: string): number {
    const own = new Set(termsOf(text))
    let all = 0
    let shared = 0
    for (const term of new Set(termsOf(question))) {
      const weight = this.#passageIndex.idf(term)
      all += weight
      if (own.has(term)) shared += weight
    }
    return all === 0 ? 0 : shared / all
  }

  /** A citation of a piece of a document, with its words. */
  cite(id: string, { from, to }: Span): Source | undefined {
    const document = this.document(id)
    if (document === undefined || from < 0 || to > document.text.length || from >= to) return undefined
    return { document: id, title: document.title, from, to, quote: document.text.slice(from, to) }
  }

  /** Its content as plain data; documents and pieces are numbered anew in their order. */
  export(): KnowledgeContent {
    const held = this.#held.filter((one) => one !== null)
    const passages: number[] = []
    const sentences: number[] = []
    const headings: string[] = []
    const anew = new KnowledgeBase(this.settings)
    for (const { document } of held) anew.put(document)
    for (const { document, from, to, heading } of anew.#passages) {
      if (headings.at(-1) !== heading) headings.push(heading)
      passages.push(document, from, to, headings.length - 1)
    }
    for (const { passage, from, to } of anew.#sentences) sentences.push(passage, from, to)
    return {
      settings: this.settings,
      documents: held.map(({ document }) => document),
      passages: Int32Array.from(passages),
      sentences: Int32Array.from(sentences),
      headings,
      passageIndex: anew.#passageIndex.export(),
      sentenceIndex: anew.#sentenceIndex.export(),
    }
  }

  /** A base of exported content, whose parts have to fit each other. */
  static load(content: KnowledgeContent): KnowledgeBase {
    const base = new KnowledgeBase(content.settings)
    const held = content.documents.map((document) => ({
      document,
      passages: [] as number[],
      sentences: [] as number[],
    }))
    const { passages, sentences, headings } = content
    for (let k = 0; 4 * k < passages.length; k++) {
      const [document, from, to, heading] = passages.subarray(4 * k, 4 * k + 4) as unknown as number[]
      const place = held[document!]!.passages.push(k) - 1
      base.#passages.push({
        document: document!,
        from: from!,
        to: to!,
        heading: headings[heading!]!,
        place,
        passage: k,
      })
    }
    for (let k = 0; 3 * k < sentences.length; k++) {
      const [passage, from, to] = sentences.subarray(3 * k, 3 * k + 3) as unknown as number[]
      const { document, heading } = base.#passages[passage!]!
      const place = held[document]!.sentences.push(k) - 1
      base.#sentences.push({ document, from: from!, to: to!, heading, place, passage: passage! })
    }
    for (const one of held) {
      base.#byId.set(one.document.id, base.#held.push(one) - 1)
    }
    base.#passageIndex.load(content.passageIndex)
    base.#sentenceIndex.load(content.sentenceIndex)
    return base
  }

  /** Order of pieces that fit equally well: whatever happened before, the same. */
  #isBefore(x: Piece, y: Piece): boolean {
    if (x.document === y.document) return x.place < y.place
    const [one, other] = [this.#held[x.document]!.document.id, this.#held[y.document]!.document.id]
    return one < other
  }

  #found(piece: Piece, score: number): Passage {
    const { document } = this.#held[piece.document]!
    const { from, to, place } = piece
    const source = { document: document.id, title: document.title, from, to }
    return { id: `${document.id}#${place}`, text: document.text.slice(from, to), score, source }
  }
}
