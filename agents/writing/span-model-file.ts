import { z } from 'zod'
import { BundleError } from '#env/errors.js'
import { type SealedKind, sealFile, unsealFile } from '../contract/sealed-file.js'
import { featureNames, numFeatures } from './span-feature-names.js'
import { answerSigns, type SpanModel } from './span-scorer.js'

const names = z.array(z.string())

const description = z.strictObject({
  depth: z.int().min(1).max(12),
  features: names,
  unknownIdf: z.number().min(0),
  calibration: z.strictObject({ weights: z.array(z.number()).length(answerSigns.length), offset: z.number() }),
  attribution: z.string(),
})

type Description = z.infer<typeof description>

const kind: SealedKind<Description> = {
  what: 'span scorer',
  format: 'cadre-span-scorer/1',
  remedy: 'train it with this version of Cadre',
  schema: description,
}

/** The bytes of a trained scorer. */
export function encodeSpanModel(model: SpanModel): Uint8Array {
  const { trees, idf, unknownIdf, odds, calibration, attribution } = model
  const about: Description = {
    depth: trees.depth,
    features: [...featureNames],
    unknownIdf,
    calibration: { weights: [...calibration.weights], offset: calibration.offset },
    attribution,
  }
  return sealFile(kind, about, {
    'trees/feature': trees.feature,
    'trees/threshold': trees.threshold.map((edge) => Math.min(edge, largest)),
    'trees/leaf': trees.leaf,
    'idf/terms': linesOf([...idf.keys()]),
    'idf/values': Float32Array.from(idf.values()),
    'odds/keys': linesOf([...odds.keys()]),
    'odds/values': Float32Array.from(odds.values()),
  })
}

/** Above which no feature is. */
const largest = 3e38

/** @throws BundleError where it is no scorer, of another version or altered */
export function decodeSpanModel(bytes: Uint8Array): SpanModel {
  const file = unsealFile(kind, bytes)
  const { depth, features, unknownIdf, calibration, attribution } = file.description
  if (features.join() !== featureNames.join()) {
    throw new BundleError(`span scorer: it was trained on other features than this version counts; ${kind.remedy}`)
  }
  const leaf = file.take('trees/leaf', Float32Array)
  const questions = (1 << depth) - 1
  const trees = leaf.length / (1 << depth)
  if (!Number.isInteger(trees))
    throw new BundleError(`span scorer: ${leaf.length} leaves are no trees of depth ${depth}`)
  const feature = file.take('trees/feature', Int32Array, trees * questions)
  if (feature.some((f) => f < 0 || f >= numFeatures)) {
    throw new BundleError(`span scorer: it asks for features that there are not; ${kind.remedy}`)
  }
  const table = (keys: string, values: string): Map<string, number> => {
    const lines = new TextDecoder().decode(file.take(keys, Uint8Array)).split('\n').slice(0, -1)
    const numbers = file.take(values, Float32Array, lines.length)
    return new Map(lines.map((line, k) => [line, numbers[k]!]))
  }
  return {
    trees: { depth, feature, threshold: file.take('trees/threshold', Float32Array, trees * questions), leaf },
    idf: table('idf/terms', 'idf/values'),
    unknownIdf,
    odds: table('odds/keys', 'odds/values'),
    calibration,
    attribution,
  }
}

/** Each with a line's end: words have none inside. */
function linesOf(list: readonly string[]): Uint8Array {
  return new TextEncoder().encode(list.map((line) => `${line}\n`).join(''))
}
