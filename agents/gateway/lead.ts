import type { Policy } from '#env/policy.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { AgentClient } from '../client/agent-client.js'
import type { Agent } from '../contract/agent.js'
import type { Ranker } from '../control/ranking.js'
import type { AnsweringTeam, AnsweringTeamParts } from '../pipeline/answering-team.js'

/**
 * Who decides: a ranker of texts chooses an agent for each request, a dispatcher hands queries out to queues, a control agent leads
 * each question through a pipeline, or nobody: one agent answers alone.
 */
export type Lead =
  | {
      readonly kind: 'router'
      /** Ranks the team's agents by their numbers, in the order of the team. */
      readonly ranker: Ranker
    }
  | {
      readonly kind: 'dispatch'
      /** The team as an environment. */
      readonly config: RoutingDispatchConfig
      readonly policy: Policy
      /** [seats of the environment], the team's agent who has each one; null where nobody has. */
      readonly seats: readonly (number | null)[]
      /** Ranks the query types by their numbers for a text, where a policy tells them. */
      readonly classifier?: Ranker | null
    }
  | {
      readonly kind: 'pipeline'
      /** Of its agents' endpoints. Default: none. */
      readonly clients?: readonly AgentClient[]
      /** The team, writing into the gateway's log. */
      answeringTeam(
        parts: Pick<AnsweringTeamParts, 'log' | 'clock' | 'newId'> & Required<Pick<AnsweringTeamParts, 'decided'>>,
      ): AnsweringTeam
    }
  | {
      readonly kind: 'agent'
      readonly agent: Agent
      /** Of its endpoints. Default: none. */
      readonly clients?: readonly AgentClient[]
    }
