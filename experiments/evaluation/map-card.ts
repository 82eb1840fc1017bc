import { random } from '#algorithms/baselines/random.js'
import { plannedPolicy } from '#algorithms/planning/planned-policy.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { UsageError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { scoreFormat } from '#results/page/numbers.js'
import type { MapCard } from '#results/report/map-card.js'
import type { NamedPolicy, PolicySetting } from '../bundles/policy-for.js'
import { checkPolicyView } from './check-policy-view.js'
import { Evaluator } from './evaluator.js'
import { ModelCache } from './model-cache.js'
import { optimalMaps } from './optimal-maps.js'
import { RegretMeter } from './policy-regret.js'
import { cellsOf, drawPolicy, drawsValues, isMap, MOST_VALUES } from './policy-view.js'

/**
 * @throws UsageError when an environment's policies aren't drawn as maps of values, or they are too large; UserModuleError
 * when its view is malformed
 */
export function checkMaps({ entry, config, spec }: PolicySetting): void {
  checkPolicyView(entry, config)
  const view = entry.policyView?.(config)
  if (view !== undefined && drawsValues(view)) return
  if (view?.panels.some(isMap)) {
    throw new UsageError(
      `${spec.id}: no maps to draw values on: this one has ${cellsOf(view)} cells, and up to ${MOST_VALUES} are drawn; choose a smaller one, or leave out --out`,
    )
  }
  throw new UsageError(
    `${spec.id}: no maps to draw values on; grids of up to ${MOST_VALUES} cells have them, such as frozen-lake, cliff-walking, taxi and gridworld`,
  )
}

/**
 * A solved environment and policies on its maps, ready to be drawn.
 * @param solved - V*, f64 [S] on the model, and how far it may be off
 * @throws UsageError as `checkMaps`; ModelError when a policy draws without saying its probabilities
 */
export function mapCard(
  setting: PolicySetting,
  model: JointMdp,
  solved: { readonly value: Float64Array; readonly within: number; readonly discount: number },
  policies: readonly NamedPolicy[],
): Omit<MapCard, 'id' | 'chooser'> {
  checkMaps(setting)
  const { entry, config, spec } = setting
  const { value, within, discount } = solved
  const evaluator = new Evaluator(entry, config, { discount, method: 'auto', episodes: 1 }, new ModelCache())
  const best = plannedPolicy(model, spec, qValues(model, value, discount))
  const start = expected(model, value)
  const uniform = random.create({ spec, envConfig: config }, {})
  const meter =
    policies.length === 0 ? null : new RegretMeter(model, discount, { value, start, error: within }, uniform)
  return {
    title: spec.id,
    layout: drawPolicy(entry, config, best)!,
    optimal: optimalMaps(entry, config, model, value, discount, within)!,
    optimum: start,
    policies: policies.map(({ name, policy }) => {
      const values = evaluator.values(policy)!
      const start = expected(model, values)
      const score = Number.isFinite(start) ? start : null
      const note = `V under the start distribution: ${score === null ? 'none' : scoreFormat(Math.abs(score))(score)}.`
      const draws = policy.probabilities !== undefined
      const regret = meter!.measure(name, policy).normalised
      return { name, score, regret, style: null, note, view: drawPolicy(entry, config, policy, evaluator)!, draws }
    }),
    discount,
  }
}

/** Under the start distribution. */
function expected({ start }: JointMdp, value: Float64Array): number {
  return start.reduce((sum, p, s) => (p > 0 ? sum + p * value[s]! : sum), 0)
}
