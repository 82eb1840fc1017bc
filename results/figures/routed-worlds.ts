import { ownValue } from '#env/own-value.js'
import { seriesColour, seriesDash } from '../page/palette.js'
import { policiesByFold, type RoutedPolicy } from '../statistics/routing/policies-by-fold.js'
import { type RidgeDifference, ridgePolicy } from '../statistics/routing/ridge-difference.js'
import { type PolicySummary, type RoutingSummary, summariseRouting } from '../statistics/routing/summarise-routing.js'
import type { EnvironmentRouting } from '../store/routing-records.js'
import type { RunData } from '../store/run-data.js'

/** A routing policy over the folds of an environment, ready to be drawn. */
export interface RoutedSeries extends RoutedPolicy {
  /** The same in all figures of a page. */
  readonly id: string
  /** The name, with the regime in which it learned where that is known and the name doesn't tell. */
  readonly label: string
  /** What it saw of outcomes while learning: "full", "bandit", ...; null where not known. */
  readonly regime: string | null
  readonly colour: string
  /** Solid for learned policies. */
  readonly dash: string
  /** Not drawn until its name is pressed, so that the others can be told apart. */
  readonly hidden: boolean
  readonly summary: PolicySummary
  /** Null for ridge itself, and where the run has none. */
  readonly difference: RidgeDifference | null
}

/** One environment with an outcome table. */
export interface RoutedWorld {
  readonly label: string
  readonly routing: EnvironmentRouting
  readonly summary: RoutingSummary
  /** Best first: by APGR, or by quality with more than two models. */
  readonly series: readonly RoutedSeries[]
}

/** The environments of a run that have an outcome table, with all policies that have a score there. */
export function routedWorlds(run: RunData): RoutedWorld[] {
  return Object.entries(run.routing?.environments ?? {}).map(([label, routing], world): RoutedWorld => {
    const summary = summariseRouting(run, label, routing)
    const policies = policiesByFold(run, label, routing).filter(({ name }) => Object.hasOwn(summary.policies, name))
    const ridge = ridgePolicy(policies)
    const others = policies.filter((policy) => policy !== ridge)
    const learned = policies.filter(({ kind }) => kind === 'learned').length
    const series = policies.map((policy, i): RoutedSeries => {
      const regime = policy.kind === 'learned' ? regimeOf(run, policy.name, label) : null
      const place = others.indexOf(policy)
      return {
        ...policy,
        id: `routing-${world}-${i}`,
        label: `${regime === null || policy.name.includes(regime) ? policy.name : `${policy.name} (${regime})`}${missing(policy)}`,
        regime,
        colour: policy === ridge ? 'fg' : seriesColour(place),
        dash:
          policy.kind === 'learned'
            ? 'solid'
            : policy === ridge
              ? 'dash'
              : seriesDash(1 + 2 * Math.floor((place - learned) / 8)),
        hidden: false,
        summary: summary.policies[policy.name]!,
        difference: ownValue(summary.differences, policy.name) ?? null,
      }
    })
    // What is missing might be the hard folds: policies that lack some come last.
    const sorted = series.sort((a, b) => Number(isWhole(b)) - Number(isWhole(a)) || headMetric(b) - headMetric(a))
    const shown = shownAtFirst(sorted, ridge?.name)
    return { label, routing, summary, series: sorted.map((one) => ({ ...one, hidden: !shown.has(one) })) }
  })
}

/** Whether there is a score on every fold. */
function isWhole({ scores }: RoutedPolicy): boolean {
  return scores.every((fold) => fold.length > 0)
}

/** " (4 of 9 folds)" where some are missing. */
function missing(policy: RoutedPolicy): string {
  const { scores } = policy
  return isWhole(policy) ? '' : ` (${scores.filter((fold) => fold.length > 0).length} of ${scores.length} folds)`
}

/** APGR, or quality with more than two models; below everything where unknown. */
export function headMetric({ summary }: RoutedSeries): number {
  return (summary.quality ?? summary.apgr)?.mean ?? Number.NEGATIVE_INFINITY
}

/** "5 \u00d7 5 folds", or the number of folds where repetitions differ. */
export function foldScheme({ folds }: EnvironmentRouting): string {
  const repetitions = [...new Set(folds.map((fold) => fold.repetition))]
  const each = repetitions.map((repetition) => folds.filter((fold) => fold.repetition === repetition).length)
  if (each.some((count) => count !== each[0])) return `${folds.length} folds`
  return repetitions.length === 1 ? `${each[0]} folds` : `${repetitions.length} \u00d7 ${each[0]} folds`
}

/** More lines than this lie on top of each other. */
const fewEnough = 6

/** All of a few; of many the best learned policy of each regime, ridge, and the best other baseline. */
function shownAtFirst(series: readonly RoutedSeries[], ridge: string | undefined): Set<RoutedSeries> {
  const choosing = series.filter((one) => !callsOneModel(one))
  if (choosing.length <= fewEnough) return new Set(choosing)
  const learned = choosing.filter(({ kind }) => kind === 'learned')
  const regimes = [...new Set(learned.map(({ regime }) => regime))]
  const picked = [
    ...regimes.map((regime) => learned.find((one) => one.regime === regime)),
    choosing.find(({ name }) => name === ridge),
    choosing.find(({ kind, name }) => kind === 'baseline' && name !== ridge),
  ]
  return new Set(picked.filter((one) => one !== undefined))
}

/** What its configuration calls `feedback`, that of the algorithm or of the environment. */
function regimeOf(run: RunData, algorithm: string, environment: string): string | null {
  const { algorithms, environments } = run.manifest
  for (const config of [algorithms[algorithm]?.config, environments[environment]?.config]) {
    if (typeof config !== 'object' || config === null || Array.isArray(config)) continue
    if (typeof config.feedback === 'string') return config.feedback
  }
  return null
}

/** Always one model, and no scores to sweep: the figure has its straight line between the models anyway. */
function callsOneModel({ scores }: RoutedPolicy): boolean {
  return scores.flat().every(({ chosen, apgr }) => {
    const one = Object.values(chosen).some((share) => share === 1)
    return one && (apgr === null || Math.abs(apgr - 0.5) < 1e-9)
  })
}
