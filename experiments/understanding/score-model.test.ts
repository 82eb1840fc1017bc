import { describe, expect, it } from 'vitest'
import { toySentences } from '#agents/understanding/testing/toy-sentences.js'
import { trainUnderstanding, understandingOptions } from '#agents/understanding/train-model.js'
import { scoreModel } from './score-model.js'

describe('a model held against sentences', () => {
  const model = trainUnderstanding(toySentences(120), understandingOptions.parse({ epochs: 10 }))

  it('that is right in all of few sentences may still be wrong in others: no interval of 100% to 100%', () => {
    const all = toySentences(60, 'held out')
    const right = all.filter((one) => scoreModel(model, [one]).frames!.value === 1)
    expect(right.length).toBeGreaterThan(10)
    const { intents, slots, frames } = scoreModel(model, right.slice(0, 10))
    for (const figure of [intents!, frames!]) {
      expect(figure).toMatchObject({ value: 1, high: 1 })
      // Wilson's interval of 10 of 10.
      expect(figure.low).toBeCloseTo(0.7225, 4)
    }
    expect(slots).toMatchObject({ value: 1, high: 1 })
    expect(slots!.low).toBeLessThan(0.8)
    expect(slots!.low).toBeGreaterThan(0.2)
  })

  it('gives shares of sentences out of scope with their intervals', () => {
    const outside = toySentences(4, 'outside').map((one) => ({ ...one, intent: null }))
    const { foundOut, turnedAway } = scoreModel(model, [...toySentences(5, 'inside'), ...outside])
    expect(foundOut!.value * 4).toBeCloseTo(Math.round(foundOut!.value * 4), 12)
    expect(foundOut!.high - foundOut!.low).toBeGreaterThan(0.4)
    expect(turnedAway!.low).toBeGreaterThanOrEqual(0)
    expect(turnedAway!.high).toBeGreaterThan(turnedAway!.value)
  })
})
