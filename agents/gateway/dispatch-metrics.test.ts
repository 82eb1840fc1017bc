import { expect, it } from 'vitest'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { Metrics } from '../metrics/metrics.js'
import { makeTeam, startGateway } from '../testing/test-gateway.js'
import { addDispatchMetrics } from './dispatch-metrics.js'
import type { DispatchStatus, DispatchView, QueueStatus } from './team-status.js'

it('a dispatcher tells of queues, inbox, ticks and utility, as they are when somebody looks', () => {
  let queue = 2
  const queues = (): QueueStatus[] => {
    const known: QueueStatus[] = []
    // The second agent has no seat.
    known[0] = { queue, capacity: 3, inService: 1, claims: 70 }
    known[2] = { queue: 0, capacity: 2, inService: 0, claims: 9 }
    return known
  }
  const status: DispatchStatus = {
    ...{
      tick: 500,
      tickMs: 20,
      decide: 'ticks',
      lateTicks: 4,
      inboxPlaces: 2,
      lost: 8,
      refused: 21,
      solving: 'solving',
      policyFault: null,
      seats: [],
    },
    inbox: [{ type: 'A', remaining: 3, waitedTicks: 0 }],
    utility: {
      ticks: 500,
      total: -12.5,
      perTick: -0.025,
      low: null,
      high: null,
      discounted: -1,
      predictedPerTick: null,
      whyNotPredicted: 'why',
      unjudged: 6,
    },
    arrivals: [],
  }
  const view: DispatchView = { queues, status: () => status }
  const metrics = new Metrics()
  addDispatchMetrics(metrics, () => ['a', 'b', 'c'], view)
  queue = 1
  const lines = metrics.render().split('\n')
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'cadre_queue_length{agent="a"} 1',
    'cadre_queue_length{agent="c"} 0',
    'cadre_queue_capacity{agent="a"} 3',
    'cadre_queue_capacity{agent="c"} 2',
    'cadre_claims_total{agent="a"} 70',
    'cadre_claims_total{agent="c"} 9',
    'cadre_inbox_length 1',
    'cadre_inbox_places 2',
    'cadre_ticks_total 500',
    'cadre_late_ticks_total 4',
    'cadre_queries_lost_total 8',
    'cadre_queries_refused_total 21',
    'cadre_utility -12.5',
    'cadre_utility_per_tick -0.025',
    'cadre_claims_unjudged 6',
    'cadre_solving 1',
  ])
})

it('a gateway that dispatches shows it in /metrics', async () => {
  const config = routingDispatchConfig.parse({
    types: [{ name: 'easy', value: 6, arrival: 0.4, loss: 1 }],
    agents: [{ name: 'a', capacity: 2, skill: [0.9], price: 1, service: 0.5, fail: 0, repair: 1 }],
  })
  const team = makeTeam([{ name: 'a', endpoint: 'http://127.0.0.1:9/v1' }], { dispatch: { environment: config } })
  const policy = { observes: 'local' as const, act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(0) }
  const { gateway, url } = await startGateway(team, { lead: { kind: 'dispatch', config, policy, seats: [0] } })
  const page = await (await fetch(`${url.replace('/v1', '')}/metrics`)).text()
  expect(page).toContain('\ncadre_queue_capacity{agent="a"} 2\n')
  expect(page).toContain('\ncadre_inbox_places 1\n')
  await gateway.stop()
})
