import { usdPerThousand } from '../../model/routed-curves.js'
import type { RoutedSeries } from '../../model/routed-series.js'
import type { RoutedWorld } from '../../model/routed-world.js'
import { type Column, swatch, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { percent } from '../../page/numbers.js'
import type { MetricInterval } from '../../statistics/routing/metric-interval.js'

/** A column: its heading and the cell of a policy. */
interface PolicyColumn {
  readonly name: string
  readonly cell: (series: RoutedSeries) => Html | string
}

/** All policies of an environment, best first, with intervals and the difference to ridge. */
export function routingTable(world: RoutedWorld): Html {
  const { series } = world
  const known = (metric: 'cost' | 'aiq') => series.some(({ summary }) => summary[metric])
  const metric = (
    name: string,
    value: (series: RoutedSeries) => MetricInterval | null | undefined,
    format: Format,
  ) => ({
    name,
    cell: (one: RoutedSeries) => withInterval(value(one), format),
  })
  const against = series.find(({ difference }) => difference !== null)?.difference?.against
  const budgets = series.find(({ summary }) => summary.budgets !== undefined)?.summary.budgets ?? []
  const columns: PolicyColumn[] = [
    ...(world.pair === null
      ? [metric('quality', ({ summary }) => summary.quality, percent)]
      : [
          metric('APGR', ({ summary }) => summary.apgr, thousandths),
          metric('CPT50', ({ summary }) => summary.cpt50, percent),
          metric('CPT80', ({ summary }) => summary.cpt80, percent),
          metric('accuracy', ({ summary }) => summary.accuracy, percent),
        ]),
    ...(against === undefined
      ? []
      : [
          { name: `ahead of ${against}`, cell: differenceCell },
          { name: 'corrected interval', cell: correctedCell },
        ]),
    ...(known('cost') ? [metric('USD for 1,000', ({ summary }) => summary.cost, usdPerThousand)] : []),
    ...(known('aiq') ? [metric('AIQ', ({ summary }) => summary.aiq, percent)] : []),
    ...budgets.map(({ share, budget }, i) =>
      metric(
        `at ${usdPerThousand(budget)}${share === 0 ? ' (cheapest)' : share === 1 ? ' (dearest)' : ''}`,
        ({ summary }) => summary.budgets?.[i]?.quality,
        percent,
      ),
    ),
  ]
  const headings: Column[] = [{ name: 'policy' }, ...columns.map(({ name }) => ({ name, number: true }))]
  const rows = series.map((one) => ({
    kind: one.kind === 'learned' ? ('learner' as const) : ('other' as const),
    cells: [html`${swatch(one.style)}${one.label}`, ...columns.map(({ cell }) => cell(one))],
  }))
  return table('Policies on held-out queries, best first; learned ones in bold', headings, rows)
}

type Format = (value: number) => string

function withInterval(metric: MetricInterval | null | undefined, format: Format): Html | string {
  if (metric === null || metric === undefined) return '\u2013'
  const { mean, low, high, reached, of } = metric
  const folds = reached === undefined ? '' : `, ${reached} of ${of} folds`
  if (low === null || high === null) return html`${format(mean)}<small>too few folds</small>`
  return html`${format(mean)}<small>${format(low)} to ${format(high)}${folds}</small>`
}

function differenceCell({ difference }: RoutedSeries): Html | string {
  if (difference === null) return '\u2013'
  const { mean, low, high } = difference
  return html`${signed(mean)}${low === null || high === null ? null : html`<small>${signed(low)} to ${signed(high)}</small>`}`
}

function correctedCell({ difference }: RoutedSeries): string {
  if (difference === null || difference.correctedLow === null || difference.correctedHigh === null) return '\u2013'
  return `${signed(difference.correctedLow)} to ${signed(difference.correctedHigh)}`
}

/** Three decimals, as APGR is published. */
export function thousandths(value: number): string {
  return value.toFixed(3).replace('-', '\u2212')
}

/** Three decimals with a sign. */
export function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${thousandths(value)}`
}
