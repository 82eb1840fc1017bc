import type { Passage } from '../contract/agent.js'
import { sentenceSpans } from '../knowledge/sentences.js'
import { termsOf } from '../knowledge/terms.js'
import type { TokenCounter } from './count-tokens.js'
import { WorthQueue } from './worth-queue.js'

export interface PackSettings {
  /** Most tokens of all pieces together, each with its overhead. */
  readonly budget: number
  /** What a piece costs beside its text: a number, a title. */
  readonly overhead: number
}

/** What was packed. */
export interface Packed {
  /** In the order of the passages given; neighbouring sentences are one piece. */
  readonly pieces: readonly Passage[]
  readonly tokens: number
  /** What part of the question's words that the passages have is in the pieces, by their weights: 0 to 1. */
  readonly covered: number
}

interface Sentence {
  readonly passage: number
  readonly place: number
  readonly from: number
  readonly to: number
  readonly terms: ReadonlySet<string>
  readonly tokens: number
}

/** What is left of a word's worth each time that it has been said. */
const again = 0.3
/** What a sentence is worth beside words of the question, where its passage scores highest. */
const nearby = 0.02

/**
 * Fills a budget of tokens with sentences: again and again the one that adds most for its tokens. A sentence adds the words of the
 * question that it has, each by its rarity in the passages and less with each time that it is there already; and a little for
 * standing in a passage of a high score, so that a budget that is left goes to the sentences around.
 */
export function packContext(
  question: string,
  passages: readonly Passage[],
  { budget, overhead }: PackSettings,
  count: TokenCounter,
): Packed {
  const sentences = sentencesOf(passages, count)
  const weights = weightsOf(question, sentences)
  const best = Math.max(1e-9, ...passages.map(({ score }) => score))
  const said = new Map<string, number>()
  const worthOf = (k: number) => {
    const { passage, terms, tokens: own } = sentences[k]!
    const share = Math.max(0, passages[passage]!.score) / best
    return (newWorth(terms, weights, said) + nearby * share) / Math.max(1, own)
  }
  const chosen = new Chosen(sentences, passages, overhead, count)
  // What a sentence adds only ever falls: one that is ahead by what it adds now is ahead of all whose worth is older.
  const waiting = new WorthQueue(sentences.map((_, k) => worthOf(k)))
  for (let k = waiting.first; k >= 0; k = waiting.first) {
    if (!waiting.isFirstAt(worthOf(k))) continue
    const worth = waiting.take()
    if (worth <= 0) break
    if (chosen.tokensWith(k) > budget) continue
    chosen.add(k)
    for (const term of sentences[k]!.terms) if (weights.has(term)) said.set(term, (said.get(term) ?? 0) + 1)
  }
  const { pieces, tokens } = chosen.within(budget)
  const there = new Set(chosen.places.flatMap((k) => [...sentences[k]!.terms]))
  const [coverable, covered] = [...weights].reduce(
    ([all, own], [term, weight]) => [all + weight, own + (there.has(term) ? weight : 0)],
    [0, 0],
  )
  return { pieces, tokens, covered: coverable === 0 ? 0 : covered / coverable }
}

function sentencesOf(passages: readonly Passage[], count: TokenCounter): Sentence[] {
  return passages.flatMap(({ text }, passage) =>
    sentenceSpans(text).map(({ from, to }, place): Sentence => {
      const words = text.slice(from, to)
      return { passage, place, from, to, terms: new Set(termsOf(words)), tokens: count(words) }
    }),
  )
}

/** Sentences that were chosen, and what they cost together: each with its neighbours' seams, so that no text is counted again and again. */
class Chosen {
  readonly #sentences: readonly Sentence[]
  readonly #passages: readonly Passage[]
  readonly #overhead: number
  readonly #count: TokenCounter
  /** In the order in which they were chosen. */
  readonly places: number[] = []
  readonly #has: Uint8Array
  /** [sentences] what one and the one before it cost more together than apart; NaN until somebody asks. */
  readonly #seams: Float64Array
  #tokens = 0

  constructor(sentences: readonly Sentence[], passages: readonly Passage[], overhead: number, count: TokenCounter) {
    this.#sentences = sentences
    this.#passages = passages
    this.#overhead = overhead
    this.#count = count
    this.#has = new Uint8Array(sentences.length)
    this.#seams = new Float64Array(sentences.length).fill(Number.NaN)
  }

  /** Tokens of all, one more among them: beside a neighbour it has no number of its own. */
  tokensWith(k: number): number {
    const joined = [k, k + 1].filter((at) => this.#isJoint(at) && this.#has[at === k ? k - 1 : k + 1] === 1)
    const seams = joined.reduce((sum, at) => sum + this.#seamAt(at) - this.#overhead, 0)
    return this.#tokens + this.#sentences[k]!.tokens + this.#overhead + seams
  }

  add(k: number): void {
    this.#tokens = this.tokensWith(k)
    this.#has[k] = 1
    this.places.push(k)
  }

  /** The pieces, counted once more as they are; without the last ones chosen where the sum of parts was too small. */
  within(budget: number): { readonly pieces: readonly Passage[]; readonly tokens: number } {
    for (;;) {
      const pieces = piecesOf(
        this.places.map((k) => this.#sentences[k]!),
        this.#passages,
      )
      const tokens = pieces.reduce((sum, { text }) => sum + this.#count(text) + this.#overhead, 0)
      if (tokens <= budget || this.places.pop() === undefined) return { pieces, tokens }
    }
  }

  /** Whether a sentence follows the one before in its passage. */
  #isJoint(at: number): boolean {
    return at > 0 && at < this.#sentences.length && this.#sentences[at - 1]!.passage === this.#sentences[at]!.passage
  }

  #seamAt(at: number): number {
    const known = this.#seams[at]!
    if (!Number.isNaN(known)) return known
    const [before, after] = [this.#sentences[at - 1]!, this.#sentences[at]!]
    const together = this.#passages[after.passage]!.text.slice(before.from, after.to)
    const seam = this.#count(together) - before.tokens - after.tokens
    this.#seams[at] = seam
    return seam
  }
}

/** Words of the question that the sentences have, by how rare they are in them. */
function weightsOf(question: string, sentences: readonly Sentence[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const term of new Set(termsOf(question))) {
    const n = sentences.filter(({ terms }) => terms.has(term)).length
    if (n > 0) weights.set(term, Math.log(1 + (sentences.length - n + 0.5) / (n + 0.5)))
  }
  return weights
}

function newWorth(
  terms: ReadonlySet<string>,
  weights: ReadonlyMap<string, number>,
  said: ReadonlyMap<string, number>,
): number {
  let worth = 0
  for (const [term, weight] of weights) if (terms.has(term)) worth += weight * again ** (said.get(term) ?? 0)
  return worth
}

/** Chosen sentences as pieces of their passages: neighbours together. */
function piecesOf(chosen: readonly Sentence[], passages: readonly Passage[]): Passage[] {
  const runs: { passage: number; from: number; to: number; last: number }[] = []
  for (const { passage, place, from, to } of [...chosen].sort((x, y) => x.passage - y.passage || x.place - y.place)) {
    const run = runs.at(-1)
    if (run !== undefined && run.passage === passage && run.last === place - 1) {
      run.to = to
      run.last = place
    } else runs.push({ passage, from, to, last: place })
  }
  return runs.map(({ passage, from, to }) => {
    const { id, text, score, source } = passages[passage]!
    const whole = from === 0 && to === text.length
    const at = source.from
    const { from: _from, to: _to, quote: _quote, ...named } = source
    const place = at === undefined ? {} : { from: at + from, to: at + to }
    return { id: whole ? id : `${id}:${from}`, text: text.slice(from, to), score, source: { ...named, ...place } }
  })
}
