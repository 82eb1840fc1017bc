import { trainUnderstanding, understandingOptions } from '#agents/understanding/train-model.js'
import { findCopy } from '../data/locate-outcomes.js'
import { findPublishedSet } from '../data/published-sets.js'
import { loadExamples } from '../understanding/load-examples.js'
import { scoreModel } from '../understanding/score-model.js'
import { dataEnvironment } from './data-environment.js'

/**
 * Which of ABCD's 55 sub-flows a chat is about, by what the customer said before anybody acted: `node dist/experiments/benchmarks/abcd.js`.
 * Trained on train and dev, held against test. Needs `cadre data pull abcd-chats`.
 */
const env = dataEnvironment()
const set = 'abcd-chats'
const copy = await findCopy(findPublishedSet(set), env)
if (copy.folder === undefined) {
  process.stdout.write(`skipped: ${set} is not here; run \`cadre data pull ${set}\`\n`)
} else {
  const load = (part: string) => loadExamples(`${set}:${part}`, '.', env)
  const train = [...(await load('train')), ...(await load('dev'))]
  const test = await load('test')
  const model = trainUnderstanding(train, understandingOptions.parse({ seed: '1' }))
  const { value, low, high } = scoreModel(model, test).intents!
  const percent = (share: number) => (100 * share).toFixed(2)
  process.stdout.write(
    `sub-flow of ${test.length} chats: ${percent(value)}% right (${percent(low)} to ${percent(high)})\n`,
  )
}
