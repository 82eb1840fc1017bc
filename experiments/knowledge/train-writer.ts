import { type AnsweredPassages, fitSpanScorer, spanScorerDefaults } from '#agents/writing/fit-span-scorer.js'
import { encodeSpanModel } from '#agents/writing/span-model-file.js'
import { UsageError } from '#env/errors.js'

/** Groups that are left out of a training: every `folds`-th from `fold` on. */
export interface LeftOut {
  readonly fold: number
  readonly folds: number
}

/**
 * Reads `FOLD/FOLDS`.
 * @throws UsageError where it isn't that
 */
export function parseLeftOut(text: string): LeftOut {
  const [, fold, folds] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (fold === undefined || !(Number(folds) > 1) || Number(fold) >= Number(folds)) {
    throw new UsageError(
      `--leave-out: expected FOLD/FOLDS such as 0/5, with FOLD below FOLDS, got ${JSON.stringify(text)}`,
    )
  }
  return { fold: Number(fold), folds: Number(folds) }
}

/** Trains the scorer of the extractive writer. @returns its file, and how many questions it learned from */
export function trainWriter(
  all: AnsweredPassages,
  { leftOut, seed, trees, attribution }: { leftOut: LeftOut | null; seed: string; trees: number; attribution: string },
): { readonly bytes: Uint8Array; readonly questions: number } {
  const data = leftOut === null ? all : withoutArticles(all, leftOut)
  const settings = { ...spanScorerDefaults, trees }
  const folds = Math.min(5, new Set(data.groups).size)
  if (folds < 2)
    throw new UsageError('expected articles of at least two titles: confidence is calibrated on held-out ones')
  return {
    bytes: encodeSpanModel(fitSpanScorer(data, settings, { folds, seed, attribution })),
    questions: data.questions.length,
  }
}

export function withoutArticles(data: AnsweredPassages, { fold, folds }: LeftOut): AnsweredPassages {
  const kept = [...data.passages.keys()].filter((p) => data.groups[p]! % folds !== fold)
  const place = new Map(kept.map((p, k) => [p, k]))
  return {
    passages: kept.map((p) => data.passages[p]!),
    groups: Int32Array.from(kept, (p) => data.groups[p]!),
    questions: data.questions.flatMap((question) => {
      const passage = place.get(question.passage)
      return passage === undefined ? [] : [{ ...question, passage }]
    }),
  }
}
