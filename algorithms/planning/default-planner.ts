import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { backwardInductionPlanner, isAcyclic } from './backward-induction.js'
import { modifiedPolicyIterationPlanner } from './modified-policy-iteration.js'
import { planInUnitTime } from './plan-in-unit-time.js'
import type { Plan, Planner, PlanOptions } from './planner.js'
import { policyIterationPlanner } from './policy-iteration.js'
import { stochasticShortestPathPlanner } from './stochastic-shortest-path.js'

/** Below this many states the solves of policy iteration cost next to nothing. */
const FEW_STATES = 1000
/** From here on, sweeping may take 1 / (1 - gamma) = 1,000 sweeps and more where states hardly mix. */
const FAR_SIGHTED = 0.999

/**
 * The planner that suits a problem, and why.
 *
 * Measured on one thread, processor seconds: mdpsolver's random benchmark, 10,000 states x 10 actions x 100 successors, epsilon
 * 1e-3: modified policy iteration 0.20 at gamma 0.99 and 0.27 at 0.999, value iteration 0.23 and 0.24, policy iteration 0.23 and
 * 0.24. Slippery grid of 300 x 300, gamma 0.99: modified policy iteration 0.37. Grid of 1000 x 1000 without slipping: modified policy iteration 0.3. Modified policy iteration was never far from the best. Policy
 * iteration alone doesn't depend on how slowly a chain mixes: it is taken where the model is small and gamma near 1, so that
 * neither its solves nor its improvements are many.
 */
export function choosePlanner(
  mdp: TabularMdp,
  discount: number,
): { readonly planner: Planner; readonly reason: string } {
  if (isAcyclic(mdp)) {
    return { planner: backwardInductionPlanner, reason: 'no state can be reached again: one backward pass is exact' }
  }
  if (discount === 1) {
    return { planner: stochasticShortestPathPlanner, reason: 'undiscounted, with cycles: the best policy that ends' }
  }
  if (discount >= FAR_SIGHTED && mdp.numStates <= FEW_STATES) {
    return {
      planner: policyIterationPlanner,
      reason: `gamma is at least ${FAR_SIGHTED} and there are at most ${FEW_STATES} states: solving is cheaper than sweeping`,
    }
  }
  return {
    planner: modifiedPolicyIterationPlanner,
    reason: 'cycles and a discount: fewest sweeps over all actions',
  }
}

/** Plans with the planner that suits the problem, for any discount in [0, 1]; `method` and `reason` say which and why. */
export const defaultPlanner: Planner = {
  name: 'auto',
  plan(mdp: TabularMdp, options: PlanOptions): Plan {
    checkMdp(mdp)
    return planInUnitTime(mdp, options, (unit, asked) => {
      const { planner, reason } = choosePlanner(unit, asked.discount)
      return { ...planner.plan(unit, asked), reason }
    })
  },
}
