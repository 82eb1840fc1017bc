import type { z } from 'zod'
import { RecordError } from '#env/errors.js'

/**
 * One JSON document, checked.
 * @param file - the name that a message gives
 * @throws RecordError naming the file, and the place inside it
 */
export function decodeJson<T>(text: string, schema: z.ZodType<T>, file: string): T {
  return check(parse(text, file), schema, file)
}

/**
 * A log of one JSON document a line, checked.
 * @param partialEnd - skip a last line without its line end, as a killed process leaves one
 * @throws RecordError naming the file and the 1-based line
 */
export function decodeLines<T>(
  text: string,
  schema: z.ZodType<T>,
  file: string,
  options: { partialEnd?: boolean } = {},
): T[] {
  const lines = text.split('\n')
  const rest = lines.pop()!
  const records = lines.map((line, i) => check(parse(line, `${file}:${i + 1}`), schema, `${file}:${i + 1}`))
  if (rest !== '' && options.partialEnd !== true) {
    throw new RecordError(`${file}:${lines.length + 1}: the last line is cut short; resume the run to repair it`)
  }
  return records
}

/**
 * A record on its way to a file, checked as it will be read back: numbers must be finite, keys known.
 * @throws RecordError naming the file and the field
 */
export function check<T>(value: unknown, schema: z.ZodType<T>, place: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join('.')
    return `${place}: ${path === '' ? '' : `${path}: `}${issue.message}`
  })
  const shown = problems.slice(0, 5)
  if (problems.length > shown.length) shown.push(`... and ${problems.length - shown.length} more`)
  throw new RecordError(shown.join('\n'))
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RecordError(`${place}: not valid JSON (${(error as Error).message}); the file is damaged`)
  }
}
