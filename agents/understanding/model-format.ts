/**
 * A saved model: one safetensors file. Its metadata hold a description as JSON, whose sha256 covers the description without the hash
 * itself and the file without metadata, so that a model with any byte altered is refused. Pure: bytes in, bytes out.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { decodeSafetensors, encodeSafetensors } from '#algorithms/bundle/safetensors.js'
import { canonicalJson } from '#env/canonical-json.js'
import { createEncoder, type EncoderConfig, encoderConfig } from '#env/encoding/encoders.js'
import type { Tensors } from '#env/encoding/fitted-arrays.js'
import { prefixed } from '#env/encoding/parts.js'
import { BundleError, StateError } from '#env/errors.js'
import { IntentClassifier } from './intent-classifier.js'
import { packSlots, unpackSlots } from './slots-format.js'
import { packTable, unpackTable } from './sparse-table.js'
import { TensorReader } from './tensor-reader.js'
import { UnderstandingModel } from './understanding-model.js'

/** Changes whenever older readers would misunderstand a model. */
export const MODEL_FORMAT = 'cadre-understanding/1'

const share = z.number().min(0).max(1)
const name = z.string().min(1)

const descriptionSchema = z.strictObject({
  format: z.literal(MODEL_FORMAT),
  lowerCase: z.boolean(),
  signs: z.array(name),
  intents: z.array(name).min(1),
  encoder: z.strictObject({ version: name, config: z.record(z.string(), z.json()) }),
  calibration: z.strictObject({
    sharpness: z.number().gt(0),
    threshold: z.number(),
    slope: z.number(),
    offset: z.number(),
  }),
  slots: z.array(name).nullable(),
  tags: z.array(name).nullable(),
  training: z.strictObject({
    sentences: z.int().min(1),
    outOfScope: z.int().min(0),
    seed: z.string(),
    intents: z.strictObject({
      accuracy: share,
      foundOut: share.nullable(),
      triedOn: z.enum(['given', 'left-out', 'none']),
    }),
  }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
})

/** A model as bytes; equal models give equal bytes. */
export function encodeModel({ parts }: UnderstandingModel): Uint8Array {
  const { classifier, slots } = parts
  const tensors: Tensors = {
    ...prefixed('intents/encoder/', classifier.encoder.export()),
    ...prefixed('intents/weights/', packTable(classifier.weights, classifier.intents.length)),
    ...(slots === null ? {} : prefixed('slots/', packSlots(slots))),
  }
  const content = {
    format: MODEL_FORMAT,
    lowerCase: parts.lowerCase,
    signs: parts.signs,
    intents: classifier.intents,
    encoder: { version: classifier.encoder.version, config: parts.encoder },
    calibration: classifier.calibration,
    slots: slots?.slots ?? null,
    tags: slots?.tagger.tags ?? null,
    training: parts.training,
  }
  return encodeSafetensors(tensors, { [METADATA_KEY]: describeModel(content, tensors) })
}

/** The description of a model, with its hash, as it is stored. */
export function describeModel(content: object, tensors: Tensors): string {
  return canonicalJson({ ...content, sha256: hashOf(content, tensors) })
}

/**
 * The model that was saved.
 * @throws BundleError with the reason: no model, altered, of another format version, or malformed
 */
export function decodeModel(bytes: Uint8Array): UnderstandingModel {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const { sha256, ...description } = parseDescription(metadata)
  if (hashOf(description, tensors) !== sha256) {
    throw new BundleError('understanding model: the sha256 does not match: the file was altered; copy it again')
  }
  const reader = new TensorReader(tensors)
  const { intents, calibration, lowerCase, signs, training, slots, tags } = description
  const { encoder, config } = encoderOf(description.encoder, reader.within('intents').within('encoder'))
  const weights = unpackTable(reader.within('intents').within('weights'), encoder.size + 1, intents.length)
  checkNames('intents', intents)
  if ((slots === null) !== (tags === null)) throw refuse('slots and tags: expected both or neither')
  const fitted =
    slots === null || tags === null
      ? null
      : unpackSlots(reader.within('slots'), { slots, tags, intents: intents.length })
  reader.checkNothingLeft()
  return new UnderstandingModel({
    lowerCase,
    signs,
    classifier: new IntentClassifier(intents, encoder, weights, calibration),
    encoder: config,
    slots: fitted,
    training,
  })
}

const METADATA_KEY = 'cadre'

function parseDescription(metadata: { readonly [key: string]: string }): z.infer<typeof descriptionSchema> {
  const text = Object.hasOwn(metadata, METADATA_KEY) ? metadata[METADATA_KEY]! : undefined
  if (text === undefined) throw refuse('this safetensors file has no description of one; is it something else?')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new BundleError(`understanding model: its description isn't JSON (${(cause as Error).message})`, { cause })
  }
  const format = (json as { format?: unknown } | null)?.format
  if (format !== MODEL_FORMAT) {
    throw refuse(
      `expected format ${MODEL_FORMAT}, got ${JSON.stringify(format) ?? 'none'}; use the version of Cadre that wrote it, or train it again`,
    )
  }
  const parsed = descriptionSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw refuse(`${path.join('.')}: ${message}`)
}

function encoderOf(described: { version: string; config: unknown }, tensors: TensorReader) {
  const parsed = encoderConfig.safeParse(described.config)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw refuse(`encoder.config.${path.join('.')}: ${message}`)
  }
  const config: EncoderConfig = parsed.data
  const encoder = createEncoder(config)
  if (encoder.version !== described.version) {
    throw refuse(`made with version ${described.version} of its encoder, here is ${encoder.version}; train it again`)
  }
  const arrays = tensors.rest()
  try {
    encoder.load(arrays)
  } catch (cause) {
    if (!(cause instanceof StateError)) throw cause
    throw new BundleError(`understanding model: its encoder doesn't fit: ${cause.message}`, { cause })
  }
  const own = encoder.export()
  const left = Object.keys(arrays).find((one) => !Object.hasOwn(own, one))
  if (left !== undefined) throw refuse(`its encoder has no array "${left}"`)
  return { encoder, config }
}

/** @throws BundleError where a name comes twice */
function checkNames(what: string, names: readonly string[]): void {
  const twice = names.find((one, i) => names.indexOf(one) !== i)
  if (twice !== undefined) throw refuse(`${what}: "${twice}" comes twice`)
}

function refuse(message: string): BundleError {
  return new BundleError(`understanding model: ${message}`)
}

function hashOf(content: object, tensors: Tensors): string {
  return createHash('sha256')
    .update(canonicalJson(content))
    .update('\n')
    .update(encodeSafetensors(tensors))
    .digest('hex')
}
