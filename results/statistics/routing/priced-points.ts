import type { CostQualityPoint } from './quality-hull.js'
import { chooseAtPenalty, type ModelOutcomes, routedOutcome } from './routed-outcomes.js'

const decades = 4
const stepsPerDecade = 8

/**
 * What a router of any number of models costs and reaches as a price penalty on its scores grows: at 0, at geometric steps
 * from 1e-4 to 1e4 times (spread of scores) / (spread of costs), and with costs alone, which is the cheapest it can do.
 * @param scores - [rows * models], expected quality
 * @throws ShapeError when lengths don't fit
 * @throws NonFiniteError when a number is NaN or infinite
 */
export function pricedPoints(scores: ArrayLike<number>, outcomes: ModelOutcomes): CostQualityPoint[] {
  const at = (penalty: number, of = scores) => routedOutcome(outcomes, chooseAtPenalty(of, outcomes, penalty))
  const points = [at(0), at(1, new Float64Array(scores.length))]
  const costSpread = spread(outcomes.cost)
  const unit = costSpread === 0 ? 0 : spread(scores) / costSpread
  if (unit === 0) return points
  for (let step = -decades * stepsPerDecade; step <= decades * stepsPerDecade; step++) {
    points.push(at(unit * 10 ** (step / stepsPerDecade)))
  }
  return points
}

function spread(values: ArrayLike<number>): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!
    if (values[i]! > high) high = values[i]!
  }
  return high - low
}
