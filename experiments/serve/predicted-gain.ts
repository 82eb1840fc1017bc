import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { whySampled } from '#env/routing-dispatch/why-sampled.js'

/** Larger teams are not looked at: the gateway would start late. */
const MOST_STATES = 20_000
/** Sweeps after which a chain is left alone that still hasn't mixed. */
const MOST_SWEEPS = 20_000
const ACCURACY = 1e-6

/**
 * Mean reward a tick that a policy earns in the long run, exactly: bounds from the least and the most that a sweep of v' = r + P v adds
 * anywhere (Puterman 1994, theorem 8.5.6).
 * @returns null where the team has no exact model of a size to be swept at the start, or the policy's chain doesn't mix
 */
export function predictedGain(config: RoutingDispatchConfig, policy: Policy): number | null {
  if (whySampled(config) !== null) return null
  const env = routingDispatch.create(config)
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
