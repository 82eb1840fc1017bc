import { z } from 'zod'
import { ConfigError, ShapeError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { definePolicy } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import type { Discrete } from '#env/space.js'
import { type AgentSpec, type EnvSpec, oneChoiceLayout, ownView } from '#env/spec.js'

const action = z.union([z.int().min(0), z.string().min(1)])

export const thresholdConfig = z.strictObject({
  feature: z.int().min(0).default(0).describe("which number of the agent's own observation is compared, from 0"),
  when: z.enum(['at-least', 'at-most']).default('at-least').describe('at-least: feature >= threshold; at-most: <='),
  threshold: z.number().default(0.5).describe('what the feature is compared with, in its own unit'),
  action: action.default(1).describe('action where the comparison holds: its number, or its label'),
  otherwise: action.default(0).describe('action where it does not: its number, or its label'),
})

export type ThresholdConfig = z.infer<typeof thresholdConfig>

/**
 * Every agent compares one number of its own observation with a threshold. Where the action it should take is illegal it
 * takes the other of the two, else its lowest legal action.
 */
class ThresholdPolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #feature: number
  readonly #threshold: number
  readonly #atLeast: boolean
  /** i32 [N], actions of each agent where the comparison holds, and where it doesn't. */
  readonly #holds: Int32Array
  readonly #fails: Int32Array

  constructor(observes: 'local' | 'messages', config: ThresholdConfig, holds: Int32Array, fails: Int32Array) {
    this.observes = observes
    this.#feature = config.feature
    this.#threshold = config.threshold
    this.#atLeast = config.when === 'at-least'
    this.#holds = holds
    this.#fails = fails
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions: width } = batch.layout
    for (let k = 0; k < batch.size * agents; k++) {
      const holds = this.#compare(batch, k)
      const first = holds ? this.#holds[k % agents]! : this.#fails[k % agents]!
      const second = holds ? this.#fails[k % agents]! : this.#holds[k % agents]!
      out[k] = firstLegalOf(first, second, batch.mask, k * width, width)
    }
  }

  /** 2 for the action it should take, 1 for the other, 0 for the rest. */
  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents, numActions: width } = batch.layout
    for (let k = 0; k < batch.size * agents; k++) {
      const holds = this.#compare(batch, k)
      for (let a = 0; a < width; a++) {
        const preferred = a === (holds ? this.#holds : this.#fails)[k % agents]
        const second = a === (holds ? this.#fails : this.#holds)[k % agents]
        const legal = batch.mask[k * width + a] === 1
        out[k * width + a] = legal ? (preferred ? 2 : second ? 1 : 0) : Number.NEGATIVE_INFINITY
      }
    }
  }

  #compare(batch: PolicyBatch, k: number): boolean {
    const size = batch.layout.observationSize
    if (batch.observation.length < batch.size * batch.layout.agents * size) {
      throw new ShapeError('threshold: expected real-valued observations, got none; ask the environment to write them')
    }
    const value = batch.observation[k * size + this.#feature]!
    return this.#atLeast ? value >= this.#threshold : value <= this.#threshold
  }
}

/** @returns the first legal one of two actions, else the lowest legal one, else 0 */
function firstLegalOf(first: number, second: number, mask: Uint8Array, from: number, width: number): number {
  if (mask[from + first] === 1) return first
  if (mask[from + second] === 1) return second
  for (let a = 0; a < width; a++) if (mask[from + a] === 1) return a
  return 0
}

/** @throws ConfigError when an agent has no such feature or action */
export function thresholdPolicy(spec: EnvSpec, config: ThresholdConfig): Policy {
  oneChoiceLayout(spec, 'threshold')
  for (const agent of spec.agents) {
    if (config.feature < agent.observation.size) continue
    throw new ConfigError([
      {
        path: 'feature',
        message: `agent "${agent.name}" of ${spec.id} observes ${agent.observation.size} numbers, got feature ${config.feature}`,
      },
    ])
  }
  const numberOf = (key: 'action' | 'otherwise') =>
    Int32Array.from(spec.agents, (agent) => actionNumber(agent, config[key], key))
  return new ThresholdPolicy(ownView(spec), config, numberOf('action'), numberOf('otherwise'))
}

function actionNumber(agent: AgentSpec, wanted: number | string, key: string): number {
  const { n, labels = [] } = agent.action as Discrete
  const found = typeof wanted === 'string' ? labels.indexOf(wanted) : wanted
  if (found >= 0 && found < n) return found
  const known = labels.length > 0 ? labels.join(', ') : `0..${n - 1}`
  throw new ConfigError([{ path: key, message: `agent "${agent.name}" has no action ${wanted}; known: ${known}` }])
}

export const threshold = definePolicy<unknown, ThresholdConfig>({
  name: 'threshold',
  aliases: [],
  summary: 'every agent takes one action where a number it observes reaches a threshold, another where it does not',
  schema: thresholdConfig,
  create: ({ spec }, config) => thresholdPolicy(spec, config),
})
