import { random } from '#algorithms/baselines/random.js'
import { UsageError } from '#env/errors.js'
import type { FactoredMdp } from '#env/mdp/factored-mdp.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { type PolicySetting, policyFor } from '../../bundles/policy-for.js'
import { type Optimum, RegretMeter } from '../../evaluation/policy-regret.js'
import type { Registry } from '../../modules/registry.js'
import { formatPercent, formatScore } from '../format-number.js'
import { textTable } from '../text-table.js'

/** A policy of `--compare`; what has no finite value, as the policy never ends at discount 1, is null. */
export interface Comparison {
  /** As it was given. */
  readonly policy: string
  readonly kind: 'bundle' | 'entry'
  /** V under the start distribution. */
  readonly start: number | null
  /** V* - V under the start distribution. */
  readonly regret: number | null
  /** (V* - V) / (V* - Vrandom); null also where acting at random is as good as the best. */
  readonly normalisedRegret: number | null
  /** Bound on the error of its values. */
  readonly error: number
  /** The state from which it loses most, in the environment's numbers. */
  readonly worst: { readonly state: number; readonly loss: number | null }
  /** V of every state; unreachable ones null. Null where the model is in factors: its states are too many to list. */
  readonly value: readonly (number | null)[] | null
}

/** What `--compare` adds to the document of `cadre solve --json`. */
export interface Comparisons {
  /** V of acting at random under the start distribution: what normalised regrets are scaled by. */
  readonly random: number | null
  readonly comparisons: readonly Comparison[]
}

/**
 * Holds policies against the optimum of a solved model.
 * @param uses - folders of bundles, names of policies, or files
 * @throws what refuses a policy, before any is evaluated
 */
export async function comparePolicies(
  uses: readonly string[],
  solved: {
    readonly setting: PolicySetting
    readonly model: JointMdp | FactoredMdp
    readonly discount: number
    readonly optimum: Optimum
    /** Null where the states are too many to list. */
    readonly spread: ((values: ArrayLike<number>) => readonly (number | null)[]) | null
  },
  registry: Registry,
): Promise<Comparisons> {
  const { setting, model, discount, optimum, spread } = solved
  const twice = uses.find((use, i) => uses.indexOf(use) !== i)
  if (twice !== undefined) throw new UsageError(`cadre solve: --compare ${twice} is given twice; give it once`)
  const policies = []
  for (const use of uses) policies.push(await policyFor(use, setting, { baseDir: process.cwd(), registry }))
  const uniform = random.create({ spec: setting.spec, envConfig: setting.config }, {})
  const meter = new RegretMeter(model, discount, optimum, uniform)
  const comparisons = policies.map(({ name, kind, policy }): Comparison => {
    const { value, start, error, regret, normalised, worst } = meter.measure(name, policy)
    return {
      policy: name,
      kind,
      start: finite(start),
      regret: finite(regret),
      normalisedRegret: normalised,
      error,
      worst: { state: 'stateIds' in model ? model.stateIds[worst.state]! : worst.state, loss: finite(worst.loss) },
      value: spread === null ? null : spread(value).map((v) => (v === null ? null : finite(v))),
    }
  })
  return { random: finite(meter.random), comparisons }
}

/**
 * The comparisons as a table, with what it lacks explained.
 * @param within - how far V* may be off; differences below it count as 0
 */
export function describeComparisons({ random, comparisons }: Comparisons, within: number): string[] {
  const head = ['policy', 'V(start)', 'regret', 'normalised', 'largest loss', 'from state']
  const rows = comparisons.map(({ policy, start, regret, normalisedRegret, error, worst }) => {
    const loss = (value: number | null) => score(value !== null && value <= within + error ? 0 : value)
    return [policy, score(start), loss(regret), formatPercent(normalisedRegret), loss(worst.loss), String(worst.state)]
  })
  const endless = comparisons.some(({ worst }) => worst.loss === null)
  return [
    '',
    ...textTable([head, ...rows], [1, 2, 3, 4, 5]),
    `normalised: (V* - V) / (V* - Vrandom), Vrandom(start) = ${score(random)}`,
    ...(endless ? ["none: no finite value, as the policy needn't end from there and rewards go on"] : []),
  ]
}

function score(value: number | null): string {
  return value === null ? 'none' : formatScore(value)
}

/** Null for what JSON has no number for. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
