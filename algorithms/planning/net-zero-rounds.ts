import { IterationLimitError, ModelError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { componentModel } from './component-model.js'
import { endComponents } from './end-components.js'
import { drift, gainIteration } from './gain-iteration.js'
import { largestSize, leastReward } from './rounding.js'

/**
 * Rewards without those that going round gives and takes again. With a potential h, 0 at the ends, a step's reward is
 * r + E h(s') - h(s): what is earned until the end is less by h of the state where it begins, whatever the policy, and a round
 * whose rewards sum to 0 has steps of reward 0 only.
 */
export interface ShapedRewards {
  /** f64 [S] */
  readonly potential: Float64Array
  /** f64 [S * A]; the model's own array where h is 0. */
  readonly reward: Float64Array
  /** u8 [S * A], 1 = 0 but for rounding. */
  readonly isZero: Uint8Array
  /** Bound on what computing a shaped reward rounds, reward units. */
  readonly error: number
}

/**
 * Where one can go round for ever, the best average reward g decides (end components: de Alfaro 1997; Haddad and Monmege 2018).
 * Below 0 for ever is a loss, and above 0 there is no best total. At 0, h is the relative value of the component, which the
 * optimality equation h = max (r + P h) makes a potential. So only components in which something is gained need one.
 * @throws ModelError where going round gains for ever
 * @throws IterationLimitError where f64 can't tell whether it does
 */
export function shapedRewards(mdp: TabularMdp): ShapedRewards {
  const { numActions } = mdp
  const ofRounds = endComponents(mdp)
  const least = leastReward(largestSize(mdp.reward))
  const earning = new Set<number>()
  mdp.reward.forEach((r, row) => {
    if (ofRounds.stays[row] === 1 && r > least) earning.add(ofRounds.component[Math.floor(row / numActions)]!)
  })
  const potential = new Float64Array(mdp.numStates)
  // f64 [S], what counts as 0 of the rewards of a state.
  const zeroOf = new Float64Array(mdp.numStates).fill(least)
  let error = 0
  for (const c of earning) {
    const { mdp: rounds, states } = componentModel(mdp, ofRounds, c)
    const { lower, upper, bias, settled } = gainIteration(rounds)
    const zero = roundingOf(mdp, largestSize(bias))
    if (lower > zero) {
      throw new ModelError(
        `stochasticShortestPath: expected that nobody gains by never ending, but near state ${rounds.stateIds[0]} one can go round for ever and gain ${((lower + upper) / 2).toPrecision(4)} a step on average: there is no best total; make each step cost something, or use a discount below 1`,
      )
    }
    if (upper < -zero) continue
    if (!settled || upper > zero) {
      throw new IterationLimitError(
        `stochasticShortestPath: f64 can't tell whether going round near state ${rounds.stateIds[0]} gains: on average between ${lower.toExponential(1)} and ${upper.toExponential(1)} a step; make each step cost something, or use a discount below 1`,
      )
    }
    error = Math.max(error, zero)
    states.forEach((s, k) => {
      potential[s] = bias[k]!
      zeroOf[s] = zero
    })
  }
  const stateOf = (row: number) => Math.floor(row / numActions)
  const reward = error === 0 ? mdp.reward : mdp.reward.map((_, row) => drift(mdp, row, potential, stateOf(row)))
  const isZero = Uint8Array.from(reward, (r, row) => (Math.abs(r) <= zeroOf[stateOf(row)]! ? 1 : 0))
  return { potential, reward, isZero, error }
}

/** What rounding leaves of a shaped reward of 0. */
function roundingOf({ reward, rowStart }: TabularMdp, largestPotential: number): number {
  let longest = 0
  for (let row = 0; row < reward.length; row++) longest = Math.max(longest, rowStart[row + 1]! - rowStart[row]!)
  return leastReward(largestSize(reward) + 2 * largestPotential) * (1 + longest / 8)
}
