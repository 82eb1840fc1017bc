import { describe, expect, it } from 'vitest'
import { compileExpression } from '../expression/reward-expression.js'
import { Rng } from '../rng.js'
import { defaultReward, routingPipelineConfig } from './config.js'
import { pipelineReward } from './pipeline-reward.js'
import { quantityNames } from './quantities.js'

describe('the reward of a pipeline', () => {
  const rng = new Rng('reward')
  const drawn = () => Float64Array.from(quantityNames, () => 10 * rng.uniform() - 5)

  it('by default is what its text says, to the last bit, whatever the prices', () => {
    for (let k = 0; k < 200; k++) {
      const [value, delayPrice, handOver, price] = drawn().map(Math.abs) as unknown as [number, number, number, number]
      const ask = k % 3 === 0 ? null : { ...routingPipelineConfig.parse({}).ask!, price }
      const config = routingPipelineConfig.parse({ value, delayPrice, handOver, ask })
      const constants = { value, delayPrice, handOver, askPrice: ask?.price ?? 0 }
      const byText = compileExpression(defaultReward, quantityNames, constants)
      const own = pipelineReward(config)
      for (let n = 0; n < 20; n++) {
        const q = drawn()
        expect(own(q)).toBe(byText(q))
      }
    }
  })

  it('of another text is compiled', () => {
    const config = routingPipelineConfig.parse({ reward: 'value * quality - 2 * failedCalls' })
    const q = Float64Array.from(quantityNames, (name) => (name === 'quality' ? 1 : name === 'failedCalls' ? 3 : 7))
    expect(pipelineReward(config)(q)).toBe(4)
  })
})
