import { usdPerThousand } from '../../model/routed-curves.js'
import type { RoutedSeries } from '../../model/routed-series.js'
import { headMetric, type RoutedWorld } from '../../model/routed-world.js'
import { type Html, html } from '../../page/html.js'
import { listed, percent } from '../../page/numbers.js'
import type { MetricInterval } from '../../statistics/routing/metric-interval.js'
import type { RidgeDifference } from '../../statistics/routing/ridge-difference.js'
import { signed, thousandths } from './routing-table.js'

/** What the folds show, in words. */
export function routingVerdict(world: RoutedWorld): Html {
  const learned = world.series.filter(({ kind }) => kind === 'learned')
  const best = bestLearned(world)
  const points = [
    ...(best === undefined ? [] : [...callsPoint(world, best), ...costPoint(best)]),
    ...regimePoints(world, learned),
    ...baselinesPoint(world, best),
    heldOut(world),
  ]
  const lead =
    best === undefined
      ? html`No learned policy has finished a fold yet.`
      : html`${bestInShort(world, best)} ${ridgeInFull(best)}`
  return html`<p class="card-lead">${lead}</p><ul>${points.map((point) => html`<li>${point}</li>`)}</ul>`
}

/** The best learned policy and where it stands, in one sentence. */
export function routingLead(world: RoutedWorld): Html {
  const best = bestLearned(world)
  if (best === undefined) return html`No learned policy has finished a fold yet.`
  const { difference } = best
  const against =
    difference === null
      ? ''
      : html` On the same folds it is <strong>${standingOf(difference)}</strong> (${signed(difference.mean)}).`
  return html`${bestInShort(world, best)}${against}`
}

/** Undefined until a fold is finished. */
export function bestLearned({ series }: RoutedWorld): RoutedSeries | undefined {
  return series.find((one) => one.kind === 'learned' && Number.isFinite(headMetric(one)))
}

function bestInShort(world: RoutedWorld, best: RoutedSeries): Html {
  return html`<strong>${best.label}</strong> routes best of the learned policies: ${headline(world, best)}.`
}

/** "APGR 0.640 (0.622 to 0.658)", or quality with more than two models. */
function headline({ pair }: RoutedWorld, { summary }: RoutedSeries): Html {
  return pair === null
    ? html`quality <strong>${percent(summary.quality!.mean)}</strong>${range(summary.quality!, percent)}`
    : html`APGR <strong>${thousandths(summary.apgr!.mean)}</strong>${range(summary.apgr!, thousandths)}`
}

/** In doubt where the two intervals disagree. */
function standingOf({ low, high, correctedLow, correctedHigh, against }: RidgeDifference): string {
  if (low === null || high === null) return `held against ${against} on too few folds to tell`
  if (low <= 0 && high >= 0) return `not told apart from ${against}`
  const sure = correctedLow === null || correctedHigh === null || correctedLow > 0 || correctedHigh < 0
  return `${low > 0 ? 'ahead of' : 'behind'} ${against}${sure ? '' : ', though not beyond doubt'}`
}

function ridgeInFull({ difference }: RoutedSeries): Html | string {
  if (difference === null) return ''
  const { mean, low, high, correctedLow, correctedHigh } = difference
  const corrected =
    correctedLow === null || correctedHigh === null
      ? ''
      : `; corrected for what folds share ${signed(correctedLow)} to ${signed(correctedHigh)}`
  const interval = low === null || high === null ? '' : ` (bootstrap ${signed(low)} to ${signed(high)}${corrected})`
  return html`Fold by fold it is ${standingOf(difference)}: ${signed(mean)}${interval}.`
}

function callsPoint(world: RoutedWorld, { label, summary }: RoutedSeries): Html[] {
  const { pair } = world
  const { cpt50, cpt80 } = summary
  if (pair === null || !cpt50 || !cpt80) return []
  return [
    html`${label} recovers half of the gap between ${pair.weak} and ${pair.strong} with <strong>${percent(cpt50.mean)}</strong> of the calls to ${pair.strong}, and 80% of it with ${percent(cpt80.mean)}.`,
  ]
}

function costPoint({ label, summary }: RoutedSeries): Html[] {
  const { cost, accuracy } = summary
  if (!cost || !accuracy) return []
  return [
    html`As it chooses itself, ${label} reaches a mean quality of ${percent(accuracy.mean)} at ${usdPerThousand(cost.mean)} for 1,000 queries.`,
  ]
}

/** The best policy of each regime of feedback, and how far apart they are. */
function regimePoints(world: RoutedWorld, learned: readonly RoutedSeries[]): Html[] {
  const regimes = [...new Set(learned.flatMap(({ regime }) => regime ?? []))]
  if (regimes.length < 2) return []
  const bests = regimes.map((regime) => learned.find((series) => series.regime === regime)!)
  const ranked = bests.sort((a, b) => headMetric(b) - headMetric(a))
  const gap = headMetric(ranked[0]!) - headMetric(ranked.at(-1)!)
  const parts = ranked.map((series) => html`${series.regime}: ${series.label}, ${headline(world, series)}; `)
  return [html`By what is seen while learning \u2013 ${parts}a gap of <strong>${thousandths(gap)}</strong>.`]
}

/** Baselines that the best learned policy is not ahead of. */
function baselinesPoint({ series }: RoutedWorld, best: RoutedSeries | undefined): Html[] {
  const baselines = series.filter(({ kind }) => kind === 'baseline')
  if (best === undefined || baselines.length === 0) return []
  const ahead = baselines.filter((one) => headMetric(one) > headMetric(best)).map(({ label }) => label)
  return [
    ahead.length === 0
      ? html`${baselines.length === 1 ? 'The baseline has no' : `None of ${baselines.length} baselines has a`} higher mean.`
      : html`Baselines with a higher mean: <strong>${listed(ahead)}</strong>.`,
  ]
}

function heldOut({ scheme, queries, pair, references }: RoutedWorld): Html {
  const { all, least, most } = queries
  const each = least === most ? `${least}` : `${least} to ${most}`
  const models = Object.entries(references)
    .filter(([name]) => pair !== null || name === 'oracle')
    .flatMap(([name, { accuracy }]) => (accuracy ? [`${name} ${percent(accuracy.mean)}`] : []))
  return html`${scheme} over ${all.toLocaleString('en')} queries, ${each} held out each time; no policy sees them while learning. ${models.length === 0 ? '' : `Mean quality: ${listed(models)}.`}`
}

function range({ low, high }: MetricInterval, format: (value: number) => string): string {
  return low === null || high === null ? '' : ` (95% interval ${format(low)} to ${format(high)})`
}
