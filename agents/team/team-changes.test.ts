import { expect, it } from 'vitest'
import { answeringNeedsRestart, needsRestart } from './team-changes.js'
import { teamSchema } from './team-schema.js'

const agent = (name: string, more: object = {}) => ({ name, endpoint: `http://127.0.0.1:9/${name}/v1`, ...more })
const team = (more: object = {}) =>
  teamSchema.parse({
    name: 't',
    policy: { use: 'cheapest' },
    dispatch: { tickMs: 20 },
    agents: [agent('tiny'), agent('mid'), agent('big')],
    ...more,
  })

it('names what a running team does not take over, agents by their names', () => {
  const now = team({
    listen: { port: 9000 },
    dispatch: { tickMs: 20, decide: 'events', absentAfterMs: 5 },
    agents: [
      agent('mid', { endpoint: 'http://127.0.0.1:8/v1', breaker: { failures: 2 } }),
      agent('tiny'),
      agent('new'),
    ],
    keys: [{ name: 'k', sha256: '0'.repeat(64) }],
  })
  expect(needsRestart(team(), now)).toEqual([
    'listen.port',
    'dispatch.decide',
    'dispatch.absentAfterMs',
    'keys',
    'agents.mid.breaker.failures',
    'agents.big',
    'agents.new',
  ])
})

it('names nothing that is taken over, nor another order of the agents', () => {
  const now = team({
    policy: './bundle',
    dispatch: {
      ...{ tickMs: 20, otherType: 'A', typeRules: [{ match: 'x', type: 'A' }], typeHeader: 'x-type', discount: 0.9 },
      ...{ environment: { hold: 2 }, typePolicy: './types' },
    },
    agents: [agent('big'), agent('mid'), agent('tiny')],
  })
  expect(needsRestart(team(), now)).toEqual([])
  expect(needsRestart(team(), team())).toEqual([])
})

it('takes replicas over in any team, and a policy only where it dispatches', () => {
  const router = (policy: string, endpoint: unknown) =>
    teamSchema.parse({ name: 't', policy, agents: [agent('tiny', { endpoint })] })
  const [a, b] = ['http://127.0.0.1:9/a/v1', 'http://127.0.0.1:9/b/v1']
  expect(needsRestart(router('./x', a), router('./x', [a, b]))).toEqual([])
  expect(needsRestart(router('./x', [a, b]), router('./y', a))).toEqual(['policy'])
  const answering = (endpoint: unknown, model: string) => ({
    pipeline: { agents: { 'write/desk': { use: 'specialists', agents: { x: { use: 'llm', model, endpoint } } } } },
  })
  expect(answeringNeedsRestart(answering(a, 'm'), answering([a, b], 'm'))).toEqual([])
  expect(answeringNeedsRestart(answering(a, 'm'), answering(a, 'n'))).toEqual([
    'pipeline.agents.write/desk.agents.x.model',
  ])
})
