import { noProxies } from '#agents/client/upstream-connections.js'
import type { Stage } from '#agents/pipeline/pipeline-walk.js'
import { ConfigError } from '#env/errors.js'
import { isMapping } from '../config/entry-reader.js'
import { readDocument } from '../config/read-document.js'
import { tryAddress } from '../serve/address-problem.js'
import { type LoadedTeam, type LoadTeamOptions, loadTeam } from '../serve/load-team.js'
import { unwritable } from '../serve/unwritable.js'
import { answeringLead } from './answering-lead.js'
import { loadAnsweringTeam } from './load-answering-team.js'
import { servedTeam } from './served-team.js'

/**
 * Whatever team a file describes, ready to be served: one that routes, one with queues, or one that answers itself.
 * @throws ConfigError with every problem found, located
 */
export async function loadServed(file: string, options: LoadTeamOptions): Promise<LoadedTeam> {
  const { data } = readDocument(file)
  if (!isMapping(data) || data.pipeline === undefined) return loadTeam(file, options)
  const loaded = await loadAnsweringTeam(file, options)
  const { logFile, handOverFile, document } = loaded
  if (options.starting === true) {
    const why = unwritable(logFile)
    const problem =
      why === null ? await tryAddress(loaded.team.listen, document) : document.problem(['log', 'file'], why)
    if (problem !== null) throw new ConfigError([problem])
  }
  return {
    team: servedTeam(loaded.team),
    lead: answeringLead(loaded),
    policy: loaded.policy,
    dispatched: null,
    within: { clients: loaded.clients, close: () => closeStages(loaded.stages) },
    remarks: [],
    seed: 0,
    apiKeys: {},
    proxies: noProxies,
    ...{ logFile, handOverFile, document },
  }
}

async function closeStages(stages: readonly Stage[]): Promise<void> {
  await Promise.all(stages.flatMap(({ members }) => members.map(({ agent }) => agent.close?.())))
}
