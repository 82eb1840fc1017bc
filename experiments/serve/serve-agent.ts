import type { Logger } from 'pino'
import { Gateway } from '#agents/gateway/gateway.js'
import { ConfigError } from '#env/errors.js'
import type { LoadedAgent } from '../answering/load-agent.js'
import { addressProblem } from './address-problem.js'
import { moveClients, movedMessage, notTaken } from './move-clients.js'

/** An agent that is served. */
export interface ServedAgent {
  /** Base URL for teams and clients, ending in /v1. */
  readonly url: string
  readonly agent: string
  /** Its endpoints are reached where the team file says by now; a file that is wrong changes nothing; both is told. */
  reload(load: () => LoadedAgent): void
  /** Lets what is in work end and closes everything. */
  stop(): Promise<void>
}

/**
 * Starts a service for one agent. It keeps no decision log: whoever calls it decides, and writes down what comes.
 * @throws ConfigError when the address can't be listened on
 */
export async function serveAgent(
  { agent, team, clients, document }: LoadedAgent,
  logger: Logger,
): Promise<ServedAgent> {
  const gateway = new Gateway({
    team,
    lead: { kind: 'agent', agent, clients: [...clients.values()] },
    policy: { name: 'alone', sha256: null, version: null, encoder: null },
    seed: 0,
    apiKeys: {},
    sink: { append: () => {}, close: () => {} },
    logger,
  })
  try {
    const { url } = await gateway.listen()
    return {
      url,
      agent: agent.card.name,
      reload: (load) => {
        try {
          const anew = load()
          const moved = moveClients(clients, anew.clients)
          // It was only read.
          void anew.agent.close?.()
          if (moved.length > 0) logger.info({ agents: moved }, movedMessage(moved))
        } catch (error) {
          logger.error({ cause: (error as Error).message }, notTaken)
        }
      },
      stop: () => gateway.stop(),
    }
  } catch (error) {
    throw new ConfigError([addressProblem(team.listen, error, document)])
  }
}
