import { type CompiledExpression, compileExpression, dotProduct } from '../expression/reward-expression.js'
import { defaultReward, type RoutingPipelineConfig } from './config.js'
import { ASKED, COST, HANDED_OVER, LATENCY, QUALITY, quantityNames } from './quantities.js'

/**
 * What a step earns. The default is put together here as its text says, so that who asks one question needn't wait for the parser of
 * expressions; to the last digit the same.
 */
export function pipelineReward(config: RoutingPipelineConfig): CompiledExpression {
  const { value, delayPrice, handOver, ask, reward } = config
  const askPrice = ask?.price ?? 0
  if (reward !== defaultReward) {
    return compileExpression(reward, quantityNames, { value, delayPrice, handOver, askPrice })
  }
  const weights = new Float64Array(quantityNames.length)
  weights[QUALITY] = value
  weights[COST] = -1
  weights[LATENCY] = -(delayPrice / 1000)
  weights[ASKED] = -askPrice
  weights[HANDED_OVER] = handOver
  return dotProduct(weights, 0)
}
