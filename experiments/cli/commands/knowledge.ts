import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { StorageError, UsageError } from '#env/errors.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface SearchOptions extends CommonOptions {
  readonly top: string
  readonly sentences?: true
}

interface TrainOptions extends CommonOptions {
  readonly attribution: string
  readonly leaveOut?: string
  readonly seed: string
  readonly trees: string
}

/** `cadre knowledge index`, `cadre knowledge search`, `cadre knowledge train-writer` */
export function addKnowledge(program: Command, line: CommandLine): void {
  const knowledge = program
    .command('knowledge')
    .description('documents: make an index of them, look things up in it, train the writer that answers from them')
  addCommand(knowledge, 'index', 'make an index of documents, for `keywords` and `hybrid`')
    .argument('<out>', 'file to write, ending in .safetensors')
    .argument('<documents...>', 'files and folders: Markdown, text, HTML, JSON, CSV')
    .action(async (out: string, documents: string[], { json }: CommonOptions) => {
      const { openBase } = await import('../../knowledge/open-base.js')
      const { encodeKnowledge } = await import('#agents/knowledge/knowledge-file.js')
      const base = openBase(documents, process.cwd())
      const bytes = encodeKnowledge(base)
      write(out, bytes)
      const made = { out, documents: base.documents.length, passages: base.size, bytes: bytes.length }
      if (json === true) printJson(line.io, made)
      else
        printLines(line.io, [`${out}: ${made.passages} passages of ${made.documents} documents, ${made.bytes} bytes`])
    })
  addCommand(knowledge, 'search', 'look a question up, by its words')
    .argument('<question>', 'what to look up, in quotes')
    .argument('<documents...>', 'files and folders, or one index')
    .option('--top <n>', 'passages, at most', '3')
    .option('--sentences', 'sentences in place of passages')
    .action(async (question: string, documents: string[], { top, sentences, json }: SearchOptions) => {
      const { openBase } = await import('../../knowledge/open-base.js')
      const base = openBase(documents, process.cwd())
      const most = wholeNumber('--top', top)
      const found = sentences === true ? base.searchSentences(question, most) : base.search(question, most)
      if (json === true) return printJson(line.io, { question, passages: found })
      const lines = found.flatMap(({ text, score, source }) => [
        `${source.document}:${source.from}-${source.to}  ${source.title}  ${score.toFixed(2)}`,
        ...text.split('\n').map((one) => `  ${one}`),
      ])
      printLines(line.io, lines.length > 0 ? lines : ['nothing: no document has a word of it'])
    })
  addCommand(knowledge, 'train-writer', 'train the span scorer of `extractive` on questions with answers')
    .argument('<data>', 'file in the format of SQuAD, plain or .gz')
    .argument('<out>', 'file to write')
    .option('--attribution <text>', 'who made the data, under which licence: it stands in the file', '')
    .option('--leave-out <fold/folds>', 'articles that are left out, to be judged on')
    .option('--seed <text>', 'of the draws', '0')
    .option('--trees <n>', 'trees of the scorer', '100')
    .action(async (data: string, out: string, { attribution, leaveOut, seed, trees, json }: TrainOptions) => {
      const { readSquad } = await import('../../knowledge/squad.js')
      const { parseLeftOut, trainWriter } = await import('../../knowledge/train-writer.js')
      const leftOut = leaveOut === undefined ? null : parseLeftOut(leaveOut)
      const { bytes, questions } = trainWriter(readSquad(data), {
        ...{ leftOut, seed, attribution },
        trees: wholeNumber('--trees', trees),
      })
      write(out, bytes)
      if (json === true) printJson(line.io, { out, questions, bytes: bytes.length })
      else printLines(line.io, [`${out}: learned from ${questions} questions, ${bytes.length} bytes`])
    })
}

function write(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes)
  } catch (cause) {
    throw new StorageError(`${path}: cannot be written: ${(cause as Error).message}`, { cause })
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new UsageError(`${option}: expected a whole number above 0, got ${JSON.stringify(text)}`)
}
