import type { Passage } from '../contract/agent.js'
import { sentenceSpans } from '../knowledge/sentences.js'
import { termsOf } from '../knowledge/terms.js'
import type { TokenCounter } from './count-tokens.js'

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
  const sentences = passages.flatMap(({ text }, passage) =>
    sentenceSpans(text).map(({ from, to }, place): Sentence => {
      const words = text.slice(from, to)
      return { passage, place, from, to, terms: new Set(termsOf(words)), tokens: Math.max(1, count(words)) }
    }),
  )
  const weights = weightsOf(question, sentences)
  const best = Math.max(1e-9, ...passages.map(({ score }) => score))
  const said = new Map<string, number>()
  const chosen = new Set<Sentence>()
  const left = new Set(sentences)
  let tokens = 0
  while (left.size > 0) {
    let next: Sentence | null = null
    let most = 0
    for (const sentence of left) {
      const share = Math.max(0, passages[sentence.passage]!.score) / best
      const worth = (newWorth(sentence, weights, said) + nearby * share) / sentence.tokens
      if (worth > most) {
        most = worth
        next = sentence
      }
    }
    if (next === null) break
    left.delete(next)
    // Beside its neighbours it may cost less: no number of its own, and a token where they meet.
    if (tokens + next.tokens - overhead - 4 > budget) continue
    chosen.add(next)
    const all = tokensOf(piecesOf(chosen, passages), overhead, count)
    if (all > budget) {
      chosen.delete(next)
      continue
    }
    tokens = all
    for (const term of next.terms) if (weights.has(term)) said.set(term, (said.get(term) ?? 0) + 1)
  }
  const [coverable, covered] = [...weights].reduce(
    ([all, own], [term, weight]) => [all + weight, own + (said.has(term) ? weight : 0)],
    [0, 0],
  )
  return { pieces: piecesOf(chosen, passages), tokens, covered: coverable === 0 ? 0 : covered / coverable }
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
  { terms }: Sentence,
  weights: ReadonlyMap<string, number>,
  said: ReadonlyMap<string, number>,
): number {
  let worth = 0
  for (const [term, weight] of weights) if (terms.has(term)) worth += weight * again ** (said.get(term) ?? 0)
  return worth
}

/** Chosen sentences as pieces of their passages: neighbours together. */
function piecesOf(chosen: ReadonlySet<Sentence>, passages: readonly Passage[]): Passage[] {
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

function tokensOf(pieces: readonly Passage[], overhead: number, count: TokenCounter): number {
  return pieces.reduce((sum, { text }) => sum + count(text) + overhead, 0)
}
