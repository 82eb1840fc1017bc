/**
 * Trains the span scorer of the extractive writer on a file in the format of SQuAD:
 *
 *     node dist/experiments/knowledge/train-writer.js OUT.safetensors [SQUAD.json] [--attribution TEXT] [--leave-out FOLD/FOLDS]
 *
 * Without a file on XQuAD (English). `--leave-out 0/2` leaves every second article out, from the first: what was left out is fair to
 * judge it on.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type AnsweredPassages, fitSpanScorer, spanScorerDefaults } from '#agents/writing/fit-span-scorer.js'
import { encodeSpanModel } from '#agents/writing/span-model-file.js'
import { readSquad, xquadPath } from './squad.js'

const xquad = 'XQuAD (English), github.com/google-deepmind/xquad, CC BY-SA 4.0; questions and paragraphs of SQuAD 1.1'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { attribution: { type: 'string' }, 'leave-out': { type: 'string' }, seed: { type: 'string', default: '0' } },
})
const [out, given] = positionals
const path = given ?? xquadPath()
if (out === undefined || path === undefined) {
  process.stderr.write(
    'usage: train-writer.js OUT.safetensors [SQUAD.json]; without a file XQuAD has to be in a data folder\n',
  )
  process.exit(2)
}
const data = withoutSome(readSquad(path), values['leave-out'])
const attribution = values.attribution ?? (given === undefined ? xquad : '')
const model = fitSpanScorer(data, spanScorerDefaults, { folds: 5, seed: values.seed, attribution })
const bytes = encodeSpanModel(model)
writeFileSync(out, bytes)
process.stdout.write(`${out}: ${data.questions.length} questions, ${bytes.length} bytes\n`)

/** Leaves out the articles of a fold. @param part - `FOLD/FOLDS` */
function withoutSome(data: AnsweredPassages, part: string | undefined): AnsweredPassages {
  if (part === undefined) return data
  const [fold, folds] = part.split('/').map(Number)
  const kept = [...data.passages.keys()].filter((p) => data.groups[p]! % folds! !== fold)
  const place = new Map(kept.map((p, k) => [p, k]))
  return {
    passages: kept.map((p) => data.passages[p]!),
    groups: Int32Array.from(kept, (p) => data.groups[p]!),
    questions: data.questions.flatMap((question) => {
      const passage = place.get(question.passage)
      return passage === undefined ? [] : [{ ...question, passage }]
    }),
  }
}
