import type { AgentConfig } from './config.js'

/** How many ticks an agent takes for a query, as the chance that the query in service is finished in its next tick. */
export interface ServiceLaw {
  /**
   * f64, the chance in the k-th tick of service (k = 0, 1, ...), given that it isn't finished before; the last one holds for all
   * later ticks. One number for services that remember nothing.
   */
  readonly hazard: Float64Array
  /** 1 / mean ticks a query: what rules that know only rates go by. */
  readonly rate: number
}

/** Ticks of service whose chances are kept apart, beyond the last quantile none differ. */
const MAX_TICKS = 100_000

/**
 * The law of a configured service: a chance a tick, or quantiles of the latency.
 *
 * Between the quantiles, and beyond the last one, the chance of finishing in the next instant is constant: the logarithm of
 * the share still in service is linear in time. One quantile gives a law without memory, as a chance a tick does.
 * @param tickMs - milliseconds a tick
 */
export function serviceLaw(service: AgentConfig['service'], tickMs: number): ServiceLaw {
  if (typeof service === 'number') return { hazard: Float64Array.of(service), rate: service }
  const points = service.quantiles.map(([share, ms]) => ({ ticks: ms / tickMs, log: Math.log1p(-share) }))
  if (points[0]!.log !== 0) points.unshift({ ticks: 0, log: 0 })
  const last = points.length - 1
  const slopeOf = (k: number) => (points[k + 1]!.log - points[k]!.log) / (points[k + 1]!.ticks - points[k]!.ticks)
  /** Logarithm of the share that is still in service after `ticks`. */
  const survival = (ticks: number): number => {
    let k = 0
    while (k < last - 1 && points[k + 1]!.ticks < ticks) k++
    const from = points[k]!
    return ticks <= from.ticks ? from.log : from.log + slopeOf(k) * (ticks - from.ticks)
  }
  const kept = last === 1 && points[0]!.ticks === 0 ? 1 : Math.min(MAX_TICKS, Math.ceil(points[last]!.ticks) + 1)
  const hazard = Float64Array.from({ length: kept }, (_, k) => -Math.expm1(survival(k + 1) - survival(k)))
  // Mean = sum over k of the share still in service after k ticks; beyond those kept apart it falls geometrically.
  let mean = 0
  for (let k = 0; k < kept - 1; k++) mean += Math.exp(survival(k))
  mean += Math.exp(survival(kept - 1)) / hazard[kept - 1]!
  return { hazard, rate: 1 / mean }
}
