/**
 * Trained and built things as one file: safetensors whose metadata hold a description as JSON. A sha256 in it covers the description and
 * all arrays, so that a file with any byte altered is refused. Pure: bytes in, bytes out; equal contents give equal bytes.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { decodeSafetensors, encodeSafetensors } from '#algorithms/bundle/safetensors.js'
import { canonicalJson } from '#env/canonical-json.js'
import type { Tensors } from '#env/encoding/fitted-arrays.js'
import { BundleError } from '#env/errors.js'
import type { Tensor } from '#env/policy.js'

/** A kind of file. */
export interface SealedKind<Description> {
  /** What messages call it, such as `knowledge index`. */
  readonly what: string
  /** Changes whenever older readers would misunderstand a file. */
  readonly format: string
  /** How to get a right one. */
  readonly remedy: string
  readonly schema: z.ZodType<Description>
}

const metadataKey = 'cadre'

/** The bytes of a file. */
export function sealFile<D extends object>(
  { format }: SealedKind<D>,
  description: D,
  arrays: { readonly [name: string]: Tensor['data'] },
): Uint8Array {
  const tensors: Tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
  )
  const content = { format, description }
  return encodeSafetensors(tensors, {
    [metadataKey]: canonicalJson({ ...content, sha256: hashOf(content, tensors) }),
  })
}

/** What a file holds. */
export interface Unsealed<D> {
  readonly description: D
  /** The array of a name: of this type, and of this length where one is given. */
  take<T extends Tensor['data']>(name: string, type: abstract new (...args: never[]) => T, length?: number): T
}

/** @throws BundleError with the reason: something else, of another format version, altered, malformed */
export function unsealFile<D extends object>(kind: SealedKind<D>, bytes: Uint8Array): Unsealed<D> {
  const { what, format, remedy, schema } = kind
  const refuse = (message: string) => new BundleError(`${what}: ${message}`)
  let file: ReturnType<typeof decodeSafetensors>
  try {
    file = decodeSafetensors(bytes)
  } catch (cause) {
    throw new BundleError(`${what}: not a file of one (${(cause as Error).message}); ${remedy}`, { cause })
  }
  const text = Object.hasOwn(file.metadata, metadataKey) ? file.metadata[metadataKey]! : 'null'
  const json = parsed(text)
  if (json?.format !== format) {
    const got = JSON.stringify(json?.format) ?? 'none'
    throw refuse(`expected format ${format}, got ${got}; ${remedy}`)
  }
  const content = { format, description: json.description }
  if (hashOf(content, file.tensors) !== json.sha256) {
    throw refuse(`the sha256 does not match: the file was altered; copy it again, or ${remedy}`)
  }
  const checked = schema.safeParse(json.description)
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!
    throw refuse(`${path.join('.')}: ${message}; ${remedy}`)
  }
  return {
    description: checked.data,
    take: (name, type, length) => {
      const data = Object.hasOwn(file.tensors, name) ? file.tensors[name]!.data : undefined
      if (data instanceof type && (length === undefined || data.length === length)) return data
      const got = data === undefined ? 'nothing' : `${data.constructor.name} [${data.length}]`
      throw refuse(`array "${name}": expected ${type.name} [${length ?? 'n'}], got ${got}; ${remedy}`)
    },
  }
}

function parsed(text: string): { format?: unknown; description?: unknown; sha256?: unknown } | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function hashOf(content: object, tensors: Tensors): string {
  return createHash('sha256')
    .update(canonicalJson(content))
    .update('\n')
    .update(encodeSafetensors(tensors))
    .digest('hex')
}
