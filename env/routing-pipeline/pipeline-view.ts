import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import type { RoutingPipelineConfig } from './config.js'
import type { PipelineRules, Progress } from './pipeline-rules.js'
import { quantities } from './quantities.js'

/** What a controller sees of a question: written by the environment and by a live control agent alike. */

export const ROUTING_PIPELINE_VERSION = '1'

/** The number that stands for the end: no question comes to it (no call left before the first). */
export const DONE = 0

/** What may be known of a pipeline before a question. */
export function pipelineSpec(config: RoutingPipelineConfig, rules: PipelineRules): EnvSpec {
  const { stages, grades, remembered } = rules
  return {
    id: 'routing-pipeline',
    version: ROUTING_PIPELINE_VERSION,
    agents: [
      {
        name: 'controller',
        observation: box(stages.length + grades + grades + 1 + remembered + 3, 0, 1),
        action: discrete(rules.numActions, actionLabels(config)),
        numObservations: rules.numStates,
        tieOrder: rules.tieOrder,
      },
    ],
    numStates: rules.numStates,
    stateSize: 0,
    quantities,
    costs: ['costUsd'],
    score: { aggregate: 'shared', over: 'episode' },
    columns: { cost: 'costUsd', latency: { quantity: 'waitedMs', when: 'ended' } },
    limitSteps: config.maxCalls + config.stages.length + 1,
  }
}

/** Names of the actions: of a call, the agents that have that number in their stages. */
export function actionLabels({ stages }: RoutingPipelineConfig): readonly string[] {
  const widest = Math.max(...stages.map(({ agents }) => agents.length))
  const calls = Array.from({ length: widest }, (_, m) => {
    const names = stages.flatMap(({ agents }) => (agents[m] === undefined ? [] : [agents[m].name]))
    return [...new Set(names)].join('/')
  })
  // Labels differ, as the names of agents in other places may repeat them.
  const seen = new Set<string>()
  return [...calls, 'accept', 'ask', 'handOver'].map((label, a) => {
    const own = seen.has(label) ? `${label} (${a})` : label
    seen.add(own)
    return own
  })
}

/** Writes where a question is. */
export function showProgress(slot: Slot, rules: PipelineRules, progress: Progress): void {
  const state = rules.numberOf(progress)
  for (let a = 0; a < rules.numActions; a++) slot.mask[a] = rules.isLegal(progress, a) ? 1 : 0
  slot.stateId[0] = state
  slot.observationId[0] = state
  slot.terminated[0] = 0
  const { observation } = slot
  if (observation.length === 0) return
  observation.fill(0)
  const { stages, grades, remembered, maxCallsPerStage, maxCalls } = rules
  let from = 0
  observation[from + progress.stage] = 1
  from += stages.length
  observation[from + progress.grade] = 1
  from += grades
  observation[from + progress.best + 1] = 1
  from += grades + 1
  for (let bit = 0; bit < remembered; bit++) observation[from + bit] = (progress.answered >> bit) & 1
  from += remembered
  observation[from] = progress.calls / maxCallsPerStage
  observation[from + 1] = progress.asked
  observation[from + 2] = progress.left / maxCalls
}

/** Writes that a question is over. */
export function showEnd(slot: Slot): void {
  slot.mask.fill(0)
  slot.stateId[0] = DONE
  slot.observationId[0] = DONE
  slot.terminated[0] = 1
  slot.observation.fill(0)
}
