import { qValues } from '#algorithms/planning/q-values.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { EnvEntry } from '#env/registry.js'
import type { OptimalMap } from '#results/store/references.js'
import { drawsValues, isMap, valueByState } from './policy-view.js'

/** Actions count as equally good up to this much more than what the solver left open, reward units: less than anyone cares about. */
const TIE = 1e-6

/**
 * V* and the best actions on the maps that an environment's policies are drawn on.
 * @param value - f64 [S], V* on the model
 * @param within - how far it may be off, reward units
 * @returns undefined where no values are drawn
 */
export function optimalMaps(
  entry: EnvEntry,
  config: unknown,
  model: JointMdp,
  value: Float64Array,
  discount: number,
  within = 1e-8,
): OptimalMap[] | undefined {
  const view = entry.policyView?.(config)
  if (view === undefined || !drawsValues(view)) return undefined
  const { numActions, actionsOf, stateIds } = model
  const q = qValues(model, value, discount)
  const indexOf = new Map(Array.from(stateIds, (id, s) => [id, s]))
  const joint = new Int32Array(actionsOf.length)
  const describe = (action: number): string => {
    let rest = action
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      joint[i] = rest % actionsOf[i]!
      rest = Math.floor(rest / actionsOf[i]!)
    }
    return view.describe(joint)
  }
  const best = (state: number): string[] => {
    const s = indexOf.get(state)
    if (s === undefined || model.terminal[s] === 1) return []
    const row = q.subarray(s * numActions, (s + 1) * numActions)
    const least = Math.max(...row) - TIE - 2 * within
    return [...new Set(Array.from(row.keys()).flatMap((action) => (row[action]! >= least ? [describe(action)] : [])))]
  }
  const values = valueByState(model, value)
  return view.panels.filter(isMap).map(({ title, states }) => ({
    title,
    value: states.map((row) => row.map(values)),
    best: states.map((row) => row.map(best)),
  }))
}
