/**
 * The sums over all tag sequences of one sentence in a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001;
 * Sutton and McCallum 2012, section 4.1): forward and backward in the probability domain, each word's vector scaled to sum 1; Viterbi
 * on scores. Work space is used over and over; nothing is allocated once it is large enough.
 */
export class Chain {
  /** K, tags. */
  readonly tags: number
  /** T, words of the sentence at hand. */
  length = 0
  /** f64 [T, K], scores of tags at words: to be filled before the sums are asked for. */
  score = new Float64Array(0)
  /** f64 [K, K], scores of moves, row = from; only those of legal moves count. */
  readonly move: Float64Array
  /** u8 [K, K], 1 where a move is legal. */
  readonly legal: Uint8Array
  /** u8 [K], 1 where a sentence may begin with the tag. */
  readonly legalStart: Uint8Array
  /** f64 [T, K]: probabilities of tags at words, once `sums` was called. */
  marginal = new Float64Array(0)
  readonly #moveFactor: Float64Array
  #factor = new Float64Array(0)
  #alpha = new Float64Array(0)
  #beta = new Float64Array(0)
  #scale = new Float64Array(0)
  #best = new Float64Array(0)
  #from = new Int32Array(0)

  constructor(legal: Uint8Array, legalStart: Uint8Array) {
    this.tags = legalStart.length
    this.legal = legal
    this.legalStart = legalStart
    this.move = new Float64Array(this.tags * this.tags)
    this.#moveFactor = new Float64Array(this.tags * this.tags)
  }

  /** Makes room for a sentence and sets its scores to 0. */
  begin(length: number): void {
    this.length = length
    const size = length * this.tags
    if (this.score.length < size) {
      const room = 2 * size
      this.score = new Float64Array(room)
      this.marginal = new Float64Array(room)
      this.#factor = new Float64Array(room)
      this.#alpha = new Float64Array(room)
      this.#beta = new Float64Array(room)
      this.#best = new Float64Array(room)
      this.#from = new Int32Array(room)
      this.#scale = new Float64Array(2 * length)
    }
    this.score.fill(0, 0, size)
  }

  /** Takes the scores of moves over: to be called when `move` has changed. */
  takeMoves(): void {
    for (let m = 0; m < this.move.length; m++) this.#moveFactor[m] = this.legal[m] === 1 ? Math.exp(this.move[m]!) : 0
  }

  /**
   * Forward and backward; fills `marginal`. Scores more than 300 below a word's best count as 300 below.
   * @returns log of the sum of exp(score) over all legal sequences; 0 for no words
   */
  sums(): number {
    const { tags: K, length: T, score, marginal } = this
    const factor = this.#factor
    const alpha = this.#alpha
    const beta = this.#beta
    const scale = this.#scale
    const moves = this.#moveFactor
    let log = 0
    for (let t = 0; t < T; t++) {
      const row = t * K
      let most = Number.NEGATIVE_INFINITY
      for (let k = 0; k < K; k++) if (score[row + k]! > most) most = score[row + k]!
      let total = 0
      for (let k = 0; k < K; k++) {
        const f = Math.exp(Math.max(score[row + k]! - most, -300))
        factor[row + k] = f
        let sum = 0
        if (t === 0) sum = this.legalStart[k]!
        else for (let j = 0; j < K; j++) sum += alpha[row - K + j]! * moves[j * K + k]!
        alpha[row + k] = sum * f
        total += sum * f
      }
      scale[t] = total
      for (let k = 0; k < K; k++) alpha[row + k]! /= total
      log += most + Math.log(total)
    }
    for (let t = T - 1; t >= 0; t--) {
      const row = t * K
      for (let j = 0; j < K; j++) {
        let sum = 1
        if (t < T - 1) {
          sum = 0
          for (let k = 0; k < K; k++) sum += moves[j * K + k]! * factor[row + K + k]! * beta[row + K + k]!
          sum /= scale[t + 1]!
        }
        beta[row + j] = sum
        marginal[row + j] = alpha[row + j]! * sum
      }
    }
    return log
  }

  /** Adds the expected number of each move to f64 [K, K]; after `sums`. */
  addMoveCounts(into: Float64Array): void {
    const { tags: K, length: T } = this
    for (let t = 1; t < T; t++) {
      const row = t * K
      for (let j = 0; j < K; j++) {
        const before = this.#alpha[row - K + j]! / this.#scale[t]!
        if (before === 0) continue
        for (let k = 0; k < K; k++) {
          into[j * K + k]! += before * this.#moveFactor[j * K + k]! * this.#factor[row + k]! * this.#beta[row + k]!
        }
      }
    }
  }

  /**
   * The probability that words [first, end) are one slot, no shorter and no longer; after `sums`.
   * @param begin - its B- tag
   * @param inside - its I- tag; -1 where there is none
   */
  spanProbability(first: number, end: number, begin: number, inside: number): number {
    const { tags: K, length: T } = this
    let p = this.#alpha[first * K + begin]!
    let last = begin
    for (let t = first + 1; t < end; t++) {
      p *= (this.#moveFactor[last * K + inside]! * this.#factor[t * K + inside]!) / this.#scale[t]!
      last = inside
    }
    if (end === T) return p
    let rest = 0
    for (let k = 0; k < K; k++) {
      if (k !== inside) rest += this.#moveFactor[last * K + k]! * this.#factor[end * K + k]! * this.#beta[end * K + k]!
    }
    return (p * rest) / this.#scale[end]!
  }

  /** The score of a sequence. @param sequence - i32 [T], tags; minus infinity where a move is illegal */
  scoreOf(sequence: Int32Array): number {
    let sum = 0
    for (let t = 0; t < this.length; t++) {
      const k = sequence[t]!
      const m = t === 0 ? -1 : sequence[t - 1]! * this.tags + k
      if ((t === 0 ? this.legalStart[k] : this.legal[m]) !== 1) return Number.NEGATIVE_INFINITY
      sum += this.score[t * this.tags + k]! + (t === 0 ? 0 : this.move[m]!)
    }
    return sum
  }

  /** The sequence of largest score, written to i32 [T]. Of equal ones, that of the lower tags, from the end. */
  best(out: Int32Array): void {
    const { tags: K, length: T, score, move, legal } = this
    const best = this.#best
    const from = this.#from
    for (let t = 0; t < T; t++) {
      const row = t * K
      for (let k = 0; k < K; k++) {
        let most = this.legalStart[k] === 1 ? 0 : Number.NEGATIVE_INFINITY
        let at = 0
        if (t > 0) {
          most = Number.NEGATIVE_INFINITY
          for (let j = 0; j < K; j++) {
            if (legal[j * K + k] !== 1) continue
            const s = best[row - K + j]! + move[j * K + k]!
            if (s > most) {
              most = s
              at = j
            }
          }
        }
        best[row + k] = most + score[row + k]!
        from[row + k] = at
      }
    }
    let last = 0
    const end = (T - 1) * K
    for (let k = 1; k < K; k++) if (best[end + k]! > best[end + last]!) last = k
    for (let t = T - 1; t >= 0; t--) {
      out[t] = last
      last = from[t * K + last]!
    }
  }
}
