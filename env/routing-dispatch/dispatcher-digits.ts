import type { ObservedDigits } from '../spec.js'
import type { StateIndex } from './state-index.js'

/**
 * What the central dispatcher's one-hot observation consists of, the inbox and each agent's queue with up or down, and what its
 * actions do at once: giving the query away empties the inbox and makes a queue one longer; passing costs the query a decision.
 */
export function dispatcherDigits({ inboxSize, digitSize, capacity, patience }: StateIndex): ObservedDigits {
  const inboxes = Array.from({ length: inboxSize }, (_, inbox) => inbox)
  const waited = inboxes.map((inbox) => ((inbox - 1) % patience > 0 ? inbox - 1 : 0))
  const given = inboxes.map(() => 0)
  const queues = Array.from(digitSize, (size, i) =>
    // Of those that are up with room; others are never given a query.
    Array.from({ length: size }, (_, digit) => (digit < capacity[i]! ? digit + 1 : digit)),
  )
  return {
    sizes: [inboxSize, ...digitSize],
    afterAction: [
      [waited, ...queues.map(() => null)],
      ...queues.map((queue, i) => [given, ...queues.map((_, j) => (j === i ? queue : null))]),
    ],
    subject: 0,
  }
}
