import { ShapeError, SpaceError } from '#env/errors.js'
import type { PolicyContext } from '#env/registry.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'
import { describeAgents } from '../bundle/load-policy.js'
import { linearInputs } from '../linear/linear-inputs.js'
import { LinearPolicy } from '../linear/linear-policy.js'
import type { RidgeTargets } from '../regression/choose-lambda.js'
import type { LinearModel } from '../regression/linear-model.js'
import { selectRows } from '../regression/sparse-rows.js'

/**
 * Value of an action that no example tells of, such as to stop: above every reward, so that it is taken as soon as it is
 * legal. A fitted policy makes one choice, and is done.
 */
export const UNLABELLED_VALUE = 1e9

/** Training rows of one deciding agent, with what each action would have earned. */
export interface LabelledRows {
  readonly spec: EnvSpec
  /** Training rows only. */
  readonly x: SparseMatrix
  /** i32 [rows], their numbers in the whole matrix */
  readonly keys: Int32Array
  /** f64 [rows, L]; NaN where unknown */
  readonly rewards: Float64Array
  /** i32 [L], the environment's action of each labelled one. */
  readonly actions: Int32Array
}

/**
 * What a supervised policy is fitted on.
 * @param policy - its name, for messages
 * @throws SpaceError when the environment stands on no data, has several agents, or other actions than the examples
 */
export function labelledRows(policy: string, { spec, data }: PolicyContext): LabelledRows {
  if (data === undefined) {
    throw new SpaceError(
      `${policy}: ${spec.id} stands on no outcome table here, so that there are no examples to fit on; name a table in its config, or take a policy that needs none, such as random`,
    )
  }
  if (spec.agents.length !== 1) {
    throw new SpaceError(`${policy}: ${spec.id} has ${spec.agents.length} agents, expected 1 that decides`)
  }
  const { features, rows, rewards, actions } = data.examples
  const { actionNames } = describeAgents(spec)[0]!
  const own = Int32Array.from(actions, (action) => actionNames.indexOf(action))
  const unknown = own.indexOf(-1)
  if (unknown >= 0) {
    throw new SpaceError(
      `${policy}: examples tell of the action "${actions[unknown]}", ${spec.id} has ${actionNames.join(', ')}`,
    )
  }
  if (rewards.length !== rows.length * actions.length) {
    throw new ShapeError(
      `${policy}: expected rewards of ${rows.length} rows x ${actions.length} actions, got ${rewards.length}`,
    )
  }
  if (features.columns !== (spec.agents[0]!.numFeatures ?? 0)) {
    throw new ShapeError(
      `${policy}: examples have ${features.columns} columns, agents of ${spec.id} see ${spec.agents[0]!.numFeatures ?? 0}`,
    )
  }
  return { spec, x: selectRows(features, rows), keys: rows, rewards, actions: own }
}

/** One labelled action's rewards, rows without left out. */
export function targetsOf({ x, rewards, actions }: LabelledRows, label: number): RidgeTargets {
  const reward = Float64Array.from({ length: x.rows }, (_, r) => rewards[r * actions.length + label]!)
  return {
    target: reward.map((y) => (Number.isNaN(y) ? 0 : y)),
    weight: reward.map((y) => (Number.isNaN(y) ? 0 : 1)),
  }
}

/** A policy of linear values on features, one model for each labelled action; what it observes besides counts nothing. */
export function linearPolicyOf({ spec, actions }: LabelledRows, models: readonly LinearModel[]): LinearPolicy {
  const { columns } = linearInputs(spec)[0]!
  const count = describeAgents(spec)[0]!.actionNames.length
  const weights = new Float64Array(count * (columns + 1))
  for (let a = 0; a < count; a++) weights[a * (columns + 1) + columns] = UNLABELLED_VALUE
  models.forEach((model, label) => {
    const offset = actions[label]! * (columns + 1)
    weights.set(model.weights, offset)
    weights[offset + columns] = model.intercept
  })
  return new LinearPolicy(spec, [weights])
}
