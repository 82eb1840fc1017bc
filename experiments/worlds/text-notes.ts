import type { TextCounts } from '#env/data-contract.js'

/**
 * What is said about a table's texts before training: most of them encode to nothing, or some are the same.
 * @param label - of the environment
 * @param folds - whether rows are held out
 */
export function textNotes(label: string, { rows, empty, repeated }: TextCounts, folds: boolean): string[] {
  const notes: string[] = []
  if (empty !== null && 2 * empty.rows > rows) {
    notes.push(
      `${label}: ${empty.rows} of ${rows} texts encode to nothing (such as row "${empty.id}"), so that a router can't tell them apart; give the encoder another analyzer, such as char, or see whether the column holds the texts`,
    )
  }
  if (folds && repeated !== null) {
    const rest = repeated.rows === 1 ? '1 row repeats' : `${repeated.rows} rows repeat`
    notes.push(
      `${label}: of ${rows} rows ${rest} the text of another (such as "${repeated.id}" that of "${repeated.of}"); equal texts stay in one fold, so that none is judged on what it was learned from`,
    )
  }
  return notes
}
