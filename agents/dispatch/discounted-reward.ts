import { QUEUED, WAITED } from '#env/routing-dispatch/quantities.js'
import type { DispatchRules } from '#env/routing-dispatch/rules.js'
import type { Discounting } from './discounting.js'

/**
 * What quantities count from the start, discounted: waiting and holding at each moment of their time, by the mean of what counts over it,
 * all else at its end. Adding up over a time is the same however it is cut. A reward is then a weighted sum of quantities; where no time
 * passes it may be any.
 * @param from - when the time of these quantities began, ticks since the start
 * @param to - when it ended; `from` where they are of one moment
 */
export function discountedReward(
  rules: DispatchRules,
  quantities: Float64Array,
  discounting: Discounting,
  from: number,
  to: number,
): number {
  const reward = rules.reward(quantities)
  if (from === to) return discounting.at(to) * reward
  const waited = quantities[WAITED]!
  const queued = quantities[QUEUED]!
  quantities[WAITED] = 0
  quantities[QUEUED] = 0
  const atEnd = rules.reward(quantities)
  quantities[WAITED] = waited
  quantities[QUEUED] = queued
  return discounting.at(to) * atEnd + discounting.mean(from, to) * (reward - atEnd)
}
