import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { whySampled } from '#env/routing-dispatch/why-sampled.js'

/** Larger teams are not looked at. */
const MOST_STATES = 20_000
/** Sweeps after which a chain is left alone that still hasn't mixed. */
const MOST_SWEEPS = 20_000
const ACCURACY = 1e-6

/**
 * Mean reward a tick that a policy earns in the long run with those who can be reached, exactly: bounds from the least and the most that a sweep of v' = r + P v adds
 * anywhere (Puterman 1994, theorem 8.5.6).
 * @param present - [N]; who is absent is down for ever. Default: all are there
 * @returns null where the team has no exact model of a size to be swept at the start, or the policy's chain doesn't mix
 */
export function predictedGain(
  config: RoutingDispatchConfig,
  policy: Policy,
  present: readonly boolean[] = [],
): number | null {
  if (whySampled(config) !== null) return null
  const env = routingDispatch.create(withoutAbsent(config, present))
  if (env.spec.numStates > MOST_STATES) return null
  const { chain } = new PolicyEvaluator(toJointMdp(env), 0.9)
  chain.follow(policy)
  const { first, next, probability, reward, numNodes } = chain
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
