import type { z } from 'zod'
import { ConfigError, type ConfigProblem } from '#env/errors.js'
import { type Finding, findings, unknownKey } from '#env/schema-words/issue-message.js'
import { keysAt, shapeOf, shapesAt } from '#env/schema-words/schema-shape.js'
import type { ConfigDocument, ConfigPath } from './config-document.js'
import { keyWords } from './key-words.js'

/** Either the value, defaults filled in, or everything that is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly ConfigProblem[] }

/**
 * A document as its schema describes it, defaults filled in.
 * @throws ConfigError with every problem, located
 */
export function parseWithSchema<T>(schema: z.ZodType<T>, document: ConfigDocument): T {
  const checked = checkWithSchema(schema, document, [], document.data)
  if ('problems' in checked) throw new ConfigError(checked.problems)
  return checked.value
}

/**
 * Checks a part of a document.
 * @param path - where `input` stands in the document
 * @param extraKeys - keys beside those of the schema that suggestions may name
 */
export function checkWithSchema<T>(
  schema: z.ZodType<T>,
  document: ConfigDocument,
  path: ConfigPath,
  input: unknown,
  extraKeys: readonly string[] = [],
): Checked<T> {
  const result = schema.safeParse(input)
  const found: Finding[] = result.success
    ? droppedKeys(schema, input, extraKeys)
    : findings(result.error.issues as z.core.$ZodIssue[], input, shapeOf(schema), extraKeys, keyWords)
  if (result.success && found.length === 0) return { value: result.data }
  return {
    problems: found.map((finding) => document.problem([...path, ...finding.path], finding.message, finding.at)),
  }
}

/** A schema that isn't strict drops keys it doesn't know; a typing error must not vanish like that. */
function droppedKeys(schema: z.ZodType, input: unknown, extraKeys: readonly string[]): Finding[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return []
  const shape = shapeOf(schema)
  const closed = shapesAt(shape, []).every(
    (one) => one.type === 'object' && one.properties !== undefined && one.additionalProperties === undefined,
  )
  if (!closed) return []
  const known = keysAt(shape, [])
  return Object.keys(input)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey([key], [...known, ...extraKeys], keyWords))
}
