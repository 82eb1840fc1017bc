import type { QuantitySpec } from '../spec.js'

/** Places of the quantities in the slot. */
export const VALUE = 0
export const COST = 1
export const CONFLICTS = 2
export const QUEUED = 3
export const WAITED = 4
export const LOSS = 5
export const ANSWERED = 6
export const LATENCY = 7

/** What a tick of routing-dispatch reports. */
export const quantities: readonly QuantitySpec[] = [
  {
    name: 'value',
    unit: 'reward',
    description: 'value of the query claimed this tick when its answer is good, else 0',
  },
  { name: 'cost', unit: 'reward', description: 'price of the agent that took a query this tick, else 0' },
  { name: 'conflicts', unit: 'claims', description: 'valid claims beyond the first' },
  { name: 'queued', unit: 'queries', description: 'queries in all queues after the claim, before service' },
  { name: 'waited', unit: 'queries', description: 'queries in the inbox that were left waiting' },
  { name: 'loss', unit: 'reward', description: 'losses of queries that expired or were turned away this tick' },
  { name: 'answered', unit: 'queries', description: '1 when a query was claimed this tick' },
  {
    name: 'latency',
    unit: 'ticks',
    description: 'ticks the claimed query waited, plus the ticks its agent is expected to need for its queue; else 0',
  },
]

export const quantityNames = quantities.map((quantity) => quantity.name)
