import type { Logger } from 'pino'
import { Gateway } from '#agents/gateway/gateway.js'
import { ConfigError } from '#env/errors.js'
import type { LoadedAgent } from '../answering/load-agent.js'
import { addressProblem } from './address-problem.js'

/** An agent that is served. */
export interface ServedAgent {
  /** Base URL for teams and clients, ending in /v1. */
  readonly url: string
  readonly agent: string
  /** Lets what is in work end and closes everything. */
  stop(): Promise<void>
}

/**
 * Starts a service for one agent. It keeps no decision log: whoever calls it decides, and writes down what comes.
 * @throws ConfigError when the address can't be listened on
 */
export async function serveAgent({ agent, team, document }: LoadedAgent, logger: Logger): Promise<ServedAgent> {
  const gateway = new Gateway({
    team,
    lead: { kind: 'agent', agent },
    policy: { name: 'alone', sha256: null, version: null, encoder: null },
    seed: 0,
    apiKeys: {},
    sink: { append: () => {}, close: () => {} },
    logger,
  })
  try {
    const { url } = await gateway.listen()
    return { url, agent: agent.card.name, stop: () => gateway.stop() }
  } catch (error) {
    throw new ConfigError([addressProblem(team.listen, error, document)])
  }
}
