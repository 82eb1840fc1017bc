import type { QuantitySpec } from '../spec.js'

/** Places of the quantities in the slot. */
export const QUALITY = 0
export const COST = 1
export const LATENCY = 2
export const CALLED = 3
export const ANSWERED = 4
export const WAITED = 5

/** What a step of routing-cascade reports. */
export const quantities: readonly QuantitySpec[] = [
  { name: 'quality', unit: '0..1', description: 'how right the answer given is, at the end of the query; else 0' },
  { name: 'costUsd', unit: 'USD', description: 'price of the call made in this step; 0 when stopping' },
  { name: 'latencyMs', unit: 'ms', description: 'time of the call made in this step; 0 when stopping' },
  { name: 'called', unit: 'calls', description: '1 when a model was called in this step' },
  { name: 'answered', unit: 'queries', description: '1 when the query was answered in this step' },
  {
    name: 'waitedMs',
    unit: 'ms',
    description: 'time of all calls of the query, one after another, at its end; else 0',
  },
]

export const quantityNames = quantities.map((quantity) => quantity.name)
