import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { cutDetail } from '../gateway/record-decision.js'
import type { DecisionFields } from '../log/log-kinds.js'
import type { CallFields, EndFields, PipelineFields } from './pipeline-lines.js'
import type { CallRecord, Stage, WalkEnd, WalkStep } from './pipeline-walk.js'

/** Who asks, and since when: what a line says beside the decision itself. */
export interface Asker {
  readonly key: string | null
  readonly model: string
  /** When its first byte came, by the clock's `elapsedMs`. */
  readonly began: number
}

/** A team as its log lines name it. */
export interface PipelineIdentity {
  readonly team: string
  readonly policy: { readonly name: string; readonly sha256: string | null; readonly version: string | null }
}

/** The line with which a team begins. */
export function beginningFields(
  { team, policy }: PipelineIdentity,
  config: RoutingPipelineConfig,
  stages: readonly Stage[],
): PipelineFields {
  return {
    team,
    policy: policy.name,
    environment: JSON.parse(JSON.stringify(config)),
    agents: stages.map(({ members }) => members.map(({ agent }) => agent.card.name)),
  }
}

/** The line of a decision, written before it is carried out. @param now - by the clock's `elapsedMs` */
export function stepFields(
  { team, policy }: PipelineIdentity,
  rules: PipelineRules,
  stages: readonly Stage[],
  { key, model, began }: Asker,
  decision: WalkStep,
  now: number,
): DecisionFields {
  const { request, step, progress, legal, action, scores } = decision
  const { stage, grade, best, calls, asked, left, answered } = progress
  const actions = optionNames(rules, stages, stage)
  return {
    request,
    episode: request,
    step,
    waitedMs: Math.max(0, now - began),
    team,
    key,
    model,
    policy: { ...policy },
    state: { numbers: [stage, grade, best, calls, asked, left, answered], features: null, text: null },
    actions,
    legal: [...legal],
    scores: scores === null ? null : Array.from(scores, (score) => (Number.isFinite(score) ? score : null)),
    propensities: actions.map((_, a) => (a === action ? 1 : 0)),
    choice: actions[action]!,
    by: policy.name,
    reason: 'policy',
    epsilon: 0,
    seed: null,
  }
}

/** What each action is in a stage: who is called, or accept, ask, handOver. Numbers without an agent there are dashes. */
export function optionNames(rules: PipelineRules, stages: readonly Stage[], stage: number): string[] {
  const { members } = stages[stage]!
  const calls = Array.from({ length: rules.widest }, (_, m) => members[m]?.agent.card.name ?? '-')
  return [...calls, 'accept', 'ask', 'handOver']
}

export function callFields(
  request: string,
  { step, stage, agent, outcome, detail, ms, costUsd, confidence, grade }: CallRecord,
): CallFields {
  const why = detail === null ? null : cutDetail(detail)
  return { request, step, stage, agent, outcome, detail: why, ms: Math.max(0, ms), costUsd, confidence, grade }
}

export function endFields(request: string, { kind, confidence, costUsd, waitedMs, why }: WalkEnd): EndFields {
  return { request, how: kind, confidence, costUsd, waitedMs: Math.max(0, waitedMs), why }
}
