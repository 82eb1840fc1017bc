import { compileExpression } from '../expression/reward-expression.js'
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

/** Whether that reward moves with the price of the call, and with its time; tried at a few places. */
export function rewardReads(config: RoutingCascadeConfig): { readonly costUsd: boolean; readonly latencyMs: boolean } {
  const reward = answerReward(config)
  const at = (quality: number, costUsd: number, latencyMs: number) =>
    reward(
      { quality: Float64Array.of(quality), costUsd: Float64Array.of(costUsd), latencyMs: Float64Array.of(latencyMs) },
      0,
    )
  const moves = (value: (quality: number, x: number) => number) =>
    [0, 1].some((quality) => [1e-4, 1, 1e4].some((x) => value(quality, x) !== value(quality, 0)))
  return { costUsd: moves((quality, x) => at(quality, x, 0)), latencyMs: moves((quality, x) => at(quality, 0, x)) }
}
