import { expect, it } from 'vitest'
import type { Attempt } from '../client/agent-client.js'
import { GivenClock } from '../testing/given-clock.js'
import { AgentWarnings } from './agent-warnings.js'

it('tells each kind of failure of an agent once a minute, and then how many there were', () => {
  const clock = new GivenClock()
  const told: string[] = []
  const note = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`)
  const warnings = new AgentWarnings({ info: note, warn: note, error: note }, clock)
  const hear = (agent: string, outcome: Attempt['outcome'], status: number | null = 500) =>
    warnings.hear({ agent, outcome, status, ms: 1, detail: outcome === 'answered' ? null : 'HTTP 500: no' })
  for (let k = 0; k < 5; k++) hear('a', 'server-error')
  hear('b', 'server-error')
  hear('a', 'timeout', null)
  // No faults, and tries that weren't made.
  hear('a', 'answered', 200)
  hear('a', 'unfit', 400)
  hear('a', 'rate-limited', null)
  expect(told).toEqual([
    'agent "a" failed: HTTP 500: no {"agent":"a","outcome":"server-error","status":500}',
    'agent "b" failed: HTTP 500: no {"agent":"b","outcome":"server-error","status":500}',
    'agent "a" failed: HTTP 500: no {"agent":"a","outcome":"timeout","status":null}',
  ])
  clock.passTo(59_999)
  hear('a', 'server-error')
  expect(told).toHaveLength(3)
  clock.passTo(60_000)
  hear('a', 'server-error')
  expect(told[3]).toBe('agent "a" failed: HTTP 500: no {"agent":"a","outcome":"server-error","status":500,"since":5}')
})

it('tells once what is amiss with an agent that answers', () => {
  const clock = new GivenClock()
  const told: string[] = []
  const note = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`)
  const warnings = new AgentWarnings({ info: note, warn: note, error: note }, clock)
  for (; clock.elapsedMs() < 200_000; clock.pass(50_000)) {
    for (const agent of ['a', 'b']) {
      warnings.hear({ agent, outcome: 'answered', status: 200, ms: 1, detail: 'it refuses stream_options' })
    }
  }
  expect(told).toEqual([
    'agent "a" answers, but it refuses stream_options {"agent":"a"}',
    'agent "b" answers, but it refuses stream_options {"agent":"b"}',
  ])
})
