import { mayFollow } from './bio.js'
import { Chain } from './chain.js'

/** Features of each word of a sentence, one list after the other: word t has ids[start[t]] .. ids[start[t + 1] - 1]. */
export interface FeatureRows {
  readonly ids: Int32Array
  readonly start: Int32Array
}

/** Weights of the tags of one intent. */
export interface IntentTags {
  /** i32 [K], its tags by their number in `SlotTagger.tags`, ascending. */
  readonly tags: Int32Array
  /** i32 [F]: the row of a feature in `weights`, -1 where no sentence of the intent has it. */
  readonly rowOf: Int32Array
  /** f32 [rows, K] */
  readonly weights: Float32Array
  /** f32 [K, K], of moves */
  readonly moves: Float32Array
}

/**
 * Tags words given the intent: a conditional random field for each intent over the tags that it has. A weight is the sum of one that
 * all intents share and one of the intent's own. Moves that BIO forbids have probability 0.
 */
export class SlotTagger {
  /** All tags, O first. */
  readonly tags: readonly string[]
  /** f32 [F, tags], shared by all intents */
  readonly shared: Float32Array
  /** f32 [tags, tags], of moves */
  readonly sharedMoves: Float32Array
  readonly intents: readonly IntentTags[]
  readonly #chains: readonly Chain[]

  constructor(
    tags: readonly string[],
    shared: Float32Array,
    sharedMoves: Float32Array,
    intents: readonly IntentTags[],
  ) {
    this.tags = tags
    this.shared = shared
    this.sharedMoves = sharedMoves
    this.intents = intents
    this.#chains = intents.map((intent) => chainOf(Array.from(intent.tags, (tag) => tags[tag]!)))
    for (let i = 0; i < intents.length; i++) this.takeMoves(i)
  }

  /** The chain of an intent, with the scores of a sentence in it. It is used over and over: use it before the next call. */
  chain(intent: number, rows: FeatureRows): Chain {
    const chain = this.#chains[intent]!
    const { tags, rowOf, weights } = this.intents[intent]!
    const K = tags.length
    const all = this.tags.length
    const { ids, start } = rows
    chain.begin(start.length - 1)
    const { score } = chain
    for (let t = 0; t < chain.length; t++) {
      const at = t * K
      const end = start[t + 1]!
      for (let n = start[t]!; n < end; n++) {
        const feature = ids[n]!
        const base = feature * all
        for (let k = 0; k < K; k++) score[at + k]! += this.shared[base + tags[k]!]!
        const row = rowOf[feature]!
        if (row < 0) continue
        for (let k = 0, w = row * K; k < K; k++, w++) score[at + k]! += weights[w]!
      }
    }
    return chain
  }

  /** Brings the chain of an intent up to date with the weights of moves. */
  takeMoves(intent: number): void {
    const chain = this.#chains[intent]!
    const { tags, moves } = this.intents[intent]!
    const K = tags.length
    for (let j = 0; j < K; j++) {
      for (let k = 0; k < K; k++) {
        chain.move[j * K + k] = moves[j * K + k]! + this.sharedMoves[tags[j]! * this.tags.length + tags[k]!]!
      }
    }
    chain.takeMoves()
  }

  /** The weight that a feature gives a tag (by its place in the intent's tags): shared and own. */
  weight(intent: number, feature: number, k: number): number {
    const { tags, rowOf, weights } = this.intents[intent]!
    const row = rowOf[feature]!
    return this.shared[feature * this.tags.length + tags[k]!]! + (row < 0 ? 0 : weights[row * tags.length + k]!)
  }
}

function chainOf(tags: readonly string[]): Chain {
  const legal = tags.flatMap((before) => tags.map((tag) => (mayFollow(before, tag) ? 1 : 0)))
  return new Chain(
    Uint8Array.from(legal),
    Uint8Array.from(tags, (tag) => (mayFollow(undefined, tag) ? 1 : 0)),
  )
}
