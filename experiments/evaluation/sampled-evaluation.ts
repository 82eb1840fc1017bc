import type { Env } from '#env/env.js'
import { NotEnumerableError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { power } from '#env/power.js'
import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { scoreWeights, VectorEnv } from '#env/vector-env.js'

/** What sampled episodes gave; arrays have one entry an episode. */
export interface EpisodeSamples {
  /** Discounted score from the start of the episode. */
  readonly score: Float64Array
  /** Undiscounted score. */
  readonly totalReward: Float64Array
  readonly steps: Int32Array
  /** Sum of the quantity that `spec.columns.cost` names; null where none is named. */
  readonly cost: Float64Array | null
  /** One entry an answer: the quantity that `spec.columns.latency` names; null where none is named. */
  readonly latency: readonly number[] | null
  /** Joint actions times agents. */
  readonly decisions: number
}

export interface SamplingOptions {
  readonly episodes: number
  /** gamma, in [0, 1]. */
  readonly discount: number
  /** Episode k draws the same start and the same luck for every policy, whatever the policy draws itself. */
  readonly seed: string
  /** Episodes played side by side. Default 64. */
  readonly rows?: number
}

/** A discounted tail below this share no longer counts: episodes without a limit are cut there. */
const NEGLIGIBLE = 1e-9

/** Steps of an episode without a limit, however little time its steps take. */
const MOST_STEPS = 1e7

/**
 * Plays whole episodes with a policy, side by side.
 * @throws NotEnumerableError when episodes can't end: no step limit, and a discount of 1
 */
export function sampleEpisodes(make: () => Env, policy: Policy, options: SamplingOptions): EpisodeSamples {
  const { episodes, discount, seed, rows = 64 } = options
  const env = new VectorEnv(make, Math.min(rows, episodes), seed)
  const { spec, layout, size } = env
  const mostSteps = mostStepsOf(spec, discount)
  const weight = scoreWeights(spec)
  const column = (name: string | undefined) => spec.quantities.findIndex((quantity) => quantity.name === name)
  const costColumn = column(spec.columns?.cost)
  const latencyColumn = column(spec.columns?.latency?.quantity)
  const whenColumn = column(spec.columns?.latency?.when)

  const score = new Float64Array(episodes)
  const totalReward = new Float64Array(episodes)
  const steps = new Int32Array(episodes)
  const cost = costColumn < 0 ? null : new Float64Array(episodes)
  const latency: number[] | null = latencyColumn < 0 ? null : []
  const actions = new Int32Array(size * layout.agents)
  const memory = new Int32Array(size)
  const batch = {
    layout,
    size,
    observation: env.observation,
    mask: env.mask,
    observationId: env.observationId,
    ...(env.features === undefined ? {} : { features: env.features }),
    featureRow: env.featureRow,
    stateId: env.stateId,
    state: env.state,
    memory,
  }
  const factor = new Float64Array(size)
  const playing = new Uint8Array(size)
  let decisions = 0

  for (let first = 0; first < episodes; first += size) {
    env.reset(seed, first)
    const rng = new Rng(`${seed}/policy/${first}`)
    memory.fill(policy.memory?.initial ?? 0)
    factor.fill(1)
    let left = Math.min(size, episodes - first)
    playing.fill(0)
    playing.fill(1, 0, left)
    for (let t = 0; left > 0 && t < mostSteps; t++) {
      policy.act(batch, rng, actions)
      if (policy.memory !== undefined) {
        for (let e = 0; e < size; e++) memory[e] = policy.memory.next(memory[e]!, actions, e * layout.agents)
      }
      env.step(actions)
      for (let e = 0; e < size; e++) {
        if (playing[e] === 0) continue
        const k = first + e
        let reward = 0
        for (let i = 0; i < layout.agents; i++) reward += weight[i]! * env.reward[e * layout.agents + i]!
        score[k]! += factor[e]! * reward
        totalReward[k]! += reward
        steps[k]!++
        factor[e]! *= power(discount, env.elapsed[e]!)
        const row = e * layout.numQuantities
        if (cost !== null) cost[k]! += env.quantities[row + costColumn]!
        if (latency !== null && (whenColumn < 0 || env.quantities[row + whenColumn] === 1)) {
          latency.push(env.quantities[row + latencyColumn]!)
        }
        decisions += layout.agents
        if (env.ended[e] === 1 || (spec.limitSteps === null && factor[e]! <= NEGLIGIBLE)) {
          playing[e] = 0
          left--
        }
      }
    }
  }
  return { score, totalReward, steps, cost, latency, decisions }
}

/** Steps after which an episode is over in any case; without a limit it ends before, once what follows no longer counts. */
function mostStepsOf(spec: EnvSpec, discount: number): number {
  if (spec.limitSteps !== null) return spec.limitSteps
  if (discount < 1) return MOST_STEPS
  throw new NotEnumerableError(
    `${spec.id}: episodes have no step limit, so a score with discount 1 can't be sampled; set limitSteps or a discount below 1`,
  )
}
