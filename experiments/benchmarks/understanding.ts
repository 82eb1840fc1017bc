import { encodeModel } from '#agents/understanding/model-format.js'
import { trainUnderstanding, understandingOptions } from '#agents/understanding/train-model.js'
import { loadExamples } from '../understanding/load-examples.js'
import { type ModelScore, scoreModel } from '../understanding/score-model.js'
import { dataEnvironment } from './data-environment.js'

/**
 * The understanding agent on SNIPS and BANKING77: `node dist/experiments/benchmarks/understanding.js [--json] [SEED...]`, three seeds
 * unless told otherwise. Trained on train (and validation), held against test. Processor time, which a busy machine changes little.
 */
const env = dataEnvironment()
const json = process.argv.includes('--json')
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const seeds = given.length > 0 ? given : ['1', '2', '3']

interface Measured {
  readonly set: string
  readonly seed: string
  readonly trainingSeconds: number
  /** A sentence, intent and slots. */
  readonly readingMs: number
  readonly bytes: number
  readonly score: ModelScore
}

function processorSeconds<T>(work: () => T): [T, number] {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
}

async function measure(set: string, parts: readonly string[], seed: string): Promise<Measured> {
  const train = (await Promise.all(parts.map((part) => loadExamples(`${set}:${part}`, '.', env)))).flat()
  const test = await loadExamples(`${set}:test`, '.', env)
  const [model, trainingSeconds] = processorSeconds(() =>
    trainUnderstanding(train, understandingOptions.parse({ seed })),
  )
  const readAll = () => test.forEach(({ text, tokens }) => void model.read(text, tokens))
  readAll()
  const [, reading] = processorSeconds(readAll)
  return {
    set,
    seed,
    trainingSeconds,
    readingMs: (1000 * reading) / test.length,
    bytes: encodeModel(model).length,
    score: scoreModel(model, test),
  }
}

const percent = (share: number) => (100 * share).toFixed(2)
const interval = (figure: { value: number; low: number; high: number } | null) =>
  figure === null ? '-' : `${percent(figure.value)} (${percent(figure.low)} to ${percent(figure.high)})`

const results: Measured[] = []
for (const [set, parts, of] of [
  ['snips', ['train', 'valid'], seeds],
  ['banking77', ['train'], seeds.slice(0, 1)],
] as const) {
  const own: Measured[] = []
  for (const seed of of) {
    const one = await measure(set, parts, seed)
    own.push(one)
    const { intents, slots, frames, turnedAway, calibrationError } = one.score
    if (json) continue
    process.stdout.write(
      `${set} seed ${seed}: slots F1 ${interval(slots)}, intents ${interval(intents)}, frames ${interval(frames)}\n` +
        `  training ${one.trainingSeconds.toFixed(1)} s of processor time, reading ${one.readingMs.toFixed(3)} ms a sentence, ` +
        `${(one.bytes / 1e6).toFixed(2)} MB; turned away ${percent(turnedAway!.value)}, confidence off by ${percent(calibrationError!)}\n`,
    )
  }
  results.push(...own)
  const f1 = own.map(({ score }) => score.slots?.value ?? 0)
  if (!json && own.length > 1 && f1[0]! > 0) {
    process.stdout.write(
      `${set}: slots F1, mean of ${own.length} seeds ${percent(f1.reduce((a, b) => a + b) / own.length)}\n`,
    )
  }
}
if (json) process.stdout.write(`${JSON.stringify(results)}\n`)
