import { join } from 'node:path'
import { type Clock, machineClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { OptimalLeader, type PipelineLeader, PolicyLeader } from '#agents/pipeline/pipeline-leader.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { pipelineSpec } from '#env/routing-pipeline/pipeline-view.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'
import { type Conversation, isRight } from './conversations.js'
import { type Judged, judgeTeam } from './judge-team.js'
import { loadAnsweringTeam } from './load-answering-team.js'
import { customerService, teamLedBy } from './make-customer-service.js'

/** What somebody at the head of the customer service earns on conversations. */
export interface LedBy {
  readonly name: string
  /** What its settings promise, reward units; null for rules, whose worth they don't tell here. */
  readonly predicted: number | null
  readonly judged: Judged
}

/**
 * The optimum of the team's settings, the rules that people write, and people alone.
 * @param clock - on one that stands still, time costs nothing: the same figures on every machine
 */
export async function judgeCustomerService(
  conversations: readonly Conversation[],
  clock: Clock = machineClock,
): Promise<LedBy[]> {
  const loaded = await loadAnsweringTeam(join(customerService, 'team.yaml'), { env: {}, clock })
  const { config, rules } = loaded
  const optimum = solvePipeline(config)
  const leaders: { leader: PipelineLeader; predicted: number | null }[] = [
    {
      leader: new OptimalLeader(rules, (present, from) => solvePipeline(config, present, from)),
      predicted: optimum.start,
    },
  ]
  for (const name of ['cascade-keeping', 'cascade', 'best-chain', 'cheapest', 'hand-over']) {
    const entry = routingPipeline.policies!.find((policy) => policy.name === name)!
    const policy = entry.create({ spec: pipelineSpec(config, rules), envConfig: config }, {})
    leaders.push({ leader: new PolicyLeader(name, policy, rules, config, name), predicted: null })
  }
  const results: LedBy[] = []
  for (const { leader, predicted } of leaders) {
    const log = new DecisionLog({ append: () => {}, close: () => {} }, { info() {}, warn() {}, error() {} }, clock)
    const team = teamLedBy(loaded, leader, log, clock)
    results.push({
      name: leader.name,
      predicted,
      judged: await judgeTeam(team, config, conversations, { clock, log: null, right: isRight }),
    })
  }
  return results
}
