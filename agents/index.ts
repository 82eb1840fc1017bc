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
export { Gateway, type GatewayOptions } from './gateway/gateway.js'
export type { GatewayLogger } from './gateway/gateway-logger.js'
export type { PolicyIdentity } from './gateway/record-decision.js'
export type { DispatchStatus, DispatchView, TeamStatus } from './gateway/team-status.js'
export type { LineSink } from './log/decision-log.js'
export { LogFile } from './log/log-file.js'
export { LOG_FORMAT, type LogKinds, logSchemas } from './log/log-kinds.js'
export {
  type LoggedRequest,
  type LogProblem,
  type LogReading,
  type LogRecord,
  type MoreKinds,
  readLog,
} from './log/read-log.js'
export { Metrics } from './metrics/metrics.js'
export type { Fault } from './simulated/faults.js'
export { type Profile, profileSchema } from './simulated/profile-schema.js'
export { type SimulatedAgentStatus, SimulatedTeam, type SimulatedTeamOptions } from './simulated/simulated-team.js'
export { policyProblems, teamProblems } from './team/team-problems.js'
export { type Team, type TeamAgent, teamSchema } from './team/team-schema.js'
export type { Example, Token } from './understanding/example.js'
export { decodeModel as decodeUnderstanding, encodeModel as encodeUnderstanding } from './understanding/model-format.js'
export { readExamples } from './understanding/read-examples.js'
export { RulesUnderstanding } from './understanding/rules-understanding.js'
export { trainUnderstanding, type UnderstandingOptions, understandingOptions } from './understanding/train-model.js'
export { UnderstandingAgent } from './understanding/understanding-agent.js'
export type { UnderstandingModel } from './understanding/understanding-model.js'
export { type UnderstandingRules, understandingRulesSchema } from './understanding/understanding-rules.js'
