import type { Json } from '../json.js'

/** The first place where two pieces of JSON differ. */
export interface JsonDifference {
  /** Such as `agents[1].row`; empty for the whole. */
  readonly path: string
  readonly expected: Json
  /** Null where there is nothing. */
  readonly got: Json
}

/**
 * Compares a state with those of its fields that are expected: objects may have further fields, lists must be equally
 * long, numbers may differ by `tolerance`.
 */
export function stateDifference(
  expected: Json,
  got: Json | undefined,
  tolerance: number,
  path = '',
): JsonDifference | undefined {
  const here = { path, expected, got: got ?? null }
  if (typeof expected === 'number') {
    return typeof got === 'number' && Math.abs(expected - got) <= tolerance ? undefined : here
  }
  if (isList(expected)) {
    if (!isList(got) || got.length !== expected.length) return here
    return firstOf(expected.keys(), (i) => stateDifference(expected[i]!, got[i], tolerance, `${path}[${i}]`))
  }
  if (isFields(expected)) {
    if (!isFields(got)) return here
    return firstOf(Object.keys(expected), (key) => {
      const field = Object.hasOwn(got, key) ? got[key] : undefined
      return stateDifference(expected[key]!, field, tolerance, path === '' ? key : `${path}.${key}`)
    })
  }
  return expected === got ? undefined : here
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

function isFields(json: Json | undefined): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function firstOf<K>(keys: Iterable<K>, find: (key: K) => JsonDifference | undefined): JsonDifference | undefined {
  for (const key of keys) {
    const found = find(key)
    if (found !== undefined) return found
  }
  return undefined
}
