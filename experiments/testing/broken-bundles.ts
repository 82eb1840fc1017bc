import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '#env/canonical-json.js'

/** A changed bundle: both files, and what was done to them. */
export interface BrokenBundle {
  readonly name: string
  readonly policy: Uint8Array
  readonly weights: Uint8Array
}

type JsonObject = { [key: string]: unknown }

/**
 * Changed copies of a bundle, none of them as it was written: policy.json with every value deleted, retyped, NaN, cut off
 * or altered by a byte; weights cut off or altered by a byte.
 */
export function alteredBundles(folder: string): BrokenBundle[] {
  const { policy, weights } = read(folder)
  const text = new TextDecoder().decode(policy)
  const values = changedValues(JSON.parse(text) as JsonObject)
  return [
    ...values.map(({ name, json }) => ({ name, policy: spelled(json), weights })),
    ...[...text.matchAll(/: (-?[\d.]+)/g)].map((match) => ({
      name: `NaN at ${match.index}`,
      policy: bytes(`${text.slice(0, match.index)}: NaN${text.slice(match.index + match[0].length)}`),
      weights,
    })),
    ...places(policy.length, 40).flatMap((at) => [
      { name: `policy.json cut off after ${at}`, policy: policy.slice(0, at), weights },
      { name: `policy.json byte ${at} altered`, policy: flipped(policy, at), weights },
    ]),
    ...places(weights.length, 40).flatMap((at) => [
      { name: `weights cut off after ${at}`, policy, weights: weights.slice(0, at) },
      { name: `weights byte ${at} altered`, policy, weights: flipped(weights, at) },
    ]),
    { name: 'weights longer by a byte', policy, weights: Uint8Array.of(...weights, 0) },
  ]
}

/** The same changes of values with the hash made to fit again, as a careless tool would leave them. */
export function resealedBundles(folder: string): BrokenBundle[] {
  const { policy, weights } = read(folder)
  const values = changedValues(JSON.parse(new TextDecoder().decode(policy)) as JsonObject)
  return values.map(({ name, json }) => {
    const { sha256: _, ...content } = json
    const sha256 = createHash('sha256').update(canonicalJson(content)).update('\n').update(weights).digest('hex')
    return { name: `${name}, sealed again`, policy: spelled({ ...content, sha256 }), weights }
  })
}

function read(folder: string): { policy: Uint8Array; weights: Uint8Array } {
  const file = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
  return { policy: file('policy.json'), weights: file('weights.safetensors') }
}

/** The document with each of its values deleted, and each replaced by one of another type. */
function changedValues(document: JsonObject): { name: string; json: JsonObject }[] {
  const out: { name: string; json: JsonObject }[] = []
  const visit = (value: unknown, path: readonly string[]) => {
    if (path.length > 0) {
      const wrong = typeof value === 'string' ? 7 : 'seven'
      out.push({ name: `without ${path.join('.')}`, json: withValue(document, path, undefined) })
      out.push({ name: `${path.join('.')} = ${wrong}`, json: withValue(document, path, wrong) })
    }
    if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) visit(part, [...path, key])
    }
  }
  visit(document, [])
  return out
}

function withValue(document: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const copy = structuredClone(document)
  let parent = copy
  for (const key of path.slice(0, -1)) parent = parent[key] as JsonObject
  const last = path.at(-1)!
  if (value !== undefined) parent[last] = value
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete parent[last]
  return copy
}

/** As Cadre spells policy.json. */
function spelled(json: JsonObject): Uint8Array {
  return bytes(`${canonicalJson(json, 2)}\n`)
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function places(length: number, count: number): number[] {
  const stride = Math.ceil(length / count)
  return Array.from({ length: Math.ceil(length / stride) }, (_, k) => k * stride)
}

function flipped(original: Uint8Array, at: number): Uint8Array {
  const copy = original.slice()
  copy[at]! ^= 1
  return copy
}
