import { type RoutingPipelineConfig, routingPipelineConfig } from './config.js'
import { newProgress, PipelineRules } from './pipeline-rules.js'

/** A chain: one agent a stage, by its number there, and what it earns on average. */
export interface Chain {
  readonly agents: readonly number[]
  readonly value: number
}

/**
 * What every chain earns: each stage's agent is called once, again after a failure while that is allowed, and a person takes over where it
 * gives nothing. Exact for rewards that are the default's, by the chances of grade and calls left from stage to stage.
 * @returns all chains, the best first; equal ones in the order of their agents
 */
export function rankChains(config: RoutingPipelineConfig): Chain[] {
  const rules = new PipelineRules(routingPipelineConfig.parse(config))
  let all: number[][] = [[]]
  for (const { agents } of rules.stages) all = all.flatMap((chain) => agents.map((_, m) => [...chain, m]))
  return all.map((agents) => ({ agents, value: chainValue(config, rules, agents) })).sort((a, b) => b.value - a.value)
}

function chainValue(config: RoutingPipelineConfig, rules: PipelineRules, agents: readonly number[]): number {
  const { value, handOver, delayPrice, entry } = config
  const progress = newProgress()
  let total = 0
  /** [G][N + 1], chances at the beginning of a stage. */
  let chances = entry.map((probability) => {
    const row = new Float64Array(rules.maxCalls + 1)
    row[rules.maxCalls] = probability
    return row
  })
  rules.stages.forEach((stage, k) => {
    const { price, latencyMs, failure, timeoutMs } = stage.agents[agents[k]!]!
    const next = entry.map(() => new Float64Array(rules.maxCalls + 1))
    chances.forEach((row, grade) => {
      row.forEach((chance, left) => {
        let rest = chance
        for (let n = 0; n < rules.maxCallsPerStage && left - n > 0 && rest > 0; n++) {
          rules.begin(progress, grade)
          progress.stage = k
          const answered = rest * (1 - failure)
          total -= answered * (price + (delayPrice * latencyMs) / 1000)
          rest *= failure
          total -= (rest * delayPrice * timeoutMs) / 1000
          rules.outcomeOf(progress, agents[k]!).forEach((probability, b) => {
            next[b]![left - n - 1]! += answered * probability
          })
        }
        total += rest * handOver
      })
    })
    chances = next
  })
  const last = rules.stages.at(-1)!.agents[agents.at(-1)!]!
  chances.forEach((row, best) => {
    progress.stage = rules.stages.length - 1
    progress.best = best
    progress.answered = last.bit
    total += row.reduce((sum, chance) => sum + chance, 0) * value * rules.successOf(progress)
  })
  return total
}
