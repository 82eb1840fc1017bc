import { QUEUED, WAITED } from '#env/routing-dispatch/quantities.js'
import type { DispatchRules } from '#env/routing-dispatch/rules.js'

/**
 * What quantities count from the start, discounted: waiting and holding at each moment of their time, by the mean of discount^t over it,
 * all else at its end. Adding up over a time is the same however it is cut. A reward is then a weighted sum of quantities; where no time
 * passes it may be any.
 * @param discount - gamma a tick
 * @param from - when the time of these quantities began, ticks since the start
 * @param to - when it ended; `from` where they are of one moment
 */
export function discountedReward(
  rules: DispatchRules,
  quantities: Float64Array,
  discount: number,
  from: number,
  to: number,
): number {
  const reward = rules.reward(quantities)
  if (from === to) return discount ** to * reward
  const waited = quantities[WAITED]!
  const queued = quantities[QUEUED]!
  quantities[WAITED] = 0
  quantities[QUEUED] = 0
  const atEnd = rules.reward(quantities)
  quantities[WAITED] = waited
  quantities[QUEUED] = queued
  return discount ** to * atEnd + meanDiscount(discount, from, to) * (reward - atEnd)
}

/** The mean of discount^t over from..to, (discount^from - discount^to) / ((to - from) ln(1 / discount)). */
export function meanDiscount(discount: number, from: number, to: number): number {
  if (discount === 1 || from === to) return discount ** from
  // Of no time but the start.
  if (discount === 0) return 0
  const x = (to - from) * Math.log(1 / discount)
  return (discount ** from * -Math.expm1(-x)) / x
}
