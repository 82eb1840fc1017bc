/**
 * Fits softmax regressions on the rows that come in as one JSON document, `[{ rows, labels, classes, cost }]`, and answers with
 * `[{ weights, offsets }]`. softmax-sklearn.py writes them and compares.
 */
import { readFileSync } from 'node:fs'
import { fitSoftmax } from '../../dist/algorithms/regression/softmax.js'

const problems = JSON.parse(readFileSync(0, 'utf8'))
const fitted = problems.map(({ rows, labels, classes, cost }) => {
  const { weights, offsets } = fitSoftmax(rows, labels, classes, { cost })
  return { weights: [...weights], offsets: [...offsets] }
})
process.stdout.write(`${JSON.stringify(fitted)}\n`)
