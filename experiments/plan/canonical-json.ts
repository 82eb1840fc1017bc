import { createHash } from 'node:crypto'
import { NonFiniteError } from '#env/errors.js'

/**
 * JSON with keys sorted and without spaces: equal values give equal texts, in whatever order their keys stand. Keys whose
 * value is undefined are left out.
 * @throws NonFiniteError for NaN and infinities, which JSON would turn into null
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NonFiniteError(`canonicalJson: expected finite numbers, got ${value}`)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`)
  return `{${fields.join(',')}}`
}

/** First 16 hex digits of the sha256 of a value's canonical JSON. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16)
}
