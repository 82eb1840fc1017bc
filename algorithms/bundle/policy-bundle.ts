/**
 * Policy bundles: a saved policy as two files. policy.json describes it; weights.safetensors holds its arrays. The sha256
 * covers both (policy.json without the hash itself), and policy.json has exactly one spelling, so that a bundle with any
 * byte altered is refused. Pure: bytes in, bytes out.
 */
import { createHash } from 'node:crypto'
import { canonicalJson } from '#env/canonical-json.js'
import type { FittedEncoder } from '#env/data-contract.js'
import { prefixed, unprefixed } from '#env/encoding/parts.js'
import { BundleError } from '#env/errors.js'
import type { PolicyExport, Tensor } from '#env/policy.js'
import { BUNDLE_FORMAT, type BundleDescription, type BundleManifest, bundleSchema } from './bundle-schema.js'
import { dtypeOf } from './dtype.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'

/** The files of a bundle, by name. */
export type BundleFiles = { readonly 'policy.json': Uint8Array; readonly 'weights.safetensors': Uint8Array }

/** A decoded bundle: every byte accounted for. */
export interface PolicyBundle {
  readonly description: BundleDescription
  readonly policy: PolicyExport
  /** Fitted arrays of the encoder; none where the description names no encoder. See `loadEncoder`. */
  readonly encoderTensors: Tensors
}

type Tensors = { readonly [name: string]: Tensor }

/** What the names of an encoder's arrays begin with. */
const ENCODER_PREFIX = 'encoder/'

/**
 * @param fitted - the encoder that the policy reads texts through; it makes the manifest's `encoder`
 * @throws BundleError when the manifest doesn't follow its schema, or a tensor is malformed or holds NaN
 */
export function encodeBundle(
  manifest: BundleManifest,
  policy: PolicyExport,
  fitted: FittedEncoder | null = null,
): BundleFiles {
  if (fitted === null && manifest.encoder !== null) {
    throw new BundleError(
      `policy bundle: the manifest names the encoder ${manifest.encoder.id}, none was given; give the fitted encoder`,
    )
  }
  const tensors = allTensors(policy, fitted)
  checkNumbers(tensors)
  const weights = encodeSafetensors(tensors)
  const { kind, details } = policy
  const encoder = fitted === null ? null : describeEncoder(fitted)
  const content = { ...manifest, encoder, format: BUNDLE_FORMAT, kind, details, tensors: describeTensors(tensors) }
  // Plain JSON turns NaN into null, which the schema then names with its place.
  const plain = JSON.parse(JSON.stringify({ ...content, sha256: '0'.repeat(64) })) as object
  const parsed = bundleSchema.safeParse(plain)
  if (!parsed.success) throw new BundleError(`policy bundle: ${firstProblem(parsed.error.issues)}`)
  const sha256 = hashOf(content, weights)
  return {
    'policy.json': new TextEncoder().encode(spelling({ ...parsed.data, sha256 })),
    'weights.safetensors': weights,
  }
}

/**
 * @param files - contents by name; others than the two are ignored
 * @throws BundleError with the reason: a file is missing, altered, of another format version, or malformed
 */
export function decodeBundle(files: { readonly [name: string]: Uint8Array | undefined }): PolicyBundle {
  const weights = required(files, 'weights.safetensors')
  const description = parseDescription(required(files, 'policy.json'))
  const { sha256, ...content } = description
  if (hashOf(content, weights) !== sha256) {
    throw new BundleError(
      'policy bundle: the sha256 does not match: policy.json or weights.safetensors was altered; copy it again',
    )
  }
  const { tensors } = decodeSafetensors(weights)
  if (canonicalJson(describeTensors(tensors)) !== canonicalJson(description.tensors)) {
    throw new BundleError('policy bundle: policy.json lists other tensors than weights.safetensors holds')
  }
  checkNumbers(tensors)
  const own = Object.entries(tensors).filter(([name]) => !name.startsWith(ENCODER_PREFIX))
  const encoderTensors = unprefixed(ENCODER_PREFIX, tensors)
  if (description.encoder === null && Object.keys(encoderTensors).length > 0) {
    throw new BundleError('policy bundle: it holds arrays of an encoder that policy.json does not name')
  }
  const policy = { kind: description.kind, details: description.details, tensors: Object.fromEntries(own) }
  return { description, policy, encoderTensors }
}

function describeEncoder({ config, encoder, fields }: FittedEncoder): BundleDescription['encoder'] {
  return {
    id: encoder.id,
    version: encoder.version,
    config: config as unknown as NonNullable<BundleDescription['encoder']>['config'],
    fields: [...fields],
  }
}

/** Tensors of the policy, and those of the encoder by their prefix. */
function allTensors(policy: PolicyExport, fitted: FittedEncoder | null): Tensors {
  const reserved = Object.keys(policy.tensors).find((name) => name.startsWith(ENCODER_PREFIX))
  if (reserved !== undefined) {
    throw new BundleError(`policy bundle: "${reserved}" can't name a tensor of a policy; choose another name`)
  }
  return { ...policy.tensors, ...(fitted === null ? {} : prefixed(ENCODER_PREFIX, fitted.encoder.export())) }
}

function required(files: { readonly [name: string]: Uint8Array | undefined }, name: string): Uint8Array {
  const bytes = files[name]
  if (bytes === undefined) {
    throw new BundleError(`policy bundle: ${name} is missing; a bundle is policy.json and weights.safetensors`)
  }
  return bytes
}

function parseDescription(bytes: Uint8Array): BundleDescription {
  let json: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (cause) {
    throw new BundleError(`policy bundle: policy.json isn't JSON (${(cause as Error).message})`, { cause })
  }
  const format = (json as { format?: unknown } | null)?.format
  if (format !== BUNDLE_FORMAT) {
    throw new BundleError(
      `policy bundle: expected format ${BUNDLE_FORMAT}, got ${JSON.stringify(format) ?? 'none'}; use the version of Cadre that wrote it`,
    )
  }
  const parsed = bundleSchema.safeParse(json)
  if (!parsed.success) throw new BundleError(`policy bundle: policy.json: ${firstProblem(parsed.error.issues)}`)
  if (text !== spelling(parsed.data)) {
    throw new BundleError('policy bundle: policy.json was altered: it is not spelled as it was written; copy it again')
  }
  return parsed.data
}

/** The one way policy.json is written. */
function spelling(description: BundleDescription): string {
  return `${canonicalJson(description, 2)}\n`
}

function hashOf(content: object, weights: Uint8Array): string {
  return createHash('sha256').update(canonicalJson(content)).update('\n').update(weights).digest('hex')
}

function describeTensors(tensors: Tensors): BundleDescription['tensors'] {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { dtype: dtypeOf(data), shape: [...shape] }]),
  )
}

/** NaN has no place in a policy: every comparison with it is false. Infinities mark illegal actions. */
function checkNumbers(tensors: Tensors): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    const place = data.findIndex((value) => Number.isNaN(value))
    if (place >= 0) throw new BundleError(`policy bundle: tensor "${name}" is NaN at entry ${place}; expected numbers`)
  }
}

function firstProblem(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  const { path, message } = issues[0]!
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
