import type { HeldOut, PreparedData } from '#env/data-contract.js'
import { mean } from '#results/statistics/mean.js'
import { perQueryOracle } from '#results/statistics/routing/routed-outcomes.js'
import { scoreRouting } from '#results/statistics/routing/score-routing.js'
import type { EnvironmentReferences, PolicyReference, ReferenceFailure } from '#results/store/references.js'
import type { EnvironmentRouting, FoldRecord, RoutingScore } from '#results/store/routing-records.js'
import type { FoldPlan } from '../plan/trial-plan.js'

/** One fold's rows held out, and how baselines and the oracle route them. */
export interface FoldRouting {
  readonly models: readonly string[]
  readonly pair: { readonly weak: string; readonly strong: string } | null
  readonly fold: FoldRecord
  readonly baselines: { readonly [label: string]: RoutingScore }
  readonly oracle: RoutingScore
}

export function foldRouting(
  { repetition, fold }: FoldPlan,
  { examples, heldOut }: PreparedData,
  baselines: readonly (readonly [string, RoutingScore])[],
): FoldRouting {
  const { models, pair } = heldOut
  return {
    models,
    pair: pair === null ? null : { weak: models[pair.weak]!, strong: models[pair.strong]! },
    fold: { repetition, fold, trainRows: examples.rows.length, testRows: heldOut.rows.length },
    baselines: Object.fromEntries(baselines),
    oracle: scoreOracle(heldOut),
  }
}

/** The folds of one environment as a run stores them, in the order of the folds. */
export function joinRouting(folds: readonly FoldRouting[]): EnvironmentRouting {
  const { models, pair, baselines } = folds[0]!
  return {
    models: [...models],
    pair,
    folds: folds.map(({ fold }) => fold),
    baselines: Object.fromEntries(
      Object.keys(baselines)
        .filter((label) => folds.every((one) => Object.hasOwn(one.baselines, label)))
        .map((label) => [label, folds.map((one) => one.baselines[label]!)]),
    ),
    oracle: folds.map(({ oracle }) => oracle),
  }
}

/**
 * References over all folds: the mean of each value, so that scores of trials, one a fold, are held against their mean. What
 * failed on some fold is left out.
 */
export function joinReferences(folds: readonly EnvironmentReferences[]): EnvironmentReferences {
  const first = folds[0]!
  const over = (value: (one: EnvironmentReferences) => number | null): number | null => {
    const values = folds.map(value)
    return values.includes(null) ? null : mean(values as number[])
  }
  const failures = folds.flatMap((one) => one.failures ?? [])
  const policies = first.policies.flatMap(({ name }) => {
    const every = folds.map((one) => one.policies.find((policy) => policy.name === name))
    if (every.includes(undefined)) return []
    const mine = (value: (one: PolicyReference) => number | null) => {
      const values = every.map((policy) => value(policy!))
      return values.includes(null) ? null : mean(values as number[])
    }
    const [value, normalised, regret] = [
      mine((one) => one.value)!,
      mine((one) => one.normalised),
      mine((one) => one.regret),
    ]
    const method = every.find((policy) => policy!.method !== undefined)?.method
    return [{ name, value, ...(method === undefined ? {} : { method }), normalised, regret }]
  })
  return {
    ...first,
    optimum: over(({ optimum }) => optimum),
    random: over(({ random }) => random),
    resolution: Math.max(...folds.map(({ resolution = 0 }) => resolution)),
    policies,
    ...(failures.length === 0 ? {} : { failures: oncePerName(failures) }),
  }
}

function oncePerName(failures: readonly ReferenceFailure[]): ReferenceFailure[] {
  return [...new Map(failures.toReversed().map((failure) => [failure.name, failure])).values()].reverse()
}

function scoreOracle({ models, quality, cost, rows, pair }: HeldOut): RoutingScore {
  const free = cost ?? new Float64Array(quality.length)
  const choice = perQueryOracle({ rows: rows.length, models: models.length, quality, cost: free })
  return scoreRouting({ models, choice, scores: quality, quality, cost, pair })
}
