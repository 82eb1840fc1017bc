import { NonFiniteError } from './errors.js'

/**
 * JSON with keys in code-unit order at every level: equal contents give equal texts, in whatever order their keys stand.
 * Entries that are undefined are left out, as JSON does.
 * @param indent - spaces a level; 0 = one line
 * @throws NonFiniteError for NaN and infinities, which JSON would turn into null
 */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(sorted(value) ?? null, null, indent)
}

function sorted(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NonFiniteError(`canonicalJson: expected finite numbers, got ${value}`)
  }
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  entries.sort(([x], [y]) => (x < y ? -1 : 1))
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]))
}
