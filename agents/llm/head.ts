import { z } from 'zod'
import { fitSoftmax, type SoftmaxModel, softmaxOf } from '#algorithms/regression/softmax.js'
import { ConfigError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { type SealedKind, sealFile, unsealFile } from '../contract/sealed-file.js'

const share = z.number().min(0).max(1)

const descriptionSchema = z.strictObject({
  embeddings: z.string().min(1).describe('the model whose vectors it reads'),
  size: z.int().min(1),
  labels: z.array(z.string().min(1).nullable()).min(2),
  training: z.strictObject({
    sentences: z.int().min(1),
    cost: z.number().gt(0),
    accuracy: share.nullable().describe('on sentences held out; null where there were too few'),
  }),
})

const headKind: SealedKind<z.infer<typeof descriptionSchema>> = {
  what: 'head',
  format: 'cadre-head/1',
  remedy: 'train it again with `cadre understand train-head`',
  schema: descriptionSchema,
}

/** What a head reads a vector as. */
export interface HeadReading {
  /** Null: none of the known ones. */
  readonly label: string | null
  readonly confidence: number
}

/** A head on embeddings: softmax(W h(x) + b), where h(x) is the vector of a text. */
export class Head {
  readonly description: z.infer<typeof descriptionSchema>
  readonly model: SoftmaxModel

  constructor(description: Head['description'], model: SoftmaxModel) {
    this.description = description
    this.model = model
  }

  /** The likeliest label of a vector. @throws ShapeError where it has another length */
  read(vector: ArrayLike<number>): HeadReading {
    const p = softmaxOf(this.model, vector)
    const most = p.indexOf(Math.max(...p))
    return { label: this.description.labels[most]!, confidence: Math.min(1, p[most]!) }
  }

  /** Its bytes; equal heads give equal ones. */
  encode(): Uint8Array {
    return sealFile(headKind, this.description, { ...this.model })
  }

  /** @throws BundleError with the reason: something else, of another format, altered, malformed */
  static decode(bytes: Uint8Array): Head {
    const { description, take } = unsealFile(headKind, bytes)
    const { labels, size } = description
    const weights = take('weights', Float64Array, labels.length * size)
    return new Head(description, { weights, offsets: take('offsets', Float64Array, labels.length) })
  }
}

export interface HeadOptions {
  /** The model that the vectors are of. */
  readonly embeddings: string
  /** Of an error beside the penalty of large weights. */
  readonly cost: number
}

const folds = 5

/**
 * Trains a head on the vectors of sentences; once more on each part but one, to see how often it is right on sentences that it hasn't met.
 * @param vectors - [n], each [F]
 * @param labels - [n]; null: none of the known ones
 * @throws ConfigError where there are fewer than two labels
 */
export function trainHead(
  vectors: readonly ArrayLike<number>[],
  labels: readonly (string | null)[],
  { embeddings, cost }: HeadOptions,
): Head {
  const known = [...new Set(labels)].sort((a, b) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
  if (known.length < 2) {
    const message = `expected sentences of two intents at least, got ${known.length === 0 ? 'none' : `"${known[0]}" alone`}`
    throw new ConfigError([{ path: 'intent', message }])
  }
  const numbers = labels.map((label) => known.indexOf(label))
  const fitted = (rows: readonly number[]) =>
    fitSoftmax(
      rows.map((row) => vectors[row]!),
      rows.map((row) => numbers[row]!),
      known.length,
      { cost },
    )
  const all = numbers.map((_, row) => row)
  const rng = new Rng('head folds')
  const fold = all.map(() => rng.integer(folds))
  let held = 0
  let right = 0
  for (let f = 0; f < folds; f++) {
    const seen = all.filter((row) => fold[row] !== f)
    if (seen.length === 0 || seen.length === all.length) continue
    const model = fitted(seen)
    for (const row of all) {
      if (fold[row] !== f) continue
      const p = softmaxOf(model, vectors[row]!)
      held++
      if (p.indexOf(Math.max(...p)) === numbers[row]) right++
    }
  }
  const training = { sentences: all.length, cost, accuracy: held === 0 ? null : right / held }
  return new Head({ embeddings, size: vectors[0]!.length, labels: known, training }, fitted(all))
}
