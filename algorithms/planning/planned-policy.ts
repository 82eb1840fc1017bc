import { ShapeError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import { jointActions } from '../tabular/joint-actions.js'
import { JointTabularPolicy } from '../tabular/tabular-policy.js'

/**
 * A planner's result as a policy of the whole team: acts greedily on Q, ties to the lowest joint action.
 * @param q - f64 [S * A] on the model's states, such as `qValues(mdp, valueIteration(...).value, discount)`
 * @throws ShapeError when `q` doesn't fit the model, or the model doesn't fit the spec
 */
export function plannedPolicy(mdp: TabularMdp, spec: EnvSpec, q: Float64Array): Policy {
  const joint = jointActions(spec).count
  if (q.length !== mdp.numStates * mdp.numActions || joint !== mdp.numActions) {
    throw new ShapeError(
      `plannedPolicy: ${q.length} values, a model of ${mdp.numStates} states and ${mdp.numActions} joint actions, and ${spec.id} with ${joint}; give the model's Q and its own spec`,
    )
  }
  const table = new Float64Array(spec.numStates * joint)
  mdp.stateIds.forEach((id, s) => {
    table.set(q.subarray(s * joint, (s + 1) * joint), id * joint)
  })
  return new JointTabularPolicy(spec, table)
}
