import { describe, expect, it } from 'vitest'
import { box } from '#env/space.js'
import { checkLinearBatch, linearInputs } from './linear-inputs.js'
import { pair, pairFeatures, seen } from './testing/pair.js'
import { viewsByHand } from './testing/step-by-hand.js'

describe('what a linear model reads', () => {
  it('is the features and observed numbers of each agent', () => {
    expect(linearInputs(pair)).toEqual([
      { numFeatures: 2, observationSize: 2, columns: 4 },
      { numFeatures: 0, observationSize: 1, columns: 1 },
    ])
  })

  it('is refused where an agent sees neither', () => {
    const agents = [pair.agents[0]!, { ...pair.agents[1]!, observation: box(0) }]
    expect(() => linearInputs({ ...pair, agents })).toThrow(
      expect.objectContaining({
        code: 'ERR_SPACE',
        message:
          'pair: agent "looker" has neither sparse features nor a real-valued observation, one of which a linear model needs; use a tabular learner',
      }),
    )
  })
})

describe('batches for linear models', () => {
  const inputs = linearInputs(pair)
  const batch = viewsByHand(pair, 2, seen, pairFeatures)
  const check = (changes: object) => () => checkLinearBatch(inputs, { ...batch, ...changes })
  const refusal = (message: string) => expect.objectContaining({ code: 'ERR_SHAPE', message })
  const encode = 'encode with the encoder it was trained with'

  it('are taken with features and observations of the right size', () => {
    expect(check({})).not.toThrow()
    expect(check({ observation: new Float32Array(9) })).not.toThrow()
  })

  it('are refused without features, rows of them, or with others', () => {
    expect(check({ features: undefined })).toThrow(
      refusal(`linear model: expected sparse features of 2 columns, got none; ${encode}`),
    )
    expect(check({ features: { ...pairFeatures, columns: 3 } })).toThrow(
      refusal(`linear model: expected sparse features of 2 columns, got 3; ${encode}`),
    )
    expect(check({ featureRow: undefined })).toThrow(/^linear model: expected sparse features of 2 columns/)
  })

  it('are refused without observations of all agents and rows', () => {
    for (const length of [0, 7]) {
      expect(check({ observation: new Float32Array(length) })).toThrow(
        refusal('linear model: expected real-valued observations, got none; ask the environment to write them'),
      )
    }
  })

  it('need no observations where nobody reads them, and no features either', () => {
    const readers = inputs.slice(0, 1).map((input) => ({ ...input, observationSize: 0 }))
    expect(() => checkLinearBatch(readers, { ...batch, observation: new Float32Array(0) })).not.toThrow()
    const { features: _, featureRow: __, ...bare } = batch
    expect(() => checkLinearBatch(inputs.slice(1), bare)).not.toThrow()
  })
})
