import type { Prediction } from '#agents/dispatch/dispatcher.js'
import { FactoredEvaluator } from '#algorithms/planning/factored/factored-evaluation.js'
import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { NotEnumerableError } from '#env/errors.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { factoredModelOf, toFactoredMdp } from '#env/mdp/factored-mdp.js'
import type { Policy } from '#env/policy.js'
import { type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { decodeState, stateIndex } from '#env/routing-dispatch/state-index.js'
import { whySampled } from '#env/routing-dispatch/why-sampled.js'

/** Larger teams are gone through in factors only. */
const MOST_JOINT_STATES = 20_000
/** Larger ones not at all: a sweep takes a second. */
const MOST_STATES = 2_000_000
/** Sweeps after which a chain is left alone that still hasn't mixed. */
const MOST_SWEEPS = 20_000
/** Of all sweeps together: some minutes. */
const MOST_PRODUCTS = 1e11
const ACCURACY = 1e-6

/**
 * What a policy earns a tick in the long run with those who can be reached, exactly: bounds from the least and the most that a sweep
 * of v' = r + P v adds anywhere (Puterman 1994, theorem 8.5.6).
 * @param present - [N]; who is absent is down for ever. Default: all are there
 */
export function predictedGain(
  config: RoutingDispatchConfig,
  policy: Policy,
  present: readonly boolean[] = [],
): Prediction {
  const why = whySampled(config)
  if (why !== null) return unknown(`the team has no exact model: ${why}`)
  const team = withoutAbsent(config, present)
  const env = routingDispatch.create(team)
  const { numStates } = env.spec
  if (numStates > MOST_STATES) return unknown(`it has ${numStates} states, and up to ${MOST_STATES} are gone through`)
  let gain: number | null = null
  const isFactored = policy.memory === undefined && factoredModelOf(routingDispatch.create(team)) !== undefined
  if (isFactored) {
    try {
      const evaluator = new FactoredEvaluator(toFactoredMdp(env), 1)
      const sweeps = Math.min(MOST_SWEEPS, Math.ceil(MOST_PRODUCTS / evaluator.productsASweep))
      gain = evaluator.gain(policy, ACCURACY, sweeps, lasting(team))
    } catch (error) {
      if (error instanceof NotEnumerableError) return unknown(error.message)
      throw error
    }
  }
  if (gain === null && numStates <= MOST_JOINT_STATES) {
    // Without the states that it never comes to, where it may rest for ever.
    const { chain } = new PolicyEvaluator(toJointMdp(routingDispatch.create(team)), 0.9)
    chain.follow(policy)
    gain = gainOf(chain)
  } else if (gain === null && !isFactored) {
    const what = policy.memory === undefined ? 'its inbox may hold too many different queries' : 'the policy remembers'
    return unknown(`it has ${numStates} states, and ${what}`)
  }
  return gain === null
    ? unknown('what it earns settles too slowly, or depends on how it begins')
    : { perTick: gain, why: null }
}

function unknown(why: string): Prediction {
  return { perTick: null, why }
}

interface Chain {
  readonly first: Int32Array
  readonly next: Int32Array
  readonly probability: Float64Array
  readonly reward: Float64Array
  readonly numNodes: number
}

/** @returns null where the chain doesn't mix */
function gainOf({ first, next, probability, reward, numNodes }: Chain): number | null {
  let value = new Float64Array(numNodes)
  let after = new Float64Array(numNodes)
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let i = 0; i < numNodes; i++) {
      let sum = reward[i]!
      for (let e = first[i]!; e < first[i + 1]!; e++) sum += probability[e]! * value[next[e]!]!
      after[i] = sum
      const change = sum - value[i]!
      if (change < least) least = change
      if (change > most) most = change
    }
    if (most - least <= ACCURACY) return (most + least) / 2
    const base = after[0]!
    for (let i = 0; i < numNodes; i++) after[i]! -= base
    ;[value, after] = [after, value]
  }
  return null
}

/** Nobody claims before a first query has come, and by then who is absent is down, with nothing in its queue. */
function withoutAbsent(config: RoutingDispatchConfig, present: readonly boolean[]): RoutingDispatchConfig {
  const agents = resolveInstance(config).agents.map((agent, i) => {
    return present[i] === false ? { ...agent, fail: 1, repair: 0 } : agent
  })
  return { ...config, agents }
}

/** u8 [S], 1 for states in which those who never fail are up, and those who fail for ever are down, as they were from the first query on. */
function lasting(team: RoutingDispatchConfig): Uint8Array {
  const { agents } = resolveInstance(team)
  const index = stateIndex(team)
  const queue = new Int32Array(index.numAgents)
  const down = new Uint8Array(index.numAgents)
  return Uint8Array.from({ length: index.numStates }, (_, s) => {
    decodeState(index, s, queue, down)
    const lasts = agents.every(({ fail, repair }, i) => {
      if (fail === 0) return down[i] === 0
      return fail < 1 || repair > 0 || (down[i] === 1 && queue[i] === 0)
    })
    return lasts ? 1 : 0
  })
}
