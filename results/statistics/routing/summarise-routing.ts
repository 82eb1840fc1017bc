import seedrandom from 'seedrandom'
import type { EnvironmentRouting, RoutingScore } from '../../store/routing-records.js'
import type { RunData } from '../../store/run-data.js'
import { mean } from '../mean.js'
import { type FoldValues, type MetricInterval, metricInterval } from './metric-interval.js'
import { type MetricName, metricOnFold, policiesByFold, type RoutedPolicy } from './policies-by-fold.js'
import { type RidgeDifference, ridgeDifference, ridgePolicy } from './ridge-difference.js'

/** Metrics of one policy, null where unknown. CPTs are shares of strong calls in [0, 1], costs USD a query. */
export type Metrics<T> = { readonly [metric in MetricName]?: T | null }

/** Quality of a policy under one limit on the mean cost of a query. */
export interface BudgetSummary {
  /** Place of the budget on the way from the cheapest to the dearest single model. */
  readonly share: number
  /** USD a query, mean over folds. */
  readonly budget: number
  readonly quality: MetricInterval | null
}

/** A policy over all folds; `budgets` with more than two models of known costs. */
export type PolicySummary = Metrics<MetricInterval> & { readonly budgets?: readonly BudgetSummary[] }

/** What the policies of a run reach on held-out folds. */
export interface RoutingSummary {
  /** Seeds of a fold averaged; policies without a finished trial on a fold are left out there. */
  readonly folds: readonly { readonly fold: number; readonly policies: { readonly [name: string]: Metrics<number> } }[]
  readonly policies: { readonly [name: string]: PolicySummary }
  /** Empty where the run has no ridge policy. */
  readonly differences: { readonly [name: string]: RidgeDifference }
  /** Each model alone, and the per-query oracle under "oracle". */
  readonly references: { readonly [name: string]: Pick<Metrics<MetricInterval>, 'accuracy' | 'cost'> }
}

/**
 * What `cadre train --json` adds for a run on outcome tables. With several environments their folds share numbers, and
 * names are "ENVIRONMENT / NAME".
 * @returns null where the run has no routing.json
 */
export function routingSummary(data: RunData): RoutingSummary | null {
  if (data.routing === null) return null
  const summaries = Object.entries(data.routing.environments).map(([label, routing]) => {
    return { label, summary: summariseRouting(data, label, routing) }
  })
  if (summaries.length === 1) return summaries[0]!.summary
  const merged = <T>(select: (summary: RoutingSummary, label: string) => { readonly [name: string]: T }) =>
    Object.fromEntries(
      summaries.flatMap(({ label, summary }) =>
        Object.entries(select(summary, label)).map(([name, value]) => [`${label} / ${name}`, value] as const),
      ),
    )
  const longest = Math.max(0, ...summaries.map(({ summary }) => summary.folds.length))
  return {
    folds: Array.from({ length: longest }, (_, fold) => ({
      fold,
      policies: merged((summary) => summary.folds[fold]?.policies ?? {}),
    })),
    policies: merged((summary) => summary.policies),
    differences: merged((summary, label) =>
      Object.fromEntries(
        Object.entries(summary.differences).map(([name, one]) => [
          name,
          { ...one, against: `${label} / ${one.against}` },
        ]),
      ),
    ),
    references: merged((summary) => summary.references),
  }
}

/** Quality is accuracy under another name: one interval for both. */
function streamOf(metric: MetricName): string {
  return metric === 'quality' ? 'accuracy' : metric
}

/** The same for one environment, names as they are. */
export function summariseRouting(data: RunData, environment: string, routing: EnvironmentRouting): RoutingSummary {
  const { folds } = routing
  const metrics = reportedMetrics(routing)
  const stream = (...what: string[]) => seedrandom.alea(['bootstrap/routing', environment, ...what].join('/'))
  const tables = policiesByFold(data, environment, routing).map((policy) => ({
    policy,
    values: Object.fromEntries(metrics.map((metric) => [metric, valuesOf(policy, metric)])),
  }))
  const intervals = (name: string, values: (metric: MetricName) => FoldValues, of: readonly MetricName[]) =>
    Object.fromEntries(
      of.map((metric) => [metric, metricInterval(values(metric), folds, stream(name, streamOf(metric)))]),
    )
  const begun = tables.filter(({ policy }) => policy.scores.some((scores) => scores.length > 0))
  const ridge = ridgePolicy(begun.map(({ policy }) => policy))
  const metric = routing.pair === null ? 'quality' : 'apgr'
  const against = begun.find(({ policy }) => policy === ridge)
  const differences = begun.flatMap(({ policy, values }): [string, RidgeDifference][] => {
    if (against === undefined || policy === ridge) return []
    const one = ridgeDifference(values[metric]!, against.values[metric]!, folds, stream(policy.name, 'difference'))
    return one === null ? [] : [[policy.name, { metric, against: ridge!.name, ...one }]]
  })
  return {
    folds: folds.map((_, fold) => ({
      fold,
      policies: Object.fromEntries(
        begun
          .filter(({ policy }) => policy.scores[fold]!.length > 0)
          .map(({ policy, values }) => [
            policy.name,
            Object.fromEntries(metrics.map((name) => [name, values[name]![fold] ?? null])),
          ]),
      ),
    })),
    policies: Object.fromEntries(
      begun.map(({ policy, values }): [string, PolicySummary] => {
        const budgets = budgetsOf(policy, (values_, share) =>
          metricInterval(values_, folds, stream(policy.name, 'budget', String(share))),
        )
        const summary = intervals(policy.name, (name) => values[name]!, metrics)
        return [policy.name, budgets === null ? summary : { ...summary, budgets }]
      }),
    ),
    differences: Object.fromEntries(differences),
    references: Object.fromEntries(
      referencesOf(
        routing,
        begun.map(({ policy }) => policy),
      ).map(({ name, accuracy, cost }) => [
        name,
        intervals(name, (one) => (one === 'cost' ? cost : accuracy), ['accuracy', 'cost']),
      ]),
    ),
  }
}

/** The metrics that are reported for an environment; AIQ (see `aiqVariant`) where costs are known. */
export function reportedMetrics({ pair, baselines, oracle }: EnvironmentRouting): MetricName[] {
  const scores = [...Object.values(baselines), ...(oracle === null ? [] : [oracle])].flat()
  const priced: MetricName[] = scores.some((score) => score.aiq !== null) ? ['aiq'] : []
  return pair === null
    ? ['quality', 'accuracy', 'cost', ...priced]
    : ['apgr', 'cpt50', 'cpt80', 'accuracy', 'cost', ...priced]
}

function valuesOf({ scores }: RoutedPolicy, metric: MetricName): FoldValues {
  return scores.map((fold) => metricOnFold(fold, metric))
}

function budgetsOf(
  { scores }: RoutedPolicy,
  intervalOf: (values: FoldValues, share: number) => MetricInterval | null,
): BudgetSummary[] | null {
  const shares = scores.flat()[0]?.budgets?.map(({ share }) => share)
  if (shares === undefined) return null
  return shares.map((share, i) => {
    const at = (fold: readonly RoutingScore[]) => fold.flatMap((score) => score.budgets?.[i] ?? [])
    const quality = scores.map((fold) => {
      const known = at(fold).flatMap((one) => one.quality ?? [])
      return known.length === 0 ? null : mean(known)
    })
    return { share, budget: mean(scores.flatMap(at).map((one) => one.budget)), quality: intervalOf(quality, share) }
  })
}

interface Reference {
  readonly name: string
  readonly accuracy: FoldValues
  readonly cost: FoldValues
}

/** Each model alone on the folds of which any policy has a score, and the oracle. */
function referencesOf(routing: EnvironmentRouting, policies: readonly RoutedPolicy[]): Reference[] {
  const { models, folds, oracle } = routing
  const scored = folds.map((_, fold) => {
    return oracle?.[fold] ?? policies.flatMap((policy) => policy.scores[fold]!)[0]
  })
  const alone = models.map((name) => ({
    name,
    accuracy: scored.map((score) => score?.single[name]?.quality ?? null),
    cost: scored.map((score) => score?.single[name]?.cost ?? null),
  }))
  if (oracle === null) return alone
  return [
    ...alone,
    { name: 'oracle', accuracy: oracle.map((score) => score.accuracy), cost: oracle.map((score) => score.cost) },
  ]
}
