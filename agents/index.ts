/** The public surface of agents: who acts. */

export { noProxies, type Proxies, readProxies } from './client/upstream-connections.js'
export { type Choice, Chooser } from './control/chooser.js'
export {
  type Candidate,
  Controller,
  type ControllerOptions,
  type Decision,
  type Session,
} from './control/controller.js'
export { PolicyRanker } from './control/policy-ranker.js'
export type { Ranker, Ranking } from './control/ranking.js'
export { Always, RoundRobin, UniformDraw } from './control/rules.js'
export type { LineSink } from './gateway/decision-log.js'
export { type DecisionRecord, decisionSchema, gapSchema } from './gateway/decision-record.js'
export { Gateway, type GatewayOptions } from './gateway/gateway.js'
export type { GatewayLogger } from './gateway/gateway-logger.js'
export { LogFile } from './gateway/log-file.js'
export type { PolicyIdentity } from './gateway/record-decision.js'
export { policyProblems, teamProblems } from './team/team-problems.js'
export { type Team, type TeamAgent, teamSchema } from './team/team-schema.js'
