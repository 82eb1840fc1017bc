/**
 * The best average reward in the long run, from every state (multichain models: Puterman 1994, chapter 9).
 *
 * In the long run every policy stays in an end component for ever, or in a terminal state, which earns nothing. The best gain of a
 * component is one number (one-gain.ts). So the best gain of a state is that of the components it can be brought to: a stochastic
 * shortest path in which staying in a component is an action that ends and is worth the component's gain (the quotient of de
 * Alfaro 1997; Haddad and Monmege 2018). Where there is one component, its gain is that of every state.
 *
 * Bounds: a state's gain is a mean of gains of components, so that theirs carry over to it, and the error of the shortest path is
 * added. Where steps take time, averages are per unit of time: everything is done on the model of rates (rate-model.ts).
 */
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { componentModel } from './component-model.js'
import { checkEpsilon } from './discount.js'
import { type EndComponents, endComponents } from './end-components.js'
import { withExtraState } from './extra-state.js'
import { LinearSolver } from './linear-system.js'
import { type OneGain, type OneGainOptions, oneGain } from './one-gain.js'
import { PolicyRows } from './policy-rows.js'
import { rateModel } from './rate-model.js'
import { largestSize } from './rounding.js'
import { stochasticShortestPath } from './stochastic-shortest-path.js'

export interface AverageRewardOptions {
  /** How far from the best gain the policy may be; reward units a unit of time, > 0. */
  readonly epsilon: number
  /** Most sweeps. Default 1,000,000. */
  readonly maxIterations?: number
}

export interface AverageRewardPlan {
  /** Reward a unit of time in the long run under the start distribution, a step where all take 1. The middle of the bounds. */
  readonly gain: number
  /** lower <= gain of the policy <= best gain <= upper. */
  readonly lower: number
  readonly upper: number
  /** The same from each state, f64 [S]. Equal numbers where there is one set of states that can be stayed in. */
  readonly gains: Float64Array
  readonly lowerGains: Float64Array
  readonly upperGains: Float64Array
  /**
   * f64 [S], relative values (bias) of the policy, reward units; 0 in state 0 where there is one set of states that can be stayed
   * in, else up to a constant in each that the policy stays in. Not bounded.
   */
  readonly relativeValue: Float64Array
  /** i32 [S], epsilon-optimal; -1 in terminal states. */
  readonly policy: Int32Array
  /** Sweeps and evaluations of policies, of all parts together. */
  readonly iterations: number
  readonly method: 'relative-value-iteration' | 'policy-iteration' | 'multichain'
}

/**
 * The best average reward from every state, and a policy within epsilon of it.
 * @throws ModelError when the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function averageReward(mdp: TabularMdp, options: AverageRewardOptions): AverageRewardPlan {
  const { epsilon, maxIterations = 1_000_000 } = options
  checkEpsilon('averageReward', epsilon)
  checkMdp(mdp)
  const { mdp: rates, scale } = rateModel(mdp)
  // Where steps take time, each number of a row has been rounded a few times more.
  const roundings = rates === mdp ? 0 : 16
  const components = endComponents(rates)
  if (components.count !== 1 || rates.terminal.includes(1)) {
    return multichain(rates, scale, components, { epsilon, maxIterations, roundings })
  }
  const found = oneGain(rates, { epsilon, maxIterations, roundings })
  const { lower, upper, bias, policy, iterations, method } = found
  const everywhere = (gain: number) => new Float64Array(rates.numStates).fill(gain)
  return {
    gain: (lower + upper) / 2,
    lower,
    upper,
    gains: everywhere((lower + upper) / 2),
    lowerGains: everywhere(lower),
    upperGains: everywhere(upper),
    relativeValue: bias.map((h) => scale * (h - bias[0]!)),
    policy,
    iterations,
    method,
  }
}

function multichain(
  mdp: TabularMdp,
  scale: number,
  components: EndComponents,
  options: OneGainOptions,
): AverageRewardPlan {
  const { numStates, numActions, terminal, start } = mdp
  const { component } = components
  const parts = Array.from({ length: components.count }, (_, c) => {
    const { mdp: part, states } = componentModel(mdp, components, c)
    return { states, ...oneGain(part, { ...options, epsilon: options.epsilon / 2 }) }
  })
  const middle = ({ lower, upper }: OneGain) => (lower + upper) / 2
  const apart = parts.reduce((most, { lower, upper }) => Math.max(most, (upper - lower) / 2), 0)
  // Gains above the least one, so that staying anywhere is worth 0 at least.
  const base = parts.reduce((least, part) => Math.min(least, middle(part)), 0)
  const above = Float64Array.from({ length: numStates }, (_, s) => {
    if (terminal[s] === 1) return -base
    return component[s] === -1 ? Number.NaN : middle(parts[component[s]!]!) - base
  })
  const route = stochasticShortestPath(stayingEnds(mdp, above), { discount: 1, epsilon: options.epsilon / 2 })
  // A mean lies between what it is a mean of: where all components have one gain, nothing is added to it.
  const none = terminal.includes(1) ? { lower: 0, upper: 0 } : parts[0]!
  const least = parts.reduce((low, { lower }) => Math.min(low, lower), none.lower)
  const most = parts.reduce((high, { upper }) => Math.max(high, upper), none.upper)
  const bound = (of: Float64Array, side: number) =>
    of.subarray(0, numStates).map((v) => {
      const rounded = Number.EPSILON * (Math.abs(v) + Math.abs(base))
      return Math.min(most, Math.max(least, v + base + side * (apart + rounded)))
    })
  const [lowerGains, upperGains] = [bound(route.lower, -1), bound(route.upper, 1)]
  const gains = lowerGains.map((lower, s) => (lower + upperGains[s]!) / 2)

  const stays = new Uint8Array(components.count)
  for (let s = 0; s < numStates; s++)
    if (route.policy[s] === numActions && component[s] !== -1) stays[component[s]!] = 1
  const policy = route.policy.slice(0, numStates)
  const relative = new Float64Array(numStates)
  const known = terminal.slice()
  parts.forEach(({ states, ...part }, c) => {
    if (stays[c] === 0) return
    states.forEach((s, k) => {
      policy[s] = part.policy[k]!
      relative[s] = part.bias[k]! - part.bias[0]!
      known[s] = 1
    })
  })
  for (let s = 0; s < numStates; s++) if (terminal[s] === 1) policy[s] = -1
  followOn(mdp, policy, gains, known, relative)
  const mean = (of: Float64Array) => start.reduce((sum, p, s) => sum + (p === 0 ? 0 : p * of[s]!), 0)
  return {
    gain: mean(gains),
    lower: mean(lowerGains),
    upper: mean(upperGains),
    gains,
    lowerGains,
    upperGains,
    relativeValue: relative.map((h) => scale * h),
    policy,
    iterations: parts.reduce((sum, { iterations }) => sum + iterations, route.iterations),
    method: 'multichain',
  }
}

/**
 * The same states and moves, without rewards, and one action more, the last: to stay for ever, which ends and is worth what it
 * says. One more state is the end.
 * @param worth - f64 [S], NaN where a state can't be stayed in
 */
function stayingEnds(mdp: TabularMdp, worth: Float64Array): TabularMdp {
  const { numStates, numActions, rowStart } = mdp
  const staying = worth.reduce((sum, w) => sum + (Number.isNaN(w) ? 0 : 1), 0)
  const entries = mdp.successor.length + staying
  const successor = new Int32Array(entries)
  const probability = new Float64Array(entries)
  const wide = numActions + 1
  const starts = new Int32Array((numStates + 1) * wide + 1)
  const reward = new Float64Array((numStates + 1) * wide)
  let entry = 0
  for (let s = 0; s < numStates; s++) {
    for (let a = 0; a < numActions; a++) {
      for (let k = rowStart[s * numActions + a]!; k < rowStart[s * numActions + a + 1]!; k++, entry++) {
        successor[entry] = mdp.successor[k]!
        probability[entry] = mdp.probability[k]!
      }
      starts[s * wide + a + 1] = entry
    }
    if (!Number.isNaN(worth[s]!)) {
      successor[entry] = numStates
      probability[entry++] = 1
      reward[s * wide + numActions] = worth[s]!
    }
    starts[(s + 1) * wide] = entry
  }
  starts.fill(entry, numStates * wide + 1)
  const terminal = new Uint8Array(numStates + 1)
  terminal[numStates] = 1
  const { start, stateIds } = withExtraState(mdp)
  return {
    numStates: numStates + 1,
    numActions: wide,
    rowStart: starts,
    successor,
    probability,
    reward,
    terminal,
    start,
    stateIds,
  }
}

/** Relative values on the way to where they are known: h = r - g + P h. @param relative - f64 [S], completed */
function followOn(
  mdp: TabularMdp,
  policy: Int32Array,
  gains: Float64Array,
  known: Uint8Array,
  relative: Float64Array,
): void {
  const rows = new PolicyRows().ofPolicy({ ...mdp, terminal: known }, policy)
  const b = relative.map((h, s) => (known[s] === 1 ? h : rows.reward[s]! - gains[s]!))
  new LinearSolver('max').solve(rows, 1, b, relative, 1e-12 * largestSize(b))
}
