/**
 * Fits the slot tagger on SNIPS each time a line comes in, for slots-speed.mjs; each answer is a line of JSON. First it writes the features
 * of all sentences to FOLDER, as the tagger itself sees them: in training without the sentence's own counts.
 *
 *     node slots-ours.mjs FOLDER
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { featureName } from '../../dist/agents/understanding/feature-index.js'
import { featureRows, fitTagger } from '../../dist/agents/understanding/fit-tagger.js'
import { GazetteerCounts } from '../../dist/agents/understanding/gazetteer.js'
import { countSpans, spanF1 } from '../../dist/agents/understanding/span-scores.js'
import { extractFeatures } from '../../dist/agents/understanding/templates.js'
import { trainUnderstanding, understandingOptions } from '../../dist/agents/understanding/train-model.js'
import { classified, wordsOf } from '../../dist/agents/understanding/understanding-model.js'
import { Rng } from '../../dist/env/rng.js'
import { loadExamples } from '../../dist/experiments/understanding/load-examples.js'

const folder = process.argv[2]
const load = async (...parts) => (await Promise.all(parts.map((part) => loadExamples(`snips:${part}`, '.')))).flat()
const train = await load('train', 'valid')
const test = await load('test')
// Both taggers go by the same intents: those that our classifier says.
const bare = train.map((example) => ({ ...example, tags: example.tags.map(() => 'O') }))
const { classifier } = trainUnderstanding(bare).parts
const intents = classifier.intents
const sentence = ({ tokens, tags }, intent) => ({ ...wordsOf(tokens, true), tags, intent })
const training = train.map((example) => sentence(example, intents.indexOf(example.intent)))
const tested = test.map((example) => sentence(example, classifier.read(classified(example.tokens), true).intent))

const slots = [...new Set(training.flatMap(({ tags }) => tags))]
const names = [...new Set(slots.filter((tag) => tag !== 'O').map((tag) => tag.slice(2)))].sort()
const counts = new GazetteerCounts(names)
for (const one of training) counts.add(one)

/** One line a word: tag and features, tabs between; before each sentence its intent, after it an empty line. */
function write(name, sentences, within) {
  const file = openSync(`${folder}/${name}`, 'w')
  for (const one of sentences) {
    const lines = one.tags.map((tag) => [tag])
    within(one, () => extractFeatures(one, counts, names, (at, t, value) => lines[at].push(featureName(t, value))))
    writeSync(file, `${one.intent}\n${lines.map((line) => line.join('\t')).join('\n')}\n\n`)
  }
  closeSync(file)
}
write('train', training, (one, work) => counts.without(one, work))
write('test', tested, (_, work) => work())
process.stdout.write('{}\n')

const options = understandingOptions.parse({})
for await (const seed of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage()
  const fitted = fitTagger(training, intents.length, options, new Rng(seed))
  const { user, system } = process.cpuUsage(before)
  const spans = { right: 0, found: 0, wanted: 0 }
  const start = process.cpuUsage()
  for (const one of tested) {
    const rows = featureRows(one, fitted.gazetteer, fitted.slots, (t, value) => fitted.features.find(t, value))
    const best = new Int32Array(one.tags.length)
    fitted.tagger.chain(one.intent, rows).best(best)
    const own = fitted.tagger.intents[one.intent].tags
    countSpans(
      spans,
      one.tags,
      Array.from(best, (k) => fitted.tagger.tags[own[k]]),
    )
  }
  const tagging = process.cpuUsage(start)
  const answer = {
    cpu: (user + system) / 1e6,
    taggingMs: (tagging.user + tagging.system) / 1e3 / tested.length,
    f1: spanF1(spans),
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
