import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, type PipelineRules, type Progress } from '#env/routing-pipeline/pipeline-rules.js'
import { pipelineSpec, showProgress } from '#env/routing-pipeline/pipeline-view.js'
import { allocateSlots, type SlotBuffers } from '#env/slot.js'
import { GrowingSolution, type PipelineSolution } from './growing-solution.js'

/** Who can be called: [stage][agent]. */
export type Present = readonly (readonly boolean[])[]

/** What is done next with a question, and why. */
export interface PipelineChoice {
  readonly action: number
  /** [A], -Infinity where illegal; null where the policy has none. */
  readonly scores: Float64Array | null
}

/** Chooses what to do next. */
export interface PipelineLeader {
  readonly name: string
  /**
   * @param legal - [A], what may be done now: somebody may be down, or too slow for the time that is left. Handing over always may.
   * @param present - who can be reached at all
   */
  choose(progress: Progress, legal: readonly boolean[], present: Present): PipelineChoice
}

/**
 * The exact optimum.
 * @param present - without those who can't be reached
 * @param from - the state that is covered, and all that the model comes to from it; null: where questions begin
 */
export type PipelineSolver = (present: Present, from: number | null) => PipelineSolution

/** Does what is best for the agents that can be reached: solves the pipeline again whenever those change. */
export class OptimalLeader implements PipelineLeader {
  readonly name = 'optimal'
  readonly #rules: PipelineRules
  readonly #solve: PipelineSolver
  readonly #solutions = new Map<string, GrowingSolution>()

  constructor(rules: PipelineRules, solve: PipelineSolver) {
    this.#rules = rules
    this.#solve = solve
  }

  choose(progress: Progress, legal: readonly boolean[], present: Present): PipelineChoice {
    const state = this.#rules.numberOf(progress)
    const { policy, q } = this.#solutionFor(present).covering(state)
    const { numActions, tieOrder } = this.#rules
    const scores = q.subarray(state * numActions, (state + 1) * numActions)
    const best = policy[state]!
    return { action: best >= 0 && legal[best] ? best : bestLegal(scores, legal, tieOrder), scores }
  }

  /** What is known for those who can be reached; solved now where that is new. */
  #solutionFor(present: Present): GrowingSolution {
    const key = present.map((stage) => stage.map(Number).join('')).join('.')
    let solution = this.#solutions.get(key)
    if (solution === undefined) {
      // Sets of agents that came and went long ago are let go.
      if (this.#solutions.size >= 64) this.#solutions.clear()
      solution = new GrowingSolution((from) => this.#solve(present, from))
      this.#solutions.set(key, solution)
    }
    return solution
  }
}

/** Does what a policy says; the best legal action by its scores, or in the pipeline's own order, where that may not be done now. */
export class PolicyLeader implements PipelineLeader {
  readonly name: string
  readonly #policy: Policy
  readonly #rules: PipelineRules
  readonly #buffers: SlotBuffers
  readonly #batch: PolicyBatch
  readonly #action = new Int32Array(1)
  readonly #rng: Rng
  readonly #progress: Progress = newProgress()

  constructor(name: string, policy: Policy, rules: PipelineRules, config: RoutingPipelineConfig, seed: string) {
    this.name = name
    this.#policy = policy
    this.#rules = rules
    this.#rng = new Rng(seed)
    this.#buffers = allocateSlots(pipelineSpec(config, rules), 1)
    const { layout, observation, mask, observationId, stateId, state } = this.#buffers
    this.#batch = { layout, size: 1, observation, mask, observationId, stateId, state }
  }

  choose(progress: Progress, legal: readonly boolean[]): PipelineChoice {
    const { numActions, tieOrder } = this.#rules
    Object.assign(this.#progress, progress)
    const slot = this.#buffers.rows[0]!
    showProgress(slot, this.#rules, this.#progress)
    for (let a = 0; a < numActions; a++) if (!legal[a]) slot.mask[a] = 0
    this.#policy.act(this.#batch, this.#rng, this.#action)
    const wanted = this.#action[0]!
    let scores: Float64Array | null = null
    if (this.#policy.scores !== undefined) {
      scores = new Float64Array(numActions)
      this.#policy.scores(this.#batch, scores)
    }
    if (legal[wanted]) return { action: wanted, scores }
    return { action: bestLegal(scores, legal, tieOrder), scores }
  }
}

function bestLegal(scores: Float64Array | null, legal: readonly boolean[], tieOrder: readonly number[]): number {
  let best = -1
  for (const action of tieOrder) {
    if (!legal[action]) continue
    if (best < 0 || (scores !== null && scores[action]! > scores[best]!)) best = action
  }
  return best
}
