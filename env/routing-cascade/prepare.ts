import type { DataSplit, PreparedData } from '../data-contract.js'
import { type Encoder, type EncoderRow, encodeRows } from '../encoding/encoder.js'
import { createEncoder, type EncoderConfig } from '../encoding/encoders.js'
import { ConfigError, UnknownNameError } from '../errors.js'
import type { ModelOutcomes } from '../outcomes/model-outcomes.js'
import { ProblemList } from '../outcomes/problem-list.js'
import { type AnswerColumns, answerReward, rewardReads } from './answer-reward.js'
import type { CascadeWorld } from './cascade-world.js'
import type { CascadeModelConfig, RoutingCascadeConfig } from './config.js'
import { countTexts } from './count-texts.js'

/**
 * The worlds of a split of an outcome table: encoder fitted on the training rows, all rows encoded.
 * @param fitted - an encoder to use instead of fitting one
 * @throws ConfigError when the table doesn't know what the config needs, with the rows
 */
export function prepareCascade(
  config: RoutingCascadeConfig,
  table: ModelOutcomes,
  split: DataSplit,
  fitted?: Encoder,
): PreparedData {
  const models = modelsOf(config, table)
  if (config.maxCalls > models.length) {
    throw new ConfigError([
      { path: 'maxCalls', message: `expected at most ${models.length}, the number of models, got ${config.maxCalls}` },
    ])
  }
  const reward = answerReward(config)
  const columns = columnsOf(config, table, models)
  const row = (r: number): EncoderRow => ({ text: table.text(r), group: table.group(r) })
  const rows = Array.from({ length: table.size }, (_, r) => row(r))
  const encoder = fitted ?? createEncoder(config.encoder)
  if (fitted === undefined) encoder.fit(Array.from(split.train, (r) => rows[r]!))
  const features = encodeRows(encoder, rows)
  const world = (queries: Int32Array): CascadeWorld => ({
    models: models.map((model) => model.name),
    numQueries: table.size,
    queries,
    shares: null,
    drawn: false,
    quality: columns.quality,
    costUsd: columns.costUsd,
    latencyMs: columns.latencyMs,
    costKnown: columns.costKnown,
    latencyKnown: columns.latencyKnown,
    features,
    textLength: Int32Array.from(rows, ({ text }) => text.length),
  })
  const m = models.length
  const take = (column: Float64Array, queries: Int32Array) =>
    Float64Array.from({ length: queries.length * m }, (_, k) => column[queries[Math.floor(k / m)]! * m + (k % m)]!)
  const rewards = Float64Array.from({ length: split.train.length * m }, (_, k) =>
    reward(columns, split.train[Math.floor(k / m)]! * m + (k % m)),
  )
  return {
    train: world(split.train),
    test: world(split.test),
    examples: { features, rows: split.train, rewards, actions: models.map((model) => model.name) },
    heldOut: {
      models: models.map((model) => model.name),
      features,
      rows: split.test,
      quality: take(columns.quality, split.test),
      cost: columns.costKnown ? take(columns.costUsd, split.test) : null,
      pair: m === 2 ? pairOf(columns.quality) : null,
    },
    encoder: { config: config.encoder, encoder, fields: fieldsOf(config.encoder) },
    texts: countTexts(table, features),
  }
}

interface Columns extends AnswerColumns {
  readonly costKnown: boolean
  readonly latencyKnown: boolean
}

function modelsOf(config: RoutingCascadeConfig, table: ModelOutcomes): readonly CascadeModelConfig[] {
  if (config.models === undefined) return table.models.map((name) => ({ name }))
  config.models.forEach(({ name }, m) => {
    if (table.models.includes(name)) return
    const { message } = new UnknownNameError('model', name, table.models)
    throw new ConfigError([{ path: `models.${m}.name`, message }])
  })
  return config.models
}

/** [Q, M] columns; unknown prices and times are refused where the reward depends on them, and 0 elsewhere. */
function columnsOf(config: RoutingCascadeConfig, table: ModelOutcomes, models: readonly CascadeModelConfig[]): Columns {
  const problems = new ProblemList(undefined)
  const indices = models.map((model) => table.modelIndex(model.name))
  const fill = (value: (r: number, m: number) => number | undefined) =>
    Float64Array.from(
      { length: table.size * models.length },
      (_, k) => value(Math.floor(k / models.length), k % models.length) ?? Number.NaN,
    )
  const quality = fill((r, m) => table.correct(r, indices[m]!))
  const costUsd = fill((r, m) => models[m]!.costUsd ?? table.costUsd(r, indices[m]!))
  const latencyMs = fill((r, m) => models[m]!.latencyMs ?? table.latencyMs(r, indices[m]!))
  const refuseUnknown = (column: Float64Array, name: string, advice: string) => {
    const k = column.findIndex(Number.isNaN)
    if (k < 0) return
    const model = models[k % models.length]!.name
    const row = table.id(Math.floor(k / models.length))
    problems.add('outcomes', `${name} of model "${model}" is unknown in row "${row}"; ${advice}`)
  }
  refuseUnknown(quality, 'correct', 'fill it in, or leave the row or the model out')
  const reads = rewardReads(config)
  if (reads.costUsd)
    refuseUnknown(costUsd, 'costUsd', 'give models[].costUsd, or leave it out of the reward (costWeight: 0)')
  if (reads.latencyMs) {
    refuseUnknown(latencyMs, 'latencyMs', 'give models[].latencyMs, or leave it out of the reward (latencyWeight: 0)')
  }
  problems.throwIfAny()
  const costKnown = !costUsd.some(Number.isNaN)
  const latencyKnown = !latencyMs.some(Number.isNaN)
  const known = (column: Float64Array) => column.map((value) => (Number.isNaN(value) ? 0 : value))
  return { quality, costUsd: known(costUsd), latencyMs: known(latencyMs), costKnown, latencyKnown }
}

/** @param quality - f64 [Q, 2] */
function pairOf(quality: Float64Array): { weak: number; strong: number } {
  let lead = 0
  for (let k = 0; k < quality.length; k += 2) lead += quality[k + 1]! - quality[k]!
  return lead >= 0 ? { weak: 0, strong: 1 } : { weak: 1, strong: 0 }
}

function fieldsOf(encoder: EncoderConfig): (keyof EncoderRow)[] {
  return readsGroup(encoder) ? ['text', 'group'] : ['text']
}

function readsGroup(encoder: EncoderConfig): boolean {
  if (encoder.id === 'standardise') return readsGroup(encoder.of)
  return encoder.id === 'concatenate' ? encoder.parts.some(readsGroup) : encoder.id === 'group'
}
