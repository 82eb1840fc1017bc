import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import type { SlotTagger } from './slot-tagger.js'
import { type TaggedRows, TaggerTraining } from './train-tagger.js'

const shape = { features: 6, tags: ['O', 'B-a', 'B-b', 'I-a', 'I-b'], intents: 2 }
/** Each feature at one word: the table of squared gradients then holds the square of the sentence's gradient. */
const sentence = (intent: number, tags: number[]): TaggedRows => ({
  rows: { ids: Int32Array.of(0, 1, 2, 3, 4), start: Int32Array.of(0, 2, 3, 5) },
  intent,
  tags: Int32Array.from(tags),
})
const sentences = [sentence(0, [1, 3, 0]), sentence(1, [0, 2, 4])]
const options = { epochs: 1, rate: 0.1, l2: 0.3 }

/** A training whose weights are drawn, not 0. */
function drawn(seed: string): TaggerTraining {
  const training = new TaggerTraining(sentences, shape, options)
  const rng = new Rng(seed)
  for (const table of tablesOf(training.tagger)) for (let i = 0; i < table.length; i++) table[i] = rng.uniform() - 0.5
  for (let i = 0; i < shape.intents; i++) training.tagger.takeMoves(i)
  return training
}

function tablesOf(tagger: SlotTagger): Float32Array[] {
  return [tagger.shared, tagger.sharedMoves, ...tagger.intents.flatMap(({ weights, moves }) => [weights, moves])]
}

/** Log-likelihood of a sentence by sums alone. */
function logLikelihood(tagger: SlotTagger, { rows, intent, tags }: TaggedRows): number {
  tagger.takeMoves(intent)
  const chain = tagger.chain(intent, rows)
  const own = tagger.intents[intent]!.tags
  const score = chain.scoreOf(Int32Array.from(tags, (tag) => own.indexOf(tag)))
  return score - chain.sums()
}

describe('a step of the training', () => {
  it.each([0, 1])('follows the gradient of log-likelihood and penalty, intent %i', (intent) => {
    const one = sentences[intent]!
    const { tagger } = drawn('gradient')
    const training = drawn('gradient')
    expect(training.step(one)).toBeCloseTo(logLikelihood(tagger, one), 6)
    const before = tablesOf(tagger)
    const after = tablesOf(training.tagger)
    // How often each feature is met: shared by two sentences, and by the one of the intent's own.
    const penalties = [options.l2 / 2, options.l2 / 2, ...[0, 1].flatMap(() => [options.l2, options.l2 / 2])]
    let moved = 0
    before.forEach((table, which) => {
      for (let i = 0; i < table.length; i++) {
        const weight = table[i]!
        const h = 1e-3
        table[i] = weight + h
        const more = logLikelihood(tagger, one)
        table[i] = weight - h
        const less = logLikelihood(tagger, one)
        table[i] = weight
        tagger.takeMoves(intent)
        const step = after[which]![i]! - weight
        if (step === 0) {
          expect(more - less).toBeCloseTo(0, 6)
          continue
        }
        const loss = (less - more) / (2 * h) + penalties[which]! * weight
        // AdaGrad's first step has the length of the rate, against the gradient, however small that is.
        if (Math.abs(loss) > 1e-3) expect(step).toBeCloseTo(-options.rate * Math.sign(loss), 4)
        moved++
      }
    })
    expect(moved).toBeGreaterThan(40)
  })

  it('divides by the root of all squared gradients so far', () => {
    const tables = (training: TaggerTraining) => tablesOf(training.tagger).map((table) => table.slice())
    const training = drawn('twice')
    const start = tables(training)
    training.step(sentences[0]!)
    const between = tables(training)
    const gradient = (at: Float32Array[], which: number, i: number, l2: number) => {
      const other = drawn('twice')
      tablesOf(other.tagger).forEach((table, n) => {
        table.set(at[n]!)
      })
      const table = tablesOf(other.tagger)[which]!
      const value = table[i]!
      const h = 1e-3
      table[i] = value + h
      const more = logLikelihood(other.tagger, sentences[0]!)
      table[i] = value - h
      return (logLikelihood(other.tagger, sentences[0]!) - more) / (2 * h) + l2 * value
    }
    training.step(sentences[0]!)
    const end = tables(training)
    // Shared weights of feature 0 (at one word): tags O, B-a and I-a are those of the intent.
    for (const i of [0, 1, 3]) {
      const first = gradient(start, 0, i, options.l2 / 2)
      const second = gradient(between, 0, i, options.l2 / 2)
      const expected = (-options.rate * second) / Math.hypot(first, second)
      expect(end[0]![i]! - between[0]![i]!).toBeCloseTo(expected, 4)
    }
  })

  it('knows what steps on other intents moved', () => {
    const training = drawn('stale')
    training.step(sentences[0]!)
    const now = logLikelihood(training.tagger, sentences[1]!)
    const other = drawn('stale')
    other.step(sentences[0]!)
    expect(other.step(sentences[1]!)).toBeCloseTo(now, 9)
  })

  it('leaves alone what the sentence does not have', () => {
    const training = drawn('rest')
    const before = tablesOf(training.tagger).map((table) => table.slice())
    training.step(sentences[0]!)
    const after = tablesOf(training.tagger)
    // Feature 5 comes nowhere; B-b and I-b aren't tags of intent 0, nor is its table that of intent 1.
    expect([...after[0]!.subarray(25)]).toEqual([...before[0]!.subarray(25)])
    for (let f = 0; f < 5; f++) {
      expect([after[0]![f * 5 + 2], after[0]![f * 5 + 4]]).toEqual([before[0]![f * 5 + 2], before[0]![f * 5 + 4]])
    }
    expect([...after[4]!, ...after[5]!]).toEqual([...before[4]!, ...before[5]!])
  })
})

describe('the training', () => {
  it('makes its sentences likelier, epoch by epoch', () => {
    const fitted = (epochs: number) => {
      const training = new TaggerTraining(sentences, shape, { ...options, epochs })
      training.run(new Rng('run'))
      return sentences.reduce((sum, one) => sum + logLikelihood(training.tagger, one), 0)
    }
    const [one, five, fifty] = [fitted(1), fitted(5), fitted(50)]
    expect(one).toBeGreaterThan(fitted(0))
    expect(five).toBeGreaterThan(one)
    expect(fifty).toBeGreaterThan(five)
    expect(fifty).toBeGreaterThan(2 * Math.log(0.8))
  })
})
