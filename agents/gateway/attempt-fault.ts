import type { Attempt } from '../client/agent-client.js'

/** Ends of tries that are no faults of the agent. */
const blameless: readonly Attempt['outcome'][] = ['answered', 'aborted', 'breaker-open', 'down', 'bad-request', 'unfit']

/** Whether a try says that something is wrong with its agent. One that wasn't made says nothing new. */
export function isFault({ outcome, status }: Pick<Attempt, 'status'> & { readonly outcome: string }): boolean {
  if (outcome === 'rate-limited' && status === null) return false
  return !(blameless as readonly string[]).includes(outcome)
}
