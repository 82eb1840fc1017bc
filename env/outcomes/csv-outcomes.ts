import { nearestName } from '../errors.js'
import { CsvReader, type CsvRecord } from './csv-reader.js'
import type { ModelOutcomes } from './model-outcomes.js'
import { OutcomeBuilder, type OutcomeQuantity, outcomeQuantities, rangeWords } from './outcome-builder.js'
import { chooseModels, lostName, type OutcomeReader, type OutcomeReaderOptions } from './outcome-reader.js'
import { ProblemList } from './problem-list.js'

/** Where a model's cell stands in a record. */
interface Cell {
  readonly field: number
  readonly model: string
  readonly quantity: OutcomeQuantity
}

/**
 * Reads an outcome table written as CSV, separated by commas, or by semicolons or tabs where the header is. The header names the columns, in any order: `id`, `text`, optionally `group`,
 * and for each model `correct:MODEL` (0..1), optionally `costUsd:MODEL` and `latencyMs:MODEL`. An empty cell is unknown. A first
 * column without a name, as pandas writes its index, is left out.
 */
export class CsvOutcomeReader implements OutcomeReader {
  readonly #problems: ProblemList
  readonly #options: OutcomeReaderOptions
  readonly #reader: CsvReader
  #header: readonly string[] = []
  #cells: readonly Cell[] = []
  #builder: OutcomeBuilder | undefined
  #id = -1
  #text = -1
  #group = -1

  constructor(options: OutcomeReaderOptions = {}) {
    this.#options = options
    this.#problems = new ProblemList(options.file)
    this.#reader = new CsvReader({
      record: (record) =>
        this.#builder === undefined ? this.#readHeader(record) : this.#readRow(record, this.#builder),
      problem: (message, { line, column }) => this.#problems.add('', message, line, column),
    })
  }

  push(chunk: string): void {
    this.#reader.push(chunk)
  }

  end(): ModelOutcomes {
    this.#reader.end()
    this.#problems.throwIfAny()
    if (this.#builder === undefined) {
      this.#problems.add('', 'empty; expected a header with id, text and correct:MODEL', 1)
      this.#problems.throwIfAny()
    }
    return this.#builder!.build()
  }

  #readHeader(record: CsvRecord): void {
    const cells: Cell[] = []
    const header = [...record.fields]
    header.forEach((name, field) => {
      const { line: atLine, column } = record.placeOf(field)
      const at = [atLine, column] as const
      // An index that pandas writes in front tells nothing of the query.
      if (field === 0 && indexNames.test(name)) return
      if (header.indexOf(name) < field) this.#problems.add(name, 'column named twice', ...at)
      const [, quantity, model] = /^(correct|costUsd|latencyMs):(.+)$/s.exec(name) ?? []
      if (model === '__proto__') this.#problems.add(name, lostName, ...at)
      if (quantity !== undefined) cells.push({ field, model: model!, quantity: quantity as OutcomeQuantity })
      else if (!['id', 'text', 'group'].includes(name)) this.#problems.add(name, unknownColumn(name), ...at)
    })
    const { line } = record
    const found = [...new Set(cells.map((cell) => cell.model))]
    for (const name of ['id', 'text']) if (!header.includes(name)) this.#problems.add(name, 'column absent', line)
    if (found.length === 0) this.#problems.add('correct:MODEL', 'column absent; expected one for each model', line)
    for (const model of found) {
      if (!header.includes(`correct:${model}`)) this.#problems.add(`correct:${model}`, 'column absent', line)
    }
    const models = chooseModels(found, this.#options.models, this.#problems, line)
    this.#problems.throwIfAny()
    this.#header = header
    this.#cells = cells.filter((cell) => models.includes(cell.model))
    this.#builder = new OutcomeBuilder(models, this.#problems)
    this.#id = header.indexOf('id')
    this.#text = header.indexOf('text')
    this.#group = header.indexOf('group')
  }

  #readRow(record: CsvRecord, builder: OutcomeBuilder): void {
    const { fields, line } = record
    if (fields.length !== this.#header.length) {
      const message = `expected ${this.#header.length} fields as in the header, got ${fields.length}`
      this.#problems.add('', message, line)
      return
    }
    // Without a prototype: a model may be called `constructor`.
    const models: Record<string, { [Q in OutcomeQuantity]?: number }> = Object.create(null)
    for (const { field, model, quantity } of this.#cells) {
      const text = fields[field]!.trim()
      if (text === '') continue
      const value = numberPattern.test(text) ? Number(text) : Number.NaN
      if (value >= 0 && value <= outcomeQuantities[quantity]) {
        models[model] ??= {}
        models[model][quantity] = value
      } else {
        const message = `expected ${rangeWords(quantity)} (empty: unknown), got ${shortened(text)}${adviceOn(text)}`
        const at = record.placeOf(field)
        this.#problems.add(this.#header[field]!, message, at.line, at.column)
      }
    }
    const group = this.#group < 0 ? undefined : fields[this.#group]
    const id = this.#id
    const place = { line, field: () => ({ path: 'id', ...record.placeOf(id) }) }
    builder.add({ id: fields[id]!, text: fields[this.#text]!, group, models }, place)
  }
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const indexNames = /^(Unnamed: 0)?$/

/** What to do about a cell that other programs write for a number, or for none. */
function adviceOn(text: string): string {
  if (/^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(text)) return `; write decimals with a point: ${text.replace(',', '.')}`
  if (/^[+-]?(nan|n\/?a|#n\/a|null|none|nil|inf|infinity|-|\?)$/i.test(text))
    return '; leave the cell empty where nothing is known'
  return /^[$\u20ac\u00a3]|[%$\u20ac\u00a3]$/.test(text) ? '; write the number alone' : ''
}

function unknownColumn(name: string): string {
  const nearest = nearestName(name.split(':')[0]!, ['id', 'text', 'group', ...Object.keys(outcomeQuantities)])
  const hint =
    nearest === undefined ? '' : `; did you mean "${nearest}${nearest in outcomeQuantities ? ':MODEL' : ''}"?`
  return `unknown column${hint} (known: id, text, group, correct:MODEL, costUsd:MODEL, latencyMs:MODEL)`
}

function shortened(text: string): string {
  return JSON.stringify(text.length <= 40 ? text : `${text.slice(0, 37)}...`)
}
