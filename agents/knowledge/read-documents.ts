import { CsvError, parse } from 'csv-parse/sync'
import { decodeText } from './decode-text.js'
import { documentProblem, type KnowledgeDocument } from './document.js'
import { htmlText } from './html-text.js'

/**
 * The documents of a file, by the ending of its name: Markdown and HTML (one), JSON (one, or one an entry of its array), JSON lines and
 * CSV (one a line); all else is taken for text.
 * @param path - also the id of its document
 * @throws ConfigError with file and line where it isn't text, or not what its name says
 */
export function readDocuments(path: string, bytes: Uint8Array): KnowledgeDocument[] {
  const text = decodeText(path, bytes)
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  const name = path.replace(/^.*[\\/]/, '').replace(/\.[a-z0-9]+$/i, '')
  if (ending === 'html' || ending === 'htm') {
    const { title, text: words } = htmlText(text)
    return withWords([{ id: path, title: title ?? name, text: words }])
  }
  if (ending === 'json') return withWords(jsonDocuments(path, name, text))
  if (ending === 'jsonl' || ending === 'ndjson') return withWords(jsonLines(path, name, text))
  if (ending === 'csv') return withWords(csvDocuments(path, name, text))
  const heading = ending === 'md' || ending === 'markdown' ? /^#[^\S\n]+(.+?)[\s#]*$/m.exec(text)?.[1] : undefined
  return withWords([{ id: path, title: heading ?? name, text }])
}

/** Empty ones can't be cited. */
function withWords(documents: KnowledgeDocument[]): KnowledgeDocument[] {
  return documents.filter(({ text }) => text.trim() !== '')
}

function jsonDocuments(path: string, name: string, text: string): KnowledgeDocument[] {
  const json = parsed(path, text, 1)
  if (!Array.isArray(json)) return [record(path, name, json)]
  return json.map((entry, k) => record(`${path}#${k}`, name, entry))
}

function jsonLines(path: string, name: string, text: string): KnowledgeDocument[] {
  return text.split('\n').flatMap((line, k) => {
    return line.trim() === '' ? [] : [record(`${path}#${k}`, name, parsed(path, line, k + 1))]
  })
}

/** @param line - number of the text's first line in its file */
function parsed(path: string, text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const said = (error as Error).message
    // The place is told in words; where it isn't, the text ends too early.
    const at = Number(/at position (\d+)/.exec(said)?.[1] ?? text.length)
    const before = text.slice(0, at).split('\n')
    throw documentProblem(path, `expected JSON: ${said}`, {
      line: line + before.length - 1,
      column: before.at(-1)!.length + 1,
    })
  }
}

function csvDocuments(path: string, name: string, text: string): KnowledgeDocument[] {
  try {
    const rows: Record<string, string>[] = parse(text, { columns: true, skip_empty_lines: true, trim: true })
    return rows.map((row, k) => record(`${path}#${k}`, name, row))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw documentProblem(path, `expected CSV: ${error.message}`, { line: Number(error.lines) })
  }
}

/** A record as a text: a line a field, `name: value`; one that has a field `text` is that text. */
function record(id: string, name: string, entry: unknown): KnowledgeDocument {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return { id, title: name, text: flat(entry) }
  }
  const fields = entry as Record<string, unknown>
  const own = (key: string) => (Object.hasOwn(fields, key) && typeof fields[key] === 'string' ? fields[key] : undefined)
  const title = own('title') ?? own('name') ?? name
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${flat(value)}`)
  return { id, title, text: own('text') ?? lines.join('\n') }
}

function flat(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(flat).join(', ')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${flat(inner)}`)
      .join(', ')
  }
  return value === null || value === undefined ? '' : String(value)
}
