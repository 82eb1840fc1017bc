import type { Lead } from '#agents/gateway/lead.js'
import { AnsweringTeam, type AnsweringTeamParts } from '#agents/pipeline/answering-team.js'
import { HandOverFile } from './hand-over-file.js'
import type { LoadedAnsweringTeam } from './load-answering-team.js'

/** Makes the team that was read, for a gateway or for one question. */
export function answeringTeam(
  { team, config, rules, stages, leader, policy, difficulty, handOverFile, agentLog }: LoadedAnsweringTeam,
  parts: Pick<AnsweringTeamParts, 'log' | 'clock' | 'newId' | 'decided'>,
): AnsweringTeam {
  agentLog.goTo(parts.log)
  const { name, sha256, version } = policy
  const { ask, handOver, maxCostUsd } = team.pipeline
  return new AnsweringTeam({
    identity: { team: team.name, policy: { name, sha256, version } },
    ...{ config, rules, stages, leader, difficulty },
    texts: { ask, handOver: handOver.text },
    handOvers: new HandOverFile(handOverFile, () => parts.clock.now()),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...parts,
  })
}

export function answeringLead(loaded: LoadedAnsweringTeam): Lead {
  return {
    kind: 'pipeline',
    clients: [...loaded.clients.values()],
    answeringTeam: (parts) => answeringTeam(loaded, parts),
  }
}
