import type { QuantitySpec } from '../spec.js'

/** Places of the quantities in the slot. */
export const QUALITY = 0
export const COST = 1
export const LATENCY = 2
export const ASKED = 3
export const HANDED_OVER = 4
export const FAILED_CALLS = 5
export const ENDED = 6
export const WAITED = 7

/** What a step of routing-pipeline reports. */
export const quantities: readonly QuantitySpec[] = [
  { name: 'quality', unit: '0..1', description: '1 when a right answer was given in this step' },
  { name: 'costUsd', unit: 'USD', description: 'price of the call made in this step; 0 for one that failed' },
  { name: 'latencyMs', unit: 'ms', description: 'time of the call made in this step; its timeout for one that failed' },
  { name: 'asked', unit: 'questions', description: '1 when the user was asked back in this step' },
  { name: 'handedOver', unit: 'questions', description: '1 when a person took over in this step' },
  { name: 'failedCalls', unit: 'calls', description: '1 when the call made in this step failed' },
  {
    name: 'ended',
    unit: 'questions',
    description: '1 when the question ended in this step, with an answer or a person',
  },
  { name: 'waitedMs', unit: 'ms', description: 'time of all calls of the question, at its end; else 0' },
]

export const quantityNames = quantities.map((quantity) => quantity.name)
