import type { Encoder } from '#env/encoding/encoder.js'
import type { EncoderConfig } from '#env/encoding/encoders.js'
import type { TfidfConfig } from '#env/encoding/tfidf.js'
import { SparseVector } from '#env/sparse-matrix.js'

/** What scores say of how sure one may be, fitted on sentences held out. */
export interface Calibration {
  /** P(intent) is proportional to exp(sharpness * score). */
  readonly sharpness: number
  /** A sentence whose best score is lower is out of scope. */
  readonly threshold: number
  /** P(in scope) = 1 / (1 + exp(-(slope * best score + offset))), where as many are in scope as are not. */
  readonly slope: number
  readonly offset: number
}

/** What a sentence wants, as far as its words say. */
export interface IntentReading {
  /** By number; -1: out of scope. */
  readonly intent: number
  /** How sure: the probability of the intent, or that it is none of them. */
  readonly confidence: number
  /** f64 [intents], given that it is one of them; sums to 1 */
  readonly probability: Float64Array
}

/**
 * How texts become numbers: words of one and two, and characters of two to five within words, with sublinear term frequencies.
 * @param rows - to learn from; where they are many, a term must come in two of them
 */
export function intentEncoder(rows: number): EncoderConfig {
  const minDocuments = rows < 500 ? 1 : 2
  return { id: 'concatenate', parts: [terms('word', [1, 2], minDocuments), terms('char_wb', [2, 5], minDocuments)] }
}

/** A linear classifier of texts: TF-IDF, a weight for each column and intent, calibrated. */
export class IntentClassifier {
  readonly intents: readonly string[]
  readonly encoder: Encoder
  /** f32 [columns + 1, intents]; the last row is added to every score */
  readonly weights: Float32Array
  readonly calibration: Calibration
  readonly #row = new SparseVector()

  constructor(intents: readonly string[], encoder: Encoder, weights: Float32Array, calibration: Calibration) {
    this.intents = intents
    this.encoder = encoder
    this.weights = weights
    this.calibration = calibration
  }

  /** How far the text is on each intent's side. @returns f64 [intents] */
  scores(text: string): Float64Array {
    this.encoder.encode({ text }, this.#row)
    return scoresOf(this.#row, this.weights, this.intents.length)
  }

  /** @param closed - never out of scope */
  read(text: string, closed = false): IntentReading {
    const scores = this.scores(text)
    const { threshold } = this.calibration
    const probability = probabilities(scores, this.calibration.sharpness)
    const intent = indexOfMost(scores)
    const best = scores[intent]!
    if (best < threshold && !closed) return { intent: -1, confidence: 1 - inScope(best, this.calibration), probability }
    return { intent, confidence: probability[intent]!, probability }
  }

  /** What each of the text's terms adds to the score of an intent; the most first. */
  explain(text: string, intent: number): { readonly term: string; readonly weight: number }[] {
    this.encoder.encode({ text }, this.#row)
    const names = termNames(this.encoder)
    return Array.from(this.#row.index.subarray(0, this.#row.length), (column, k) => ({
      term: names(column),
      weight: this.#row.value[k]! * this.weights[column * this.intents.length + intent]!,
    })).sort((a, b) => b.weight - a.weight)
  }
}

/** Scores of a row. @param weights - f32 [columns + 1, intents] */
export function scoresOf(row: SparseVector, weights: Float32Array, intents: number): Float64Array {
  const scores = Float64Array.from(weights.subarray(weights.length - intents))
  for (let k = 0; k < row.length; k++) {
    const value = row.value[k]!
    const at = row.index[k]! * intents
    for (let i = 0; i < intents; i++) scores[i]! += value * weights[at + i]!
  }
  return scores
}

/** exp(sharpness * score), scaled to sum 1. */
export function probabilities(scores: Float64Array, sharpness: number): Float64Array {
  const most = scores[indexOfMost(scores)]!
  const p = scores.map((score) => Math.exp(sharpness * (score - most)))
  const sum = p.reduce((total, one) => total + one, 0)
  return p.map((one) => one / sum)
}

/** The first of the largest. */
export function indexOfMost(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[most]!) most = i
  return most
}

function inScope(best: number, { slope, offset }: Calibration): number {
  return 1 / (1 + Math.exp(-(slope * best + offset)))
}

function terms(analyzer: 'word' | 'char_wb', ngrams: [number, number], minDocuments: number): TfidfConfig {
  return { id: 'tfidf', analyzer, ngrams, minDocuments, sublinearTf: true, smoothIdf: true, norm: 'l2' }
}

/** Names of columns: words in quotes, pieces of words between bars. */
function termNames(encoder: Encoder): (column: number) => string {
  const tensors = encoder.export()
  const starts = [0, 1].map((part) => tensors[`${part}/termStart`]!.data)
  return (column) => {
    const words = starts[0]!.length - 1
    const part = column < words ? 0 : 1
    const at = part === 0 ? column : column - words
    const bytes = tensors[`${part}/terms`]!.data as Uint8Array
    const text = new TextDecoder().decode(bytes.subarray(starts[part]![at], starts[part]![at + 1]))
    return part === 0 ? `"${text}"` : `|${text}|`
  }
}
