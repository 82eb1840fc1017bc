import type { z } from 'zod'
import { nearestName } from '../errors.js'
import { shapeWords } from './describe-shape.js'
import { keysAt, type SchemaShape, shapesAt } from './schema-shape.js'

/** One thing wrong with a value, in plain words. */
export interface Finding {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** Whether the key itself is wrong rather than its value. */
  readonly at: 'key' | 'value'
}

/** What whoever reads settings knows of their keys. */
export interface KeyWords {
  /** What keys are called elsewhere, in lower case, and what they are called here. */
  readonly otherNames?: ReadonlyMap<string, string>
  /** What to add where a name isn't taken. */
  hintForName?(name: string): string
}

type Issue = z.core.$ZodIssue

/** Sentences for what zod found in `input`; `extraKeys` are known at the root besides those of the schema. */
export function findings(
  issues: readonly Issue[],
  input: unknown,
  shape: SchemaShape,
  extraKeys: readonly string[] = [],
  words: KeyWords = {},
): Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
    if (issue.code === 'unrecognized_keys') {
      const known = [...keysAt(shape, path), ...(path.length === 0 ? extraKeys : [])]
      return issue.keys.map((key) => unknownKey([...path, key], known, words))
    }
    if (issue.code === 'invalid_key') {
      const name = String(path.at(-1))
      const hint = words.hintForName?.(name) ?? ''
      return [{ path, message: `${issue.issues[0]!.message}, got "${name}"${hint}`, at: 'key' as const }]
    }
    if (issue.code === 'invalid_union') {
      const branch = closestBranch(issue.errors)
      if (branch !== undefined) {
        const within = branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue)
        return findings(within, input, shape, extraKeys, words)
      }
    }
    return [{ path, message: messageOf(issue, path, input, shape), at: 'value' as const }]
  })
}

/** An unknown key, with the known one that it means: by its name elsewhere, else the nearest. */
export function unknownKey(
  path: readonly (string | number)[],
  known: readonly string[],
  words: KeyWords = {},
): Finding {
  const name = String(path.at(-1))
  const meant = words.otherNames?.get(name.toLowerCase())
  const nearest = meant !== undefined && known.includes(meant) ? meant : nearestName(name, known)
  const hint = nearest === undefined ? `known keys: ${known.join(', ') || 'none'}` : `did you mean "${nearest}"?`
  return { path, message: `unknown key; ${hint}`, at: 'key' }
}

/** Among alternatives, the one that the value was meant to be: its kind fits, and least is wrong with it. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || !['invalid_type', 'invalid_value'].includes(issue.code)),
  )
  return fitting.sort((a, b) => a.length - b.length)[0]
}

function messageOf(issue: Issue, path: readonly (string | number)[], input: unknown, shape: SchemaShape): string {
  if (issue.code === 'custom') return issue.message
  if (issue.code === 'invalid_format' && issue.format === 'regex') return issue.message
  const options = issue.code === 'invalid_union' && 'options' in issue ? (issue.options as unknown[]) : undefined
  const expected =
    options === undefined ? shapeWords(shapesAt(shape, path)) : [options.map((one) => JSON.stringify(one)).join(' | ')]
  const value = valueAt(input, path)
  if (expected.length === 0) return `${issue.message}, got ${describeValue(value)}`
  const wanted = `expected ${expected.map(withArticle).join(' or ')}`
  if (value === undefined) return `missing; ${wanted}`
  const constants =
    expected
      .join(' ')
      .match(/"[^"]*"/g)
      ?.map((quoted) => quoted.slice(1, -1)) ?? []
  const nearest = typeof value === 'string' ? nearestName(value, constants) : undefined
  return `${wanted}, got ${describeValue(value)}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`
}

function withArticle(words: string): string {
  if (words.startsWith('"')) return words.includes(' | ') ? `one of ${words.replaceAll(' | ', ', ')}` : words
  if (/^(true or false|text|non-empty text|settings|null)/.test(words)) return words
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`
}

/** A value as a message shows it: short, on one line. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'settings'
  if (typeof value !== 'string') return String(value)
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 56)}..."`
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}
