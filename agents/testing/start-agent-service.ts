import type { Agent } from '../contract/agent.js'
import { Gateway } from '../gateway/gateway.js'
import { teamSchema } from '../team/team-schema.js'
import { MemorySink } from './memory-sink.js'
import { ruleIdentity, type TeamInput, teamKey } from './test-gateway.js'

/** Serves one agent on a free port of loopback. @param key - that callers need; none: anybody may call */
export async function startAgentService(
  agent: Agent,
  { key, ...input }: TeamInput & { readonly key?: string } = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const team = teamSchema.parse({
    name: 'test',
    model: agent.card.name,
    policy: { use: 'round-robin' },
    listen: { port: 0 },
    agents: [{ name: 'nobody', endpoint: 'http://127.0.0.1:9/v1' }],
    ...(key === undefined ? {} : { keys: [teamKey(key)] }),
    ...input,
  })
  const gateway = new Gateway({
    team: { ...team, agents: [] },
    lead: { kind: 'agent', agent },
    policy: ruleIdentity,
    seed: 0,
    apiKeys: {},
    idleMs: () => performance.now(),
    sink: new MemorySink(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  })
  const { url } = await gateway.listen()
  return { url, close: () => gateway.stop() }
}
