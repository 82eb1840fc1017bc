import seedrandom from 'seedrandom'
import { ownValue } from '#env/own-value.js'
import { metricOnFold, policiesByFold, type RoutedPolicy } from '../statistics/routing/policies-by-fold.js'
import { type RidgeDifference, ridgeDifference, ridgePolicy } from '../statistics/routing/ridge-difference.js'
import { type RoutingSummary, summariseRouting } from '../statistics/routing/summarise-routing.js'
import type { EnvironmentRouting } from '../store/routing-records.js'
import type { RunData } from '../store/run-data.js'
import type { CurvesModel, Row, RowsModel, Style } from './figure-model.js'
import { costQualityCurves, strongCallCurves } from './routed-curves.js'
import type { Routed, RoutedScores, RoutedSeries } from './routed-series.js'
import { algorithmKey, policyKey, type StyleBook } from './style-book.js'
import { nameOf, settingOf } from './world.js'

/** One environment with an outcome table, in plain JSON: what tables, figures and words are made from. */
export interface RoutedWorld {
  readonly label: string
  readonly models: readonly string[]
  readonly pair: EnvironmentRouting['pair']
  /** "5 \u00d7 5 folds". */
  readonly scheme: string
  /** Queries in all, and held out in the smallest and the largest fold. */
  readonly queries: { readonly all: number; readonly least: number; readonly most: number }
  readonly references: RoutingSummary['references']
  /** Best first: by APGR, or by quality with more than two models. */
  readonly series: readonly RoutedSeries[]
  readonly figures: {
    /** Each policy's difference to the baseline; null where there is none. */
    readonly differences: RowsModel | null
    readonly calls: CurvesModel | null
    readonly cost: CurvesModel | null
  }
}

/** The environments of a run that have an outcome table, with all policies that have a score there. */
export function routedWorlds(run: RunData, styles: StyleBook): RoutedWorld[] {
  return Object.entries(run.routing?.environments ?? {}).map(([label, routing], world): RoutedWorld => {
    const summary = summariseRouting(run, label, routing)
    const policies = policiesByFold(run, label, routing).filter(({ name }) => Object.hasOwn(summary.policies, name))
    const ridge = ridgePolicy(policies)
    const series = policies.map((policy, i) => {
      const { name, kind, scores } = policy
      const regime = kind === 'learned' ? regimeOf(run, name, label) : null
      return {
        name,
        kind,
        scores,
        id: `routing-${world}-${i}`,
        label: `${regime === null || name.includes(regime) ? name : `${name} (${regime})`}${missing(policy)}`,
        regime,
        style: styleOf(run, policy, styles),
        hidden: false,
        summary: summary.policies[name]!,
        difference: ownValue(summary.differences, name) ?? null,
      }
    })
    // What is missing might be the hard folds: policies that lack some come last.
    const sorted = series.sort((a, b) => Number(isWhole(b)) - Number(isWhole(a)) || headMetric(b) - headMetric(a))
    const shown = shownAtFirst(sorted, ridge?.name)
    const held = ridge === undefined ? againstBaseline(sorted, label, routing) : sorted
    const drawn: Routed = {
      label,
      scheme: foldScheme(routing),
      routing,
      summary,
      series: held.map((one, i) => ({ ...one, hidden: !shown.has(sorted[i]!) })),
    }
    const sizes = routing.folds.map((fold) => fold.testRows)
    const whole = routing.folds.filter(({ repetition }) => repetition === routing.folds[0]!.repetition)
    return {
      label,
      models: routing.models,
      pair: routing.pair,
      scheme: drawn.scheme,
      queries: {
        all: whole.reduce((sum, fold) => sum + fold.testRows, 0),
        least: Math.min(...sizes),
        most: Math.max(...sizes),
      },
      references: summary.references,
      series: drawn.series.map(({ scores: _, ...plain }) => plain),
      figures: { differences: differenceRows(drawn), calls: strongCallCurves(drawn), cost: costQualityCurves(drawn) },
    }
  })
}

/** Where the run has no ridge: differences to the baseline with the highest mean. */
function againstBaseline<S extends Omit<RoutedSeries, 'difference'> & RoutedScores>(
  sorted: readonly S[],
  label: string,
  { folds, pair }: EnvironmentRouting,
): (S & { difference: RidgeDifference | null })[] {
  const metric = pair === null ? 'quality' : 'apgr'
  const best = sorted.find(({ kind, scores }) => kind === 'baseline' && isWhole({ scores }))
  const valuesOf = ({ scores }: RoutedScores) => scores.map((fold) => metricOnFold(fold, metric))
  return sorted.map((one) => {
    if (best === undefined || one === best) return { ...one, difference: null }
    const uniform = seedrandom.alea(`bootstrap/routing-differences/${label}/${one.name}`)
    const found = ridgeDifference(valuesOf(one), valuesOf(best), folds, uniform)
    return { ...one, difference: found === null ? null : { metric, against: best.name, ...found } }
  })
}

/** How far policies are ahead of the baseline, fold by fold, with intervals; null where no policy has a difference. */
function differenceRows({ label, scheme, routing, series }: Routed): RowsModel | null {
  const rows = series.flatMap(({ id, label, kind, style, difference, scores }): Row[] => {
    if (difference === null) return []
    const { mean, low, high, correctedLow, correctedHigh } = difference
    const of = scores.filter((fold) => fold.length > 0).length
    const corrected = correctedLow !== null && correctedHigh !== null
    const whisker = corrected ? { low: correctedLow, high: correctedHigh } : { low, high }
    const inner = corrected && low !== null && high !== null ? { inner: { low, high } } : {}
    const told = kind === 'learned' ? ('learner' as const) : ('baseline' as const)
    return [{ id, label, kind: told, style, value: mean, ...whisker, ...inner, of, regret: null }]
  })
  const against = series.find(({ difference }) => difference !== null)?.difference?.against
  if (against === undefined) return null
  const measure = routing.pair === null ? 'quality' : 'APGR'
  return {
    title: `${label}: ahead of ${against}, fold by fold`,
    measure: `${measure}, ahead`,
    axis: {
      title: `${measure} ahead of ${against} on the same folds`,
      scale: 'linear',
      range: null,
      numbers: { as: routing.pair === null ? 'points' : 'signed' },
    },
    replicate: 'fold',
    bars: false,
    rows: rows.sort((a, b) => b.value - a.value),
    lines: [{ name: against, value: 0, strong: true }],
    leftOut: [],
    caption: [
      `Dot: mean over ${scheme} of the difference to ${against} on the same fold; right of the line is ahead. Thick: bootstrap 95% interval. Thin: corrected for what folds share (Nadeau and Bengio 2003); where it holds 0, the two aren't told apart.`,
    ],
  }
}

/** Learned policies by their algorithm; ridge, which others are held against, in the colour of text. */
function styleOf(run: RunData, { name, kind }: RoutedPolicy, styles: StyleBook): Style {
  if (kind === 'learned') return styles.style(algorithmKey(nameOf(run, name)), settingOf(run, name).place)
  const label = name.replace(/ \(baseline\)$/, '')
  return styles.style(policyKey(label), 0)
}

/** Whether there is a score on every fold. */
function isWhole({ scores }: RoutedScores): boolean {
  return scores.every((fold) => fold.length > 0)
}

/** " (4 of 9 folds)" where some are missing. */
function missing(policy: RoutedScores): string {
  const { scores } = policy
  return isWhole(policy) ? '' : ` (${scores.filter((fold) => fold.length > 0).length} of ${scores.length} folds)`
}

/** APGR, or quality with more than two models; below everything where unknown. */
export function headMetric({ summary }: Pick<RoutedSeries, 'summary'>): number {
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
function shownAtFirst<S extends Pick<RoutedSeries, 'name' | 'kind' | 'regime'> & RoutedScores>(
  series: readonly S[],
  ridge: string | undefined,
): Set<S> {
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
function callsOneModel({ scores }: RoutedScores): boolean {
  return scores.flat().every(({ chosen, apgr }) => {
    const one = Object.values(chosen).some((share) => share === 1)
    return one && (apgr === null || Math.abs(apgr - 0.5) < 1e-9)
  })
}
