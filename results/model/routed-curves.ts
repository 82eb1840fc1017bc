import { ownValue } from '#env/own-value.js'
import type { Curve, CurvePoint, CurvesModel, NamedPoint, ReferenceLine } from './figure-model.js'
import type { Routed, RoutedSeries } from './routed-series.js'
import { type BandPoint, costBands, costRange, strongCallBands } from './routing-bands.js'

const percentAxis = (title: string, range: readonly [number, number] | null) =>
  ({ title, scale: 'linear', range, numbers: { as: 'percent' } }) as const

/**
 * Quality over the share of strong calls: mean over folds and its 95% band, with the two models, their random mix and the
 * per-query oracle.
 * @returns null with more than two models
 */
export function strongCallCurves(world: Routed): CurvesModel | null {
  const { pair } = world.routing
  if (pair === null) return null
  const curves = world.series.map((series) => curveOf(series, strongCallBands(world, series)))
  const value = (name: string) => ownValue(world.summary.references, name)?.accuracy?.mean ?? null
  const lines = [
    { name: 'per-query oracle', value: value('oracle'), strong: true },
    { name: `always ${pair.strong}`, value: value(pair.strong), strong: false },
    { name: `always ${pair.weak}`, value: value(pair.weak), strong: false },
  ]
    .flatMap(({ value, ...line }): ReferenceLine[] => (value === null ? [] : [{ ...line, value }]))
    .sort((a, b) => b.value - a.value)
  const [weak, strong] = [value(pair.weak), value(pair.strong)]
  const all = [
    ...lines.map((line) => line.value),
    ...curves.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [low ?? y, high ?? y])),
  ]
  return {
    title: `${world.label}: quality over strong calls`,
    x: percentAxis(`share of queries sent to ${pair.strong}`, [0, 1]),
    y: percentAxis('mean quality of the answers', all.length === 0 ? [0, 1] : padded(all, 0.05)),
    replicate: 'fold',
    curves,
    lines,
    points: [],
    mix:
      weak === null || strong === null
        ? null
        : [
            [0, weak],
            [1, strong],
          ],
    cut: null,
    caption: [
      ...lineCaption(world),
      "The share of strong calls moves with a threshold on the policy's scores; the dotted line mixes the two models at random.",
    ],
  }
}

/**
 * Quality over cost: the mean over folds of each policy's non-decreasing convex hull with its 95% band, where the policy
 * itself works, the single models and the per-query oracle.
 * @returns null where costs aren't known
 */
export function costQualityCurves(world: Routed): CurvesModel | null {
  const ranges = world.series.flatMap(({ scores }) => scores.flat().flatMap((score) => costRange(score) ?? []))
  if (ranges.length === 0) return null
  const min = Math.min(...ranges.map((range) => range.min))
  const max = Math.max(...ranges.map((range) => range.max))
  // Between two models cost is linear in the share of calls.
  const log = world.routing.pair === null && min > 0 && max / min > 5
  const curves = world.series.flatMap((series): Curve[] => {
    const { accuracy, cost } = series.summary
    if (!accuracy || !cost) return []
    const band = costBands(world, series, log).map((point) => ({ ...point, x: 1000 * point.x }))
    return [{ ...curveOf(series, band), own: { x: 1000 * cost.mean, y: accuracy.mean } }]
  })
  const points = Object.entries(world.summary.references).flatMap(([name, { accuracy, cost }]): NamedPoint[] => {
    if (!accuracy || !cost) return []
    return [{ name, y: accuracy.mean, x: 1000 * cost.mean, symbol: name === 'oracle' ? 'star' : 'diamond' }]
  })
  const drawn = [
    ...curves.flatMap(({ points: own, own: dot }) => [
      ...own.map(({ x, y, low, high }) => ({ x, ys: [low ?? y, high ?? y] })),
      ...(dot === null ? [] : [{ x: dot.x, ys: [dot.y] }]),
    ]),
    ...points.map(({ x, y }) => ({ x, ys: [y] })),
  ]
  const xs = drawn.map(({ x }) => x)
  const oracle = points.find(({ symbol }) => symbol === 'star')
  return {
    title: `${world.label}: quality over cost`,
    x: {
      title: `cost of 1,000 queries, USD${log ? ' (log scale)' : ''}`,
      scale: log ? 'log' : 'linear',
      range: log ? paddedLog(xs, 0.04) : padded(xs, 0.04),
      numbers: { as: 'usd' },
    },
    y: percentAxis(
      'mean quality of the answers',
      padded(
        drawn.flatMap(({ ys }) => ys),
        0.05,
      ),
    ),
    replicate: 'fold',
    curves,
    lines: oracle === undefined ? [] : [{ name: '', value: oracle.y, strong: false }],
    points,
    mix: null,
    cut: null,
    caption: [
      ...lineCaption(world),
      'A line is the non-decreasing convex hull, which knows each fold\u2019s outcomes and so flatters a little; dots are policies as they choose themselves, diamonds single models, the star the per-query oracle.',
      ...(points.length > 2 ? ['Models without room for their name tell it when pointed at.'] : []),
    ],
  }
}

/** "$0.21", of 1,000 queries. */
export function usdPerThousand(usd: number): string {
  return `$${Number((1000 * usd).toPrecision(3))}`
}

function lineCaption({ scheme, series }: Routed): string[] {
  const grey = series.some(({ style }) => style.colour === 'muted')
  return [
    `Line: mean over ${scheme}. Band: bootstrap 95% interval of that mean, folds drawn within their repetition. Heavy: learned from rewards, one colour an algorithm, dash by its settings; thin: baselines.`,
    ...(grey ? ['Grey: more policies than there are colours; told apart by dash and mark.'] : []),
  ]
}

function curveOf(series: RoutedSeries, band: readonly BandPoint[]): Curve {
  return {
    id: series.id,
    label: series.label,
    style: series.style,
    strong: series.kind === 'learned',
    hidden: series.hidden,
    points: band.map(({ x, mean, low, high, of }): CurvePoint => ({ x, y: mean, low, high, of })),
    own: null,
  }
}

function padded(values: readonly number[], share: number): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const pad = share * (high - low || 1)
  return [low - pad, high + pad]
}

function paddedLog(values: readonly number[], share: number): [number, number] {
  const [low, high] = padded(values.map(Math.log10), share)
  return [10 ** low, 10 ** high]
}
