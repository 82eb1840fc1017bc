import { IterationLimitError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Plan, Planner } from './planner.js'
import { largestSize } from './rounding.js'

/** Values as small as this share of the largest reward are what rounding leaves of it. */
const NOTHING = 1e-6
/** Accuracies tried, each ten times wider than the last, before what f64 resolves counts as too little. */
const ATTEMPTS = 5

/**
 * Plans to a share of the values' own size, so that an answer's accuracy depends neither on the unit of rewards nor on how far
 * the discount looks. How large values are, coarser plans tell. Where f64 can't certify the accuracy asked for, the nearest of
 * ten, a hundred ... times as much that it can; the plan's bounds say what was reached.
 * @param relative - largest distance of the bounds as a share of the largest |V*|, > 0
 * @throws ModelError as the planner does
 * @throws IterationLimitError when f64 can't certify 10,000 times as much
 */
export function planRelative(
  planner: Planner,
  mdp: TabularMdp,
  { discount, relative }: { readonly discount: number; readonly relative: number },
): Plan {
  const largestReward = largestSize(mdp.reward)
  if (largestReward === 0) {
    // Without rewards all values are 0, and any accuracy finds a policy.
    const zeros = () => new Float64Array(mdp.numStates)
    return { ...planner.plan(mdp, { discount, epsilon: 1 }), value: zeros(), lower: zeros(), upper: zeros() }
  }
  let size = sizeOf(planAsNear(planner, mdp, discount, 0.1 * largestReward))
  for (;;) {
    const plan = planAsNear(planner, mdp, discount, relative * Math.max(size, NOTHING * largestReward))
    const found = sizeOf(plan)
    // The size was taken too large where the largest reward is one that the best policy stays away from.
    if (2 * found >= size || size <= NOTHING * largestReward) return plan
    size = found
  }
}

/** Bound on the error of a plan's value under the start distribution, f64 [S]. */
export function errorAtStart({ lower, upper }: Plan, start: Float64Array): number {
  let error = 0
  for (let s = 0; s < start.length; s++) error += (start[s]! * (upper[s]! - lower[s]!)) / 2
  return error
}

function planAsNear(planner: Planner, mdp: TabularMdp, discount: number, epsilon: number): Plan {
  for (let attempt = 1, asked = epsilon; ; attempt++, asked *= 10) {
    try {
      return planner.plan(mdp, { discount, epsilon: asked })
    } catch (error) {
      if (!(error instanceof IterationLimitError) || attempt === ATTEMPTS) throw error
    }
  }
}

/** The most that a value may be. */
function sizeOf({ lower, upper }: Plan): number {
  return Math.max(largestSize(lower), largestSize(upper))
}
