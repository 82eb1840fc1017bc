import { createHash } from 'node:crypto'
import type { Usage } from '../client/completion.js'
import type { Choice } from '../control/chooser.js'
import { deciderOf } from '../log/first-format.js'
import type { DecisionFields } from '../log/log-kinds.js'
import type { Team } from '../team/team-schema.js'

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
  /** From the first byte of the request. */
  readonly waitedMs: number
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

/** The line that says what was decided, before anybody is asked. */
export function decisionFields(team: Team, policy: PolicyIdentity, chosen: Chosen): DecisionFields {
  const { choice, text, id, key, model, seed, waitedMs } = chosen
  const { name, sha256, version, encoder } = policy
  const { features, scores, propensities, reason, order } = choice
  return {
    request: id,
    // Each request is an episode of one decision.
    episode: id,
    step: 0,
    waitedMs,
    team: team.name,
    key,
    model,
    policy: { name, sha256, version },
    state: {
      numbers: null,
      features:
        features === null || encoder === null
          ? null
          : { encoder, index: [...features.index], value: features.value.map(shortest) },
      text: {
        sha256: createHash('sha256').update(text, 'utf8').digest('hex'),
        characters: chosen.characters,
        read: text.length,
        ...(team.log.text ? { text } : {}),
      },
    },
    actions: team.agents.map((agent) => agent.name),
    legal: [...chosen.callable],
    scores: scores === null ? null : scores.map(finite),
    propensities: [...propensities],
    choice: order[0] === undefined ? null : team.agents[order[0]]!.name,
    by: deciderOf(reason, name),
    reason,
    epsilon: team.exploration.epsilon,
    seed,
  }
}

/** Longest detail of an attempt in the log, characters. */
const longestDetail = 300

/** A try as the log tells it. @param redact - takes keys out of what an endpoint said */
export function attemptFields<T extends { readonly detail: string | null }>(
  attempt: T,
  redact: (text: string) => string,
): T {
  const { detail } = attempt
  return detail === null ? attempt : { ...attempt, detail: cutDetail(redact(detail)) }
}

/** A detail as long as lines of the log have it. */
export function cutDetail(detail: string): string {
  return detail.slice(0, longestDetail)
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
