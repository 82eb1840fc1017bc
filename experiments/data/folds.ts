import { createHash } from 'node:crypto'

/**
 * The fold of a text, 0..folds-1, by a hash: the same for ever and on every machine, whatever else is in the set, so
 * that duplicates fall together. Each repetition is another split.
 * @param repetition - from 0
 */
export function foldOf(text: string, repetition: number, folds = 5): number {
  const digest = createHash('sha256').update(`cadre-folds/1:${repetition}:`).update(text, 'utf8').digest()
  return digest.readUIntBE(0, 6) % folds
}

/** Rows to train on and rows to test on, ascending. */
export interface Fold {
  readonly repetition: number
  readonly fold: number
  readonly train: Int32Array
  readonly test: Int32Array
}

/** Repeated k-fold cross-validation over texts, repetition by repetition. */
export function crossValidation(texts: readonly string[], repetitions = 5, folds = 5): Fold[] {
  return Array.from({ length: repetitions }, (_, repetition) => {
    const foldOfRow = Int32Array.from(texts, (text) => foldOf(text, repetition, folds))
    const rows = Int32Array.from(texts.keys())
    return Array.from({ length: folds }, (_, fold) => ({
      repetition,
      fold,
      train: rows.filter((row) => foldOfRow[row] !== fold),
      test: rows.filter((row) => foldOfRow[row] === fold),
    }))
  }).flat()
}
