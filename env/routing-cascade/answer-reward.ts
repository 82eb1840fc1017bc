import { compileExpression, quantitiesRead } from '../expression/reward-expression.js'
import type { RoutingCascadeConfig } from './config.js'
import { ANSWERED, CALLED, COST, LATENCY, QUALITY, quantityNames, WAITED } from './quantities.js'

/** What is known of queries and models, f64 [Q, M] each. */
export interface AnswerColumns {
  readonly quality: Float64Array
  readonly costUsd: Float64Array
  readonly latencyMs: Float64Array
}

/** The reward of answering a query with one call, by the place k = query * M + model in the columns. Allocates nothing. */
export function answerReward(config: RoutingCascadeConfig): (columns: AnswerColumns, k: number) => number {
  const { costWeight, latencyWeight } = config
  const reward = compileExpression(config.reward, quantityNames, { costWeight, latencyWeight })
  const q = new Float64Array(quantityNames.length)
  q[CALLED] = 1
  q[ANSWERED] = 1
  return ({ quality, costUsd, latencyMs }, k) => {
    q[QUALITY] = quality[k]!
    q[COST] = costUsd[k]!
    q[LATENCY] = latencyMs[k]!
    q[WAITED] = latencyMs[k]!
    return reward(q)
  }
}

/** Whether the reward depends on the price of calls, and on their time. */
export function rewardReads(config: RoutingCascadeConfig): { readonly costUsd: boolean; readonly latencyMs: boolean } {
  const { costWeight, latencyWeight } = config
  const read = quantitiesRead(config.reward, quantityNames, { costWeight, latencyWeight })
  return { costUsd: read.has('costUsd'), latencyMs: read.has('latencyMs') || read.has('waitedMs') }
}
