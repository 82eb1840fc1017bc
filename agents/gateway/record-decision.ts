import { createHash } from 'node:crypto'
import type { Attempt } from '../client/agent-client.js'
import type { Usage } from '../client/completion.js'
import type { Choice } from '../control/chooser.js'
import type { Team } from '../team/team-schema.js'
import { DECISION_FORMAT, type DecisionOutcome, type DecisionRecord } from './decision-record.js'

/** What leads the team, as logs and headers name it. */
export interface PolicyIdentity {
  /** Algorithm of the bundle, or the rule. */
  readonly name: string
  /** Of the bundle; null for rules. */
  readonly sha256: string | null
  /** Of the algorithm; null for rules. */
  readonly version: string | null
  readonly encoder: { readonly id: string; readonly version: string } | null
}

/** What is known of a request when its agent is chosen. */
export interface Chosen {
  readonly id: string
  /** ms since the epoch */
  readonly time: number
  readonly key: string | null
  readonly model: string
  /** What the policy reads of the prompt. */
  readonly text: string
  /** Length of the whole prompt, UTF-16 units. */
  readonly characters: number
  readonly callable: readonly boolean[]
  /** Of the chooser's draws. */
  readonly seed: number
  readonly choice: Choice
}

/** The line of a request in the decision log. */
export function decisionRecord(
  team: Team,
  policy: PolicyIdentity,
  chosen: Chosen,
  attempts: readonly Attempt[],
  outcome: DecisionOutcome,
): DecisionRecord {
  const { choice, text } = chosen
  const { name, sha256, version, encoder } = policy
  return {
    format: DECISION_FORMAT,
    id: chosen.id,
    time: new Date(chosen.time).toISOString(),
    team: team.name,
    key: chosen.key,
    policy: { name, sha256, version },
    state: {
      sha256: createHash('sha256').update(text, 'utf8').digest('hex'),
      characters: chosen.characters,
      read: text.length,
      encoder,
      nonzero: choice.features?.index.length ?? null,
      index: choice.features === null ? null : [...choice.features.index],
      value: choice.features === null ? null : choice.features.value.map(shortest),
      ...(team.log.text ? { text } : {}),
    },
    model: chosen.model,
    epsilon: team.exploration.epsilon,
    seed: chosen.seed,
    candidates: team.agents.map(({ name: agent }, i) => ({
      agent,
      score: choice.scores === null ? null : finite(choice.scores[i]!),
      callable: chosen.callable[i]!,
      propensity: choice.propensities[i]!,
    })),
    choice: choice.order[0] === undefined ? null : team.agents[choice.order[0]]!.name,
    reason: choice.reason,
    attempts: [...attempts],
    outcome,
  }
}

/** USD for an answer, where the agent has a price and said what it used. */
export function costOf(agent: Team['agents'][number], usage: Usage | null): number | null {
  if (agent.price === undefined || usage === null) return null
  const { inputUsdPerMillion, outputUsdPerMillion } = agent.price
  return (usage.promptTokens * inputUsdPerMillion + usage.completionTokens * outputUsdPerMillion) / 1e6
}

/** Nine digits tell every f32 from its neighbours; more would only be paper. */
function shortest(value: number): number {
  return Number(value.toPrecision(9))
}

function finite(score: number): number | null {
  return Number.isFinite(score) ? score : null
}
