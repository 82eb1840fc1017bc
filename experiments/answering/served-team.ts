import type { AnsweringTeamFile } from '#agents/team/pipeline-schema.js'
import { type Team, teamSchema } from '#agents/team/team-schema.js'

/** A team that answers itself as its gateway knows it: there are no endpoints to choose between. */
export function servedTeam({ pipeline: _, policy, ...common }: AnsweringTeamFile): Team {
  const { exploration, forwardHeaders } = teamSchema.pick({ exploration: true, forwardHeaders: true }).parse({})
  return { ...common, policy, agents: [], exploration, forwardHeaders }
}
