import type { TextCounts } from '../data-contract.js'
import type { ModelOutcomes } from '../outcomes/model-outcomes.js'
import type { SparseMatrix } from '../sparse-matrix.js'

/** @param features - a row for each of the table's */
export function countTexts(table: ModelOutcomes, { rowStart }: SparseMatrix): TextCounts {
  const firstOf = new Map<string, string>()
  let empty = null as TextCounts['empty']
  let repeated = null as TextCounts['repeated']
  for (let row = 0; row < table.size; row++) {
    const id = table.id(row)
    if (rowStart[row] === rowStart[row + 1]) empty = { rows: (empty?.rows ?? 0) + 1, id: empty?.id ?? id }
    const of = firstOf.get(table.text(row))
    if (of === undefined) firstOf.set(table.text(row), id)
    else repeated = { ...(repeated ?? { id, of }), rows: (repeated?.rows ?? 0) + 1 }
  }
  return { rows: table.size, empty, repeated }
}
