import { arrivalLaw } from './arrival-law.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import { stateIndex } from './state-index.js'

/**
 * Why a team's states, as they are numbered, don't say all that matters, or can't be numbered: then it has no exact model, and what it
 * is worth is sampled. Null where it has one.
 */
export function whySampled(config: RoutingDispatchConfig): string | null {
  const { agents, types } = resolveInstance(config)
  const remembers = agents.some(({ service }) => typeof service !== 'number' && service.quantiles.length > 1)
  if (config.onDown === 'giveBack') return 'onDown: giveBack needs to know what is queued, which states leave out'
  if (config.offersPerTick > 1) return 'offersPerTick above 1 makes several decisions of one tick'
  if (remembers) return 'by latency quantiles, how long an answer has taken decides how long it still takes'
  if (config.arrivals.kind === 'trace') return 'recorded arrivals depend on the time'
  if (arrivalLaw(types, config.arrivals, config.inbox) === null) {
    return `poisson arrivals fill an inbox of ${config.inbox} places in too many ways`
  }
  if (stateIndex(config).numStates === 0) return 'it has more states than can be numbered'
  return null
}
