import { arrivalLaw } from './arrival-law.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import { stateIndex } from './state-index.js'

/** A setting for which a team has no exact model. */
export interface SampledCause {
  /** Of the setting: keys and list positions. */
  readonly path: readonly (string | number)[]
  readonly why: string
  /** What gives it one. */
  readonly instead: string
}

/**
 * Why a team's states, as they are numbered, don't say all that matters, or can't be numbered: then it has no exact model, and what it
 * is worth is sampled. Null where it has one.
 */
export function whySampled(config: RoutingDispatchConfig): string | null {
  const [first] = causes(config)
  return first?.why ?? null
}

/** All that keeps a team from having an exact model, most telling first; empty where it has one. */
export function causesOfSampling(config: RoutingDispatchConfig): SampledCause[] {
  return [...causes(config)]
}

function* causes(config: RoutingDispatchConfig): Generator<SampledCause> {
  const { agents, types } = resolveInstance(config)
  const cause = (path: SampledCause['path'], why: string, instead: string): SampledCause => ({ path, why, instead })
  if (config.onDown === 'giveBack') {
    yield cause(['onDown'], 'with onDown giveBack what is queued matters, and states leave it out', 'set onDown: keep')
  }
  if (config.offersPerTick > 1) {
    yield cause(['offersPerTick'], 'with offersPerTick above 1 a tick has several decisions', 'set offersPerTick: 1')
  }
  const remembers = agents.findIndex(({ service }) => typeof service !== 'number' && service.quantiles.length > 1)
  if (remembers >= 0) {
    yield cause(
      ['agents', remembers, 'service'],
      'by latency quantiles, how long an answer has taken decides how long it still takes',
      'give services as a chance a tick, or by one quantile',
    )
  }
  if (config.arrivals.kind === 'trace') {
    yield cause(['arrivals'], 'recorded arrivals depend on the time', 'set arrivals: { kind: poisson }')
  } else if (arrivalLaw(types, config.arrivals, config.inbox) === null) {
    const why = `poisson arrivals fill an inbox of ${config.inbox} places in too many ways`
    yield cause(['inbox'], why, 'set fewer places, or arrivals: { kind: bernoulli }')
  }
  if (stateIndex(config).numStates === 0) {
    yield cause(['agents'], 'it has more states than can be numbered', 'have fewer agents, or shorter queues')
  }
}
