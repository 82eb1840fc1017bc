import { type Encoder, encodeRows } from '#env/encoding/encoder.js'
import { createEncoder, type EncoderConfig } from '#env/encoding/encoders.js'
import type { Rng } from '#env/rng.js'
import { SparseVector } from '#env/sparse-matrix.js'
import {
  type Calibration,
  IntentClassifier,
  indexOfMost,
  intentEncoder,
  probabilities,
  scoresOf,
} from './intent-classifier.js'
import { fitSvm } from './linear-svm.js'
import { dropSmall } from './sparse-table.js'

/** A text and what it wants, by number; -1: none of them. */
export interface LabelledText {
  readonly text: string
  readonly intent: number
}

export interface IntentOptions {
  /** C of the support vector machines. */
  readonly cost: number
  /** The share of sentences in scope that may be taken for out of scope. */
  readonly turnedAway: number
  readonly folds: number
}

/** What was seen while the classifier was calibrated. */
export interface IntentReport {
  /** Of sentences held out, the share whose best intent is right. */
  readonly accuracy: number
  /** Of sentences that want none of the intents, the share that is found out; null where there were none to try. */
  readonly foundOut: number | null
  /** What they were: sentences given as out of scope, or those of intents that were left out in turn. */
  readonly triedOn: 'given' | 'left-out' | 'none'
}

/**
 * Fits a classifier on all rows; its confidence and threshold on rows held out: in each of some folds, and for what is out of scope
 * on rows given so, or else on those of intents that are left out in turn.
 * @throws ConfigError where there is no word to go by
 */
export function fitIntents(
  rows: readonly LabelledText[],
  intents: readonly string[],
  options: IntentOptions,
  rng: Rng,
): { classifier: IntentClassifier; encoder: EncoderConfig; report: IntentReport } {
  const fitted = (some: readonly LabelledText[], label: string) =>
    fitOnce(some, intents.length, options, rng.fork(label))
  const { encoder, weights } = fitted(rows, 'all')
  dropSmall(weights)
  const order = rng.fork('folds')
  const fold = rows.map(() => order.integer(options.folds))
  const inside: Held[] = []
  const outside: number[] = []
  for (let f = 0; f < options.folds; f++) {
    const held = rows.filter((_, i) => fold[i] === f)
    if (held.length === 0 || held.length === rows.length) continue
    const model = fitted(
      rows.filter((_, i) => fold[i] !== f),
      `fold ${f}`,
    )
    for (const { text, intent } of held) {
      const scores = model.scores(text)
      if (intent < 0) outside.push(scores[indexOfMost(scores)]!)
      else inside.push({ scores, intent })
    }
  }
  const triedOn = outside.length > 0 ? 'given' : intents.length > 2 ? 'left-out' : 'none'
  if (triedOn === 'left-out') {
    const groups = Math.min(options.folds, intents.length)
    for (let g = 0; g < groups; g++) {
      const isKnown = ({ intent }: LabelledText) => intent % groups !== g
      const model = fitted(rows.filter(isKnown), `without ${g}`)
      for (const row of rows) {
        if (isKnown(row)) continue
        const scores = model.scores(row.text).filter((_, i) => i % groups !== g)
        outside.push(scores[indexOfMost(scores)]!)
      }
    }
  }
  const calibration = calibrate(inside, outside, options.turnedAway)
  const right = inside.filter(({ scores, intent }) => indexOfMost(scores) === intent).length
  const found = outside.filter((best) => best < calibration.threshold).length
  return {
    classifier: new IntentClassifier(intents, encoder, weights, calibration),
    encoder: intentEncoder(rows.length),
    report: {
      accuracy: inside.length === 0 ? 1 : right / inside.length,
      foundOut: outside.length === 0 ? null : found / outside.length,
      triedOn,
    },
  }
}

/** Scores of a sentence held out, and what it wants. */
interface Held {
  readonly scores: Float64Array
  readonly intent: number
}

function fitOnce(
  rows: readonly LabelledText[],
  intents: number,
  { cost }: IntentOptions,
  rng: Rng,
): { encoder: Encoder; weights: Float32Array; scores(text: string): Float64Array } {
  const encoder = createEncoder(intentEncoder(rows.length))
  encoder.fit(rows)
  const x = encodeRows(encoder, rows)
  const weights = new Float32Array((x.columns + 1) * intents)
  for (let i = 0; i < intents; i++) {
    if (!rows.some(({ intent }) => intent === i)) {
      // Nobody is on its side.
      weights[x.columns * intents + i] = -1
      continue
    }
    const own = fitSvm(x, (row) => rows[row]!.intent === i, { cost, tolerance: 0.1, maxPasses: 100 }, rng.fork(i))
    for (let c = 0; c < own.length; c++) weights[c * intents + i] = own[c]!
  }
  const row = new SparseVector()
  const scores = (text: string) => {
    encoder.encode({ text }, row)
    return scoresOf(row, weights, intents)
  }
  return { encoder, weights, scores }
}

/** @param outside - best scores of sentences that want none of the intents */
function calibrate(inside: readonly Held[], outside: readonly number[], turnedAway: number): Calibration {
  const best = inside.map(({ scores }) => scores[indexOfMost(scores)]!).sort((a, b) => a - b)
  if (outside.length === 0 || best.length === 0) {
    return { sharpness: sharpnessOf(inside), threshold: -1e9, slope: 0, offset: 0 }
  }
  const threshold = best[Math.floor(turnedAway * best.length)]!
  return { sharpness: sharpnessOf(inside), threshold, ...scopeOf(best, outside) }
}

/** The sharpness of largest likelihood on sentences held out, by golden section on its logarithm; 1 where there are none. */
function sharpnessOf(held: readonly Held[]): number {
  if (held.length === 0) return 1
  const loss = (log: number) =>
    held.reduce((sum, { scores, intent }) => {
      return sum - Math.log(Math.max(probabilities(scores, Math.exp(log))[intent]!, 1e-300))
    }, 0)
  const ratio = (Math.sqrt(5) - 1) / 2
  let low = Math.log(0.1)
  let high = Math.log(50)
  let a = high - ratio * (high - low)
  let b = low + ratio * (high - low)
  let lossA = loss(a)
  let lossB = loss(b)
  for (let n = 0; n < 25; n++) {
    if (lossA <= lossB) {
      high = b
      b = a
      lossB = lossA
      a = high - ratio * (high - low)
      lossA = loss(a)
    } else {
      low = a
      a = b
      lossA = lossB
      b = low + ratio * (high - low)
      lossB = loss(b)
    }
  }
  return Math.exp((low + high) / 2)
}

/** Logistic regression of being in scope on the best score, both sides of equal weight, by Newton's method (Platt 1999). */
function scopeOf(inside: readonly number[], outside: readonly number[]): { slope: number; offset: number } {
  let slope = 1
  let offset = 0
  for (let n = 0; n < 50; n++) {
    // A weak prior keeps the slope finite where a threshold parts all.
    let [gs, go, ss, so, oo] = [-1e-3 * slope, -1e-3 * offset, 1e-3, 0, 1e-3]
    const add = (x: number, y: number, weight: number) => {
      const p = 1 / (1 + Math.exp(-(slope * x + offset)))
      const error = weight * (y - p)
      const curve = weight * p * (1 - p)
      gs += error * x
      go += error
      ss += curve * x * x
      so += curve * x
      oo += curve
    }
    for (const x of inside) add(x, 1, 1 / inside.length)
    for (const x of outside) add(x, 0, 1 / outside.length)
    const determinant = ss * oo - so * so
    const stepSlope = (oo * gs - so * go) / determinant
    const stepOffset = (ss * go - so * gs) / determinant
    // Newton's steps may overshoot far from the optimum.
    const short = Math.min(1, 4 / Math.hypot(stepSlope, stepOffset))
    slope += short * stepSlope
    offset += short * stepOffset
    if (Math.hypot(stepSlope, stepOffset) < 1e-9) break
  }
  return { slope, offset }
}
