import type { Rng } from '#env/rng.js'
import type { Chain } from './chain.js'
import { type FeatureRows, type IntentTags, SlotTagger } from './slot-tagger.js'

export interface TaggerOptions {
  readonly epochs: number
  readonly rate: number
  /** Of the penalty l2 / 2 |w|^2 beside the sum of all sentences' log-likelihoods. */
  readonly l2: number
}

/** A training sentence. */
export interface TaggedRows {
  readonly rows: FeatureRows
  /** Which intent, by number. */
  readonly intent: number
  /** i32 [T], by number in all tags */
  readonly tags: Int32Array
}

/**
 * Fits the weights by log-likelihood, sentence by sentence in an order drawn anew each epoch, with AdaGrad (Duchi et al. 2011, section
 * 1.1, diagonal). The penalty's gradient is spread over the occurrences of each feature, so that one epoch adds up to all of it.
 */
export class TaggerTraining {
  readonly tagger: SlotTagger
  readonly #sentences: readonly TaggedRows[]
  readonly #options: TaggerOptions
  /** Sums of squared gradients, of the same shapes as the weights. */
  readonly #squares: Float32Array
  readonly #moveSquares: Float32Array
  readonly #own: readonly { readonly weights: Float32Array; readonly moves: Float32Array }[]
  /** f32 [F]: l2 / number of occurrences; and by intent and row, of those in its sentences. */
  readonly #penalty: Float32Array
  readonly #ownPenalty: readonly Float32Array[]
  readonly #movePenalty: number
  /** i32 [tags] by intent: the place of a tag among the intent's, -1 where it hasn't it */
  readonly #places: readonly Int32Array[]
  #residual = new Float64Array(0)
  readonly #moveResidual: readonly Float64Array[]

  constructor(
    sentences: readonly TaggedRows[],
    shape: { readonly features: number; readonly tags: readonly string[]; readonly intents: number },
    options: TaggerOptions,
  ) {
    const { features, tags, intents } = shape
    this.#sentences = sentences
    this.#options = options
    const parts = Array.from({ length: intents }, (_, i) => intentPart(sentences, i, features, tags.length))
    const shared = new Float32Array(features * tags.length)
    this.tagger = new SlotTagger(tags, shared, new Float32Array(tags.length ** 2), parts)
    this.#squares = new Float32Array(shared.length)
    this.#moveSquares = new Float32Array(tags.length ** 2)
    this.#own = parts.map(({ weights, moves }) => ({
      weights: new Float32Array(weights.length),
      moves: new Float32Array(moves.length),
    }))
    this.#penalty = new Float32Array(features)
    this.#ownPenalty = parts.map(({ weights, tags: own }) => new Float32Array(weights.length / own.length))
    for (const { rows, intent } of sentences) {
      for (const feature of rows.ids) {
        this.#penalty[feature]!++
        this.#ownPenalty[intent]![parts[intent]!.rowOf[feature]!]!++
      }
    }
    for (const counts of [this.#penalty, ...this.#ownPenalty]) {
      for (let f = 0; f < counts.length; f++) counts[f] = options.l2 / Math.max(1, counts[f]!)
    }
    this.#movePenalty = options.l2 / Math.max(1, sentences.length)
    this.#places = parts.map(({ tags: own }) => {
      const places = new Int32Array(tags.length).fill(-1)
      own.forEach((tag, k) => {
        places[tag] = k
      })
      return places
    })
    this.#moveResidual = parts.map(({ moves }) => new Float64Array(moves.length))
  }

  /** All epochs. @param rng - the order of the sentences */
  run(rng: Rng): void {
    const order = Int32Array.from(this.#sentences, (_, i) => i)
    for (let epoch = 0; epoch < this.#options.epochs; epoch++) {
      for (let i = order.length - 1; i > 0; i--) {
        const j = rng.integer(i + 1)
        const other = order[j]!
        order[j] = order[i]!
        order[i] = other
      }
      for (const i of order) this.step(this.#sentences[i]!)
    }
    for (let i = 0; i < this.tagger.intents.length; i++) this.tagger.takeMoves(i)
  }

  /**
   * One step on one sentence.
   * @returns its log-likelihood before the step
   */
  step({ rows, intent, tags }: TaggedRows): number {
    // Steps on other intents move what is shared.
    this.tagger.takeMoves(intent)
    const chain = this.tagger.chain(intent, rows)
    const T = chain.length
    const K = chain.tags
    const places = this.#places[intent]!
    const log = chain.sums()
    let likelihood = -log
    if (this.#residual.length < T * K) this.#residual = new Float64Array(2 * T * K)
    const residual = this.#residual
    residual.set(chain.marginal.subarray(0, T * K))
    const moves = this.#moveResidual[intent]!.fill(0)
    chain.addMoveCounts(moves)
    for (let t = 0; t < T; t++) {
      const k = places[tags[t]!]!
      residual[t * K + k]! -= 1
      likelihood += chain.score[t * K + k]!
      if (t === 0) continue
      const m = places[tags[t - 1]!]! * K + k
      moves[m]! -= 1
      likelihood += chain.move[m]!
    }
    this.#stepFeatures(rows, intent, K)
    if (T > 1) this.#stepMoves(intent, chain, moves)
    return likelihood
  }

  #stepFeatures({ ids, start }: FeatureRows, intent: number, K: number): void {
    const { tags, rowOf, weights } = this.tagger.intents[intent]!
    const { shared } = this.tagger
    const all = this.tagger.tags.length
    const { rate } = this.#options
    const residual = this.#residual
    const squares = this.#squares
    const ownSquares = this.#own[intent]!.weights
    const ownPenalty = this.#ownPenalty[intent]!
    for (let t = 0; t < start.length - 1; t++) {
      const at = t * K
      const end = start[t + 1]!
      for (let n = start[t]!; n < end; n++) {
        const feature = ids[n]!
        const row = rowOf[feature]!
        const decay = this.#penalty[feature]!
        const ownDecay = ownPenalty[row]!
        for (let k = 0; k < K; k++) {
          const r = residual[at + k]!
          const s = feature * all + tags[k]!
          let g = r + decay * shared[s]!
          if (g !== 0) {
            squares[s]! += g * g
            shared[s]! -= (rate * g) / Math.sqrt(squares[s]! + 1e-10)
          }
          const o = row * K + k
          g = r + ownDecay * weights[o]!
          if (g !== 0) {
            ownSquares[o]! += g * g
            weights[o]! -= (rate * g) / Math.sqrt(ownSquares[o]! + 1e-10)
          }
        }
      }
    }
  }

  #stepMoves(intent: number, { legal }: Chain, residual: Float64Array): void {
    const { tags, moves } = this.tagger.intents[intent]!
    const { sharedMoves } = this.tagger
    const K = tags.length
    const all = this.tagger.tags.length
    const { rate } = this.#options
    const ownSquares = this.#own[intent]!.moves
    for (let j = 0; j < K; j++) {
      for (let k = 0; k < K; k++) {
        const m = j * K + k
        if (legal[m] !== 1) continue
        const s = tags[j]! * all + tags[k]!
        let g = residual[m]! + this.#movePenalty * sharedMoves[s]!
        this.#moveSquares[s]! += g * g
        sharedMoves[s]! -= (rate * g) / Math.sqrt(this.#moveSquares[s]! + 1e-10)
        g = residual[m]! + this.#movePenalty * moves[m]!
        ownSquares[m]! += g * g
        moves[m]! -= (rate * g) / Math.sqrt(ownSquares[m]! + 1e-10)
      }
    }
  }
}

/** Zeros for the tags and features that the sentences of an intent have. */
function intentPart(sentences: readonly TaggedRows[], intent: number, features: number, tags: number): IntentTags {
  const has = new Uint8Array(tags)
  const rowOf = new Int32Array(features).fill(-1)
  let rows = 0
  has[0] = 1
  for (const sentence of sentences) {
    if (sentence.intent !== intent) continue
    for (const tag of sentence.tags) has[tag] = 1
    for (const feature of sentence.rows.ids) if (rowOf[feature]! < 0) rowOf[feature] = rows++
  }
  const own = Int32Array.from(Array.from(has.keys()).filter((tag) => has[tag] === 1))
  return {
    tags: own,
    rowOf,
    weights: new Float32Array(rows * own.length),
    moves: new Float32Array(own.length ** 2),
  }
}
