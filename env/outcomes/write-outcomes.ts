import type { ModelOutcomes } from './model-outcomes.js'
import { type OutcomeQuantity, outcomeQuantities } from './outcome-builder.js'

const quantities = Object.keys(outcomeQuantities) as OutcomeQuantity[]

/** A table as CSV, line by line, ends included; columns that nothing is known of are left out, but for `correct`. */
export function* csvLines(table: ModelOutcomes): Generator<string> {
  const columns = table.models.flatMap((name, model) =>
    quantities
      .filter((quantity) => quantity === 'correct' || isKnown(table, quantity, model))
      .map((quantity) => ({ name: `${quantity}:${name}`, quantity, model })),
  )
  const grouped = rowsOf(table).some((row) => table.group(row) !== undefined)
  yield csvLine(['id', 'text', ...(grouped ? ['group'] : []), ...columns.map((column) => column.name)])
  for (const row of rowsOf(table)) {
    const values = columns.map(({ quantity, model }) => table[quantity](row, model)?.toString() ?? '')
    yield csvLine([table.id(row), table.text(row), ...(grouped ? [table.group(row) ?? ''] : []), ...values])
  }
}

/** A table as JSON lines, ends included. The first row names every model. */
export function* jsonLines(table: ModelOutcomes): Generator<string> {
  for (const row of rowsOf(table)) {
    const models = table.models.flatMap((name, model) => {
      const known = quantities.flatMap((quantity) => {
        const value = table[quantity](row, model)
        return value === undefined ? [] : [[quantity, value] as const]
      })
      return known.length > 0 || row === 0 ? [[name, Object.fromEntries(known)] as const] : []
    })
    const group = table.group(row)
    yield `${JSON.stringify({
      id: table.id(row),
      text: table.text(row),
      ...(group === undefined ? {} : { group }),
      models: Object.fromEntries(models),
    })}\n`
  }
}

function rowsOf(table: ModelOutcomes): number[] {
  return Array.from({ length: table.size }, (_, row) => row)
}

function isKnown(table: ModelOutcomes, quantity: OutcomeQuantity, model: number): boolean {
  return rowsOf(table).some((row) => table[quantity](row, model) !== undefined)
}

/** One record of CSV, its end (CRLF) included; fields are quoted where they need it (RFC 4180). */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(quoted).join(',')}\r\n`
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
