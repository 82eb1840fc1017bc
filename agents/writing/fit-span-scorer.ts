import { fitLogistic, type Logistic } from '#algorithms/regression/logistic.js'
import { Rng } from '#env/rng.js'
import { wordF1 } from '../checking/same-words.js'
import { type Asked, readQuestion } from './asked.js'
import { predictTrees } from './boosted-trees.js'
import { type Candidates, candidatesIn } from './candidates.js'
import { type BoostingSettings, fitBoostedTrees, type RankingRows } from './fit-boosted-trees.js'
import { type Reading, readPassage } from './reading.js'
import { numFeatures } from './span-feature-names.js'
import { type Background, spanFeatures } from './span-features.js'
import { spanKeys } from './span-keys.js'
import { bestAnswer, type SpanAnswer, type SpanModel } from './span-scorer.js'
import { WordOdds } from './word-odds.js'

/** A question with its answer, to learn from. */
export interface AnsweredQuestion {
  readonly question: string
  /** Number of the passage that has the answer. */
  readonly passage: number
  readonly answer: string
  /** Where it stands in the passage, UTF-16 units. */
  readonly from: number
}

/** Passages with questions. */
export interface AnsweredPassages {
  readonly passages: readonly string[]
  /** [passages] article or source that each belongs to: those of one are never split. */
  readonly groups: Int32Array
  readonly questions: readonly AnsweredQuestion[]
}

export interface SpanScorerSettings extends BoostingSettings {
  /** Wrong candidates of a question that are learned from, on average. */
  readonly negatives: number
  /** How fast the target falls with the word F1: 1 shares it out, many takes exact answers only. */
  readonly targetPower: number
}

export const spanScorerDefaults: SpanScorerSettings = {
  trees: 100,
  depth: 5,
  learningRate: 0.1,
  l2: 1,
  leastHessian: 0.1,
  featureShare: 0.3,
  questionShare: 0.8,
  negatives: 150,
  targetPower: 4,
}

/** A passage or a question, read once for all folds. */
interface Prepared {
  readonly data: AnsweredPassages
  readonly readings: readonly Reading[]
  readonly candidates: readonly Candidates[]
  readonly asked: readonly Asked[]
  /** [questions][C] word F1 of each candidate of the right passage. */
  readonly f1: readonly Float32Array[]
  /** By group. */
  readonly odds: ReadonlyMap<number, WordOdds>
}

/** An answer to a question by a scorer that learned from other groups, and how right it is. */
export interface HeldOutAnswer {
  /** Number of the question. */
  readonly question: number
  /** Null where the passage has no words. */
  readonly answer: SpanAnswer | null
  readonly f1: number
}

/**
 * Answers every question with a scorer that has seen nothing of its group: the groups are dealt out to folds by a draw.
 * @param read - which passage is read for a question; default: the right one
 * @throws RangeError where there are fewer groups than folds
 */
export function crossFit(
  data: AnsweredPassages,
  settings: SpanScorerSettings,
  { folds, seed, read }: { readonly folds: number; readonly seed: string; readonly read?: readonly number[] },
): HeldOutAnswer[] {
  const prepared = prepare(data)
  const rng = new Rng(seed)
  const groups = shuffled([...new Set(data.groups)], rng.fork('groups'))
  if (groups.length < folds)
    throw new RangeError(`expected at least ${folds} groups for ${folds} folds, got ${groups.length}`)
  const foldOf = new Map(groups.map((group, k) => [group, k % folds]))
  const answers: HeldOutAnswer[] = []
  for (let fold = 0; fold < folds; fold++) {
    const model = fitOn(prepared, (group) => foldOf.get(group) !== fold, settings, rng.fork(fold))
    data.questions.forEach(({ question, passage, answer: right }, q) => {
      if (foldOf.get(data.groups[passage]!) !== fold) return
      const answer = answerWith(model, prepared, question, q, read?.[q] ?? passage)
      answers.push({ question: q, answer, f1: answer === null ? 0 : wordF1(answer.text, right) })
    })
  }
  return answers.sort((x, y) => x.question - y.question)
}

/** From what word F1 on an answer counts as right, for confidences. */
export const rightFrom = 0.5

/** What the signs of answers say of whether they are right. */
export function fitCalibration(answers: readonly HeldOutAnswer[]): Logistic {
  const given = answers.filter(({ answer }) => answer !== null)
  return fitLogistic(
    given.map(({ answer }) => answer!.signs),
    given.map(({ f1 }) => f1 >= rightFrom),
    1,
  )
}

/**
 * Trains a scorer on all questions; its confidence is calibrated on answers to held-out groups.
 * @param attribution - who made the questions, under which licence
 */
export function fitSpanScorer(
  data: AnsweredPassages,
  settings: SpanScorerSettings,
  { folds, seed, attribution }: { readonly folds: number; readonly seed: string; readonly attribution: string },
): SpanModel {
  const calibration = fitCalibration(crossFit(data, settings, { folds, seed }))
  const { trees, idf, unknownIdf, odds } = fitOn(prepare(data), () => true, settings, new Rng(seed).fork('all'))
  return { trees, idf, unknownIdf, odds: odds.table(), calibration, attribution }
}

function prepare(data: AnsweredPassages): Prepared {
  const readings = data.passages.map(readPassage)
  const candidates = readings.map(candidatesIn)
  const asked = data.questions.map(({ question }) => readQuestion(question))
  const odds = new Map<number, WordOdds>()
  const f1 = data.questions.map(({ passage, answer, from }, q) => {
    const reading = readings[passage]!
    const { first, last } = candidates[passage]!
    const own = odds.get(data.groups[passage]!) ?? new WordOdds()
    odds.set(data.groups[passage]!, own)
    const to = from + answer.length
    return Float32Array.from(first, (i, c) => {
      const j = last[c]!
      const [a, b] = [reading.from[i]!, reading.to[j]!]
      const share = a < to && b > from ? wordF1(reading.text.slice(a, b), answer) : 0
      for (const key of spanKeys(asked[q]!, reading, i, j)) own.add(key, share === 1 ? 1 : 0, 1)
      return share
    })
  })
  return { data, readings, candidates, asked, f1, odds }
}

/** A scorer as it comes from training. */
interface Fitted extends Pick<SpanModel, 'trees' | 'idf' | 'unknownIdf'> {
  readonly odds: WordOdds
}

function fitOn(prepared: Prepared, isUsed: (group: number) => boolean, settings: SpanScorerSettings, rng: Rng): Fitted {
  const { data, readings, odds: byGroup } = prepared
  const { idf, unknownIdf } = idfOf(readings.filter((_, p) => isUsed(data.groups[p]!)))
  const odds = new WordOdds()
  for (const [group, own] of byGroup) if (isUsed(group)) odds.addAll(own)
  const rows = rankingRows(prepared, isUsed, settings, rng.fork('candidates'), (group) => ({
    idf: (term) => idf.get(term) ?? unknownIdf,
    // Odds that have seen the answer would be believed too much.
    odds: (key) => odds.of(key, byGroup.get(group)!),
  }))
  return { trees: fitBoostedTrees(rows, settings, rng.fork('trees')), idf, unknownIdf, odds }
}

/** What a term counts, by how many of the passages have it. */
function idfOf(readings: readonly Reading[]): { idf: Map<string, number>; unknownIdf: number } {
  const counts = new Map<string, number>()
  for (const { terms } of readings) {
    for (const term of new Set(terms)) if (term !== null) counts.set(term, (counts.get(term) ?? 0) + 1)
  }
  const idf = (n: number) => Math.log(1 + (readings.length - n + 0.5) / (n + 0.5))
  // Once is as good as never: the scorer meets words that it hasn't seen.
  const known = [...counts].filter(([, n]) => n > 1).sort(([x], [y]) => (x < y ? -1 : 1))
  return { idf: new Map(known.map(([term, n]) => [term, Math.fround(idf(n))])), unknownIdf: Math.fround(idf(1)) }
}

/** Candidates of the questions of some groups with their features: all that share a word with the answer, and a draw of the others. */
function rankingRows(
  { data, readings, candidates, asked, f1 }: Prepared,
  isUsed: (group: number) => boolean,
  { negatives, targetPower }: SpanScorerSettings,
  rng: Rng,
  backgroundOf: (group: number) => Background,
): RankingRows {
  const values: Float32Array[] = []
  const targets: number[] = []
  const starts = [0]
  data.questions.forEach(({ question, passage }, q) => {
    const group = data.groups[passage]!
    const { first, last } = candidates[passage]!
    const share = f1[q]!
    if (!isUsed(group) || !share.includes(1)) return
    const chance = negatives / first.length
    const kept = Int32Array.from(first.keys()).filter((c) => share[c]! > 0 || rng.uniform() < chance)
    const some = { first: kept.map((c) => first[c]!), last: kept.map((c) => last[c]!) }
    values.push(spanFeatures(question, asked[q]!, readings[passage]!, some, backgroundOf(group)))
    const weights = [...kept].map((c) => share[c]! ** targetPower)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    targets.push(...weights.map((weight) => weight / total))
    starts.push(targets.length)
  })
  const all = new Float32Array(targets.length * numFeatures)
  let at = 0
  for (const part of values) {
    all.set(part, at)
    at += part.length
  }
  return { numFeatures, values: all, starts: Int32Array.from(starts), target: Float32Array.from(targets) }
}

function answerWith(
  { trees, idf, unknownIdf, odds }: Fitted,
  { readings, candidates, asked }: Prepared,
  question: string,
  q: number,
  passage: number,
): SpanAnswer | null {
  const reading = readings[passage]!
  const own = candidates[passage]!
  if (own.first.length === 0) return null
  const background = {
    idf: (term: string) => idf.get(term) ?? unknownIdf,
    odds: (key: string) => odds.of(key, null),
  }
  const rows = spanFeatures(question, asked[q]!, reading, own, background)
  const scores = new Float64Array(own.first.length)
  predictTrees(trees, rows, numFeatures, scores)
  return bestAnswer(reading, own, rows, scores)
}

function shuffled(list: number[], rng: Rng): number[] {
  const drawn = [...list]
  for (let k = drawn.length - 1; k > 0; k--) {
    const other = rng.integer(k + 1)
    ;[drawn[k], drawn[other]] = [drawn[other]!, drawn[k]!]
  }
  return drawn
}
