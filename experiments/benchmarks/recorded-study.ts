import { readFileSync } from 'node:fs'
import { readRecordedOutcomes } from '../recorded/recorded-outcomes.js'
import { studySplit } from '../recorded/recorded-study.js'
import { studyLines, summarise } from '../recorded/study-table.js'

/**
 * `node dist/experiments/benchmarks/recorded-study.js OUTCOMES.jsonl.gz [splits]`: the pipeline on recorded outcomes, calibrated on half of
 * the articles and judged on the other half, beside the rules that people write.
 */
const [file, splits = '20'] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('usage: recorded-study.js OUTCOMES.jsonl.gz [splits]\n')
  process.exitCode = 2
} else {
  const questions = readRecordedOutcomes(readFileSync(file))
  const results = Array.from({ length: Number(splits) }, (_, k) => studySplit(questions, `split ${k}`))
  process.stdout.write(`${studyLines(summarise(results)).join('\n')}\n`)
}
