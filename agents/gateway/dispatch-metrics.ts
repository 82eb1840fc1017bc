import type { Metrics, Reading } from '../metrics/metrics.js'
import type { DispatchView, QueueStatus } from './team-status.js'

/**
 * What a dispatcher tells whoever watches: queues, inbox, ticks, what was lost, and utility beside the predicted one. Read from
 * the same view as the status page.
 * @param names - of the agents, in the order of the team; those without a queue aren't told
 */
export function addDispatchMetrics(metrics: Metrics, names: () => readonly string[], view: DispatchView): void {
  const byAgent = (value: (queue: QueueStatus) => number | null) => (): Reading[] => {
    const queues = view.queues()
    return names().flatMap((name, i) => {
      const queue = queues[i]
      const now = queue === undefined ? null : value(queue)
      return now === null ? [] : [[now, name] as const]
    })
  }
  const one = (value: () => number | null) => (): Reading[] => {
    const now = value()
    return now === null ? [] : [[now]]
  }
  const agent = ['agent']
  const queued = 'Queries that each agent has claimed and not yet answered.'
  metrics.read(
    'cadre_queue_length',
    queued,
    agent,
    byAgent(({ queue }) => queue),
  )
  metrics.read(
    'cadre_queue_capacity',
    'How many queries each agent may have.',
    agent,
    byAgent(({ capacity }) => capacity),
  )
  metrics.read(
    'cadre_claims_total',
    'Queries that each agent has claimed.',
    agent,
    byAgent(({ claims }) => claims),
    'counter',
  )
  const status = () => view.status()
  metrics.read(
    'cadre_inbox_length',
    'Queries in the inbox.',
    [],
    one(() => status().inbox.length),
  )
  metrics.read(
    'cadre_inbox_places',
    'Places of the inbox.',
    [],
    one(() => status().inboxPlaces),
  )
  metrics.read(
    'cadre_ticks_total',
    'Ticks.',
    [],
    one(() => status().tick),
    'counter',
  )
  metrics.read(
    'cadre_late_ticks_total',
    'Ticks that came late.',
    [],
    one(() => status().lateTicks),
    'counter',
  )
  metrics.read(
    'cadre_queries_lost_total',
    'Queries that nobody claimed in time.',
    [],
    one(() => status().lost),
    'counter',
  )
  metrics.read(
    'cadre_queries_refused_total',
    'Queries without a place.',
    [],
    one(() => status().refused),
    'counter',
  )
  const utility = 'Utility observed so far, reward units; it may fall.'
  metrics.read(
    'cadre_utility',
    utility,
    [],
    one(() => status().utility.total),
  )
  const perTick = 'Utility a tick, observed.'
  metrics.read(
    'cadre_utility_per_tick',
    perTick,
    [],
    one(() => status().utility.perTick),
  )
  const predicted = 'Utility a tick that the model predicts for decisions at ticks, where it does.'
  metrics.read(
    'cadre_utility_predicted_per_tick',
    predicted,
    [],
    one(() => status().utility.predictedPerTick),
  )
  const unjudged = 'Claims whose success nobody has told yet.'
  metrics.read(
    'cadre_claims_unjudged',
    unjudged,
    [],
    one(() => status().utility.unjudged),
  )
  const solving = '1 while a policy is being solved anew.'
  metrics.read(
    'cadre_solving',
    solving,
    [],
    one(() => Number(status().solving === 'solving')),
  )
}
