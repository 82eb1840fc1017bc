import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Frame } from '#agents/contract/agent.js'
import type { TrainingRecord, UnderstandingModel } from '#agents/understanding/understanding-model.js'
import { UsageError } from '#env/errors.js'
import { formatBytes } from '#env/format-bytes.js'
import type { Figure, ModelScore } from '../../understanding/score-model.js'
import type { TrainedHead } from '../../understanding/train-head.js'
import { addCommand, type CommandLine, type CommonOptions, numberArgument } from '../command-line.js'
import { formatPercent } from '../format-number.js'
import { printJson, printLines } from '../io.js'

/** What `cadre understand train --json` prints. */
export interface TrainedModel {
  readonly model: string
  readonly bytes: number
  readonly intents: readonly string[]
  readonly slots: readonly string[]
  readonly training: TrainingRecord
  /** Processor time, all threads. */
  readonly processorSeconds: number
}

/** What `cadre understand read --json` prints. */
export interface ReadQuestion {
  readonly question: string
  readonly frame: Frame
  /** With `--explain`. */
  readonly reasons?: ReturnType<UnderstandingModel['explain']>
}

interface TrainOptions extends CommonOptions {
  readonly out: string
  readonly seed?: string
  readonly epochs?: number
  readonly turnedAway?: number
}

interface TrainHeadOptions extends CommonOptions {
  readonly out: string
  readonly endpoint: string
  readonly model: string
  readonly keyEnv?: string
  readonly cost: number
}

const positive = numberArgument('a number above 0', (n) => n > 0 && n < Number.POSITIVE_INFINITY)
const wholeNumber = numberArgument('a whole number above 0', (n) => Number.isInteger(n) && n > 0)
const share = numberArgument('a share 0..0.5', (n) => n >= 0 && n <= 0.5)

/** `cadre understand train DATA... --out MODEL`, `train-head DATA... --out HEAD`, `test MODEL DATA...`, `read MODEL QUESTION...` */
export function addUnderstand(program: Command, line: CommandLine): void {
  const understand = program
    .command('understand')
    .description('train an agent that reads intent and slots of questions, test it, ask it')
  const data = 'CoNLL/BIO (.conll, .bio), .csv, .json or .jsonl files, or parts of published sets such as snips:train'
  addCommand(understand, 'train', 'train a model on sentences with intents and slots')
    .argument('<data...>', data)
    .requiredOption('--out <file>', 'where to write the model')
    .option('--seed <text>', 'of all shuffles')
    .option('--epochs <n>', 'times to go through the sentences', wholeNumber)
    .option('--turned-away <share>', 'of sentences in scope that may be taken for out of scope', share)
    .action(async (files: string[], options: TrainOptions) => {
      const trained = await train(files, options, line)
      if (options.json === true) printJson(line.io, trained)
      else printLines(line.io, describeTrained(trained))
    })
  addCommand(understand, 'train-head', 'train a head on embeddings that reads the intent of questions (llm-agent)')
    .argument('<data...>', data)
    .requiredOption('--out <file>', 'where to write the head')
    .requiredOption('--endpoint <url>', 'OpenAI-compatible API that makes the embeddings, ending in /v1')
    .requiredOption('--model <name>', 'which embeddings')
    .option('--key-env <variable>', 'environment variable that holds the key of the endpoint')
    .option('--cost <n>', 'of an error, beside the penalty of large weights: C of LogisticRegression', positive, 1)
    .action(async (files: string[], options: TrainHeadOptions) => {
      const { trainHeadOf } = await import('../../understanding/train-head.js')
      const examples = await examplesOf(files, line)
      line.io.stderr.write(`${examples.length} sentences\n`)
      const trained = await trainHeadOf(examples, { ...options, env: line.io.env })
      if (options.json === true) printJson(line.io, trained)
      else printLines(line.io, describeHead(trained))
    })
  addCommand(understand, 'test', 'hold a model against sentences whose meaning is known')
    .argument('<model>', 'file that `cadre understand train` wrote')
    .argument('<data...>', data)
    .action(async (model: string, files: string[], options: CommonOptions) => {
      const { readModel } = await import('../../understanding/model-file.js')
      const { scoreModel } = await import('../../understanding/score-model.js')
      const score = scoreModel(readModel(resolve(model)), await examplesOf(files, line))
      if (options.json === true) printJson(line.io, { model, ...score })
      else printLines(line.io, describeScore(score))
    })
  addCommand(understand, 'read', 'read a question: its intent and slots, and how sure the model is')
    .argument('<model>', 'file that `cadre understand train` wrote')
    .argument('<question...>', 'its words')
    .option('--explain', 'say which features spoke for it')
    .action(async (file: string, words: string[], options: CommonOptions & { explain?: boolean }) => {
      const { readModel } = await import('../../understanding/model-file.js')
      const model = readModel(resolve(file))
      const question = words.join(' ')
      const reasons = options.explain === true ? { reasons: model.explain(question) } : {}
      const read: ReadQuestion = { question, frame: model.frame(question), ...reasons }
      if (options.json === true) printJson(line.io, read)
      else printLines(line.io, describeRead(read))
    })
}

async function train(files: readonly string[], options: TrainOptions, line: CommandLine): Promise<TrainedModel> {
  const { trainUnderstanding, understandingOptions } = await import('#agents/understanding/train-model.js')
  const { encodeModel } = await import('#agents/understanding/model-format.js')
  const { writeFileAtomically } = await import('#results/store/atomic-write.js')
  const { seed, epochs, turnedAway } = options
  const settings = understandingOptions.parse({ seed, epochs, turnedAway })
  const examples = await examplesOf(files, line)
  line.io.stderr.write(`${examples.length} sentences\n`)
  const before = process.cpuUsage()
  const model = trainUnderstanding(examples, settings)
  const { user, system } = process.cpuUsage(before)
  const bytes = encodeModel(model)
  writeFileAtomically(resolve(options.out), bytes)
  const { classifier, slots, training } = model.parts
  return {
    model: options.out,
    bytes: bytes.length,
    intents: classifier.intents,
    slots: slots?.slots ?? [],
    training,
    processorSeconds: (user + system) / 1e6,
  }
}

async function examplesOf(files: readonly string[], { io }: CommandLine) {
  const { loadExamples } = await import('../../understanding/load-examples.js')
  const twice = files.find((file, i) => files.indexOf(file) !== i)
  if (twice !== undefined) throw new UsageError(`cadre understand: ${twice} is given twice; give it once`)
  const all = []
  for (const file of files) all.push(...(await loadExamples(file, process.cwd(), io.env)))
  return all
}

function describeHead({ head, bytes, labels, size, accuracy }: TrainedHead): string[] {
  const right = accuracy === null ? 'too few sentences to hold any out' : `intents right ${formatPercent(accuracy)}`
  return [
    `${head}: ${formatBytes(bytes)}, ${labels.length} intents on vectors of ${size} numbers`,
    `held out while training: ${right}`,
  ]
}

function describeTrained({ model, bytes, intents, slots, training, processorSeconds }: TrainedModel): string[] {
  const { accuracy, foundOut, triedOn } = training.intents
  const tried = { given: 'sentences without an intent', 'left-out': 'sentences of intents left out in turn', none: '' }
  return [
    `${model}: ${formatBytes(bytes)}, ${intents.length} intents, ${slots.length} slots, ${processorSeconds.toFixed(1)} s of processor time`,
    `held out while training: intents right ${formatPercent(accuracy)}`,
    ...(foundOut === null ? [] : [`out of scope found out: ${formatPercent(foundOut)} of ${tried[triedOn]}`]),
  ]
}

function describeScore({ sentences, intents, slots, frames, ...score }: ModelScore): string[] {
  const figure = (name: string, one: Figure | null, more = '') =>
    one === null
      ? []
      : [`${name} ${formatPercent(one.value)} (95%: ${formatPercent(one.low)} to ${formatPercent(one.high)})${more}`]
  const parts =
    slots === null ? '' : `, precision ${formatPercent(slots.precision)}, recall ${formatPercent(slots.recall)}`
  return [
    `${sentences} sentences`,
    ...figure('intents right', intents),
    ...figure('slots F1', slots, parts),
    ...figure('frames right', frames),
    ...(score.calibrationError === null
      ? []
      : [`confidence of frames off by ${formatPercent(score.calibrationError)} in the mean`]),
    ...figure('taken for out of scope', score.turnedAway),
    ...figure('out of scope found out', score.foundOut),
  ]
}

function describeRead({ frame, reasons }: ReadQuestion): string[] {
  const sure = (confidence: number) => `(${formatPercent(confidence)})`
  return [
    `intent ${frame.intent ?? 'none of those known'} ${sure(frame.confidence)}`,
    ...frame.slots.map(({ name, text, confidence }) => `${name} = ${text} ${sure(confidence)}`),
    ...(reasons === undefined
      ? []
      : [
          '',
          `for the intent: ${reasons.terms.map(({ term, weight }) => `${term} ${weight.toFixed(2)}`).join(', ')}`,
          ...reasons.words.map(({ token, tag, instead, features }) => {
            const spoke = features.map(({ feature, lead }) => `${feature} ${lead.toFixed(2)}`).join(', ')
            return `${token}: ${tag} rather than ${instead}: ${spoke}`
          }),
        ]),
  ]
}
