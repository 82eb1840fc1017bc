import { percent, plural } from '../page/numbers.js'
import { rangeOf, regret } from '../statistics/score-scale.js'
import type { CurvePoint } from './curve-points.js'
import { axisTitle, baseAxis, baseLayout, baseNarrow, type Figure, type FigurePart, plainText } from './figure.js'
import { type LabelledLines, labelledLines, referenceValues } from './reference-lines.js'
import { type Series, scoreSpan, type World, worldFormat } from './worlds.js'

const height = 440
const margin = { l: 62, t: 16, b: 52 }
const plotHeight = height - margin.t - margin.b

/** Shares up to this are what evaluation leaves open: they count as 0, which a logarithmic axis has no place for. */
const LEAST_REGRET = 1e-7

/** The lowest point of a curve that the axis of `scoreCurves` leaves out; null where it shows all. */
export function leftBelow(world: World): number | null {
  const values = drawnValues(world)
  const lowest = Math.min(...world.series.flatMap((series) => series.curve.map((point) => point.iqm)))
  return lowest < drawnRange(world, values).low ? lowest : null
}

/** Reward curves: interquartile mean and 95% band over seeds, with lines for what they are held against. */
export function scoreCurves(world: World): Figure {
  const format = worldFormat(world)
  const references = referenceValues(world)
  const { low, high } = drawnRange(world, drawnValues(world))
  const pad = 0.05 * (high - low || 1)
  const range = [low - pad, high + pad] as const
  const lines = labelledLines(
    references.map(({ name, value, strong }) => ({ text: `${name} ${format(value)}`, value, at: value, strong })),
    (range[1] - range[0]) / plotHeight,
  )
  const data = world.series.flatMap((series) =>
    curveTraces(series, world, (point) => ({ ...point, text: scoreText(point, world, format) })),
  )
  return curvesFigure(data, lines, {
    title: axisTitle(scoreTitle(world)),
    range,
  })
}

/**
 * The same as regret on a logarithmic axis, where the last percents show.
 * @returns null where no optimum is known
 */
export function regretCurves(world: World): Figure | null {
  if (rangeOf(world) === null) return null
  const toRegret = (score: number) => regret(score, world)!
  const all = world.series.flatMap((series) => series.curve.map((point) => toRegret(point.iqm)))
  const positive = all.filter((value) => value > LEAST_REGRET)
  if (positive.length === 0) return null
  const floor = Math.min(...positive) / 2
  const range = [Math.log10(floor), Math.log10(Math.max(1, ...all) * 1.25)] as const
  const known = referenceValues(world)
    .map((reference) => ({ ...reference, value: toRegret(reference.value) }))
    .filter((reference) => reference.value > floor)
    .sort((a, b) => b.value - a.value)
  const lines = labelledLines(
    known.map(({ name, value }) => {
      return { text: `${name} ${percent(value)}`, value, at: Math.log10(value), strong: false }
    }),
    (range[1] - range[0]) / plotHeight,
  )
  const data = world.series.flatMap((series) =>
    curveTraces(series, world, (point) => {
      const iqm = toRegret(point.iqm)
      const drawn = { ...point, iqm: iqm > LEAST_REGRET ? iqm : null }
      if (point.low === null || point.high === null) return { ...drawn, text: percent(iqm) }
      const low = toRegret(point.high)
      const high = toRegret(point.low)
      const text = `${percent(iqm)} (${percent(low)} to ${percent(high)})`
      return { ...drawn, low: Math.max(low, floor), high: Math.max(high, floor), text }
    }),
  )
  const ticks = [
    1e-7, 1e-6, 1e-5, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5,
  ]
  return curvesFigure(data, lines, {
    title: axisTitle('regret (log scale)'),
    type: 'log',
    range,
    tickvals: ticks,
    ticktext: ticks.map((tick) => `${Number((100 * tick).toPrecision(1))}%`),
  })
}

/** How scores are formed, for an axis: the expected return of a policy from the start, discounted below gamma 1. */
export function scoreTitle(world: World): string {
  const aggregate = { 'team-sum': ', team sum', 'agent-mean': ', mean over agents', shared: '' }
  const discounted = world.discount < 1 ? `discounted return (gamma ${world.discount}` : 'return (undiscounted'
  return `${discounted}${aggregate[world.score.aggregate]})`
}

/** One metric of learning against environment steps: the median over seeds, and the band of their middle half. */
export function metricCurves(world: World, name: string): Figure {
  const data = world.series.flatMap((series) => {
    const points = series.metrics.get(name) ?? []
    if (points.length === 0) return []
    const drawn = points.map(({ step, median, low, high, seeds }): DrawnPoint => {
      const text = `${metricText(median)} (${metricText(low)} to ${metricText(high)})`
      return { step, iqm: median, low, high, seeds, text }
    })
    return bandAndLine(series, drawn, world.replicate)
  })
  return curvesFigure(data, labelledLines([], 1), { title: axisTitle(name) })
}

function metricText(value: number): string {
  return String(Number(value.toPrecision(4)))
}

interface DrawnPoint {
  readonly step: number
  readonly iqm: number | null
  readonly low: number | null
  readonly high: number | null
  readonly seeds: number
  readonly text: string
}

/** A band and a line. */
function curveTraces(series: Series, world: World, drawn: (point: CurvePoint) => DrawnPoint): FigurePart[] {
  return bandAndLine(series, series.curve.map(drawn), world.replicate)
}

/**
 * The band where there is an interval, a line as far as all seeds got, and from there on a dotted one, which begins with a mark:
 * what few seeds do is no continuation of what all did.
 */
function bandAndLine(series: Series, points: readonly DrawnPoint[], replicate: World['replicate']): FigurePart[] {
  const banded = points.filter(({ low, high }) => low !== null && high !== null)
  const back = [...banded].reverse()
  const all = Math.max(0, ...points.map(({ seeds }) => seeds))
  const dropped = points.findIndex(({ seeds }) => seeds < all)
  const whole = dropped === -1 ? points : points.slice(0, dropped)
  const rest = dropped === -1 ? [] : points.slice(Math.max(0, dropped - 1))
  const shared = { type: 'scatter', meta: series.id, name: plainText(series.label), legendgroup: series.id }
  const band = {
    ...shared,
    mode: 'lines',
    x: [...banded, ...back].map((point) => point.step),
    y: [...banded.map((point) => point.high), ...back.map((point) => point.low)],
    fill: 'toself',
    fillcolor: `@${series.colour}/0.17`,
    line: { width: 0, color: `@${series.colour}` },
    hoverinfo: 'skip',
    showlegend: false,
  }
  return [
    ...(banded.length === 0 ? [] : [band]),
    {
      ...shared,
      mode: whole.length === 1 ? 'markers' : 'lines',
      x: whole.map((point) => point.step),
      y: whole.map((point) => point.iqm),
      customdata: whole.map((point) => point.text),
      line: { color: `@${series.colour}`, width: 2.4, dash: series.dash },
      marker: { color: `@${series.colour}`, size: 8 },
      hovertemplate: `${plainText(series.label)}: %{customdata}<extra></extra>`,
    },
    ...(rest.length === 0
      ? []
      : [
          {
            ...shared,
            mode: 'lines+markers',
            x: rest.map((point) => point.step),
            y: rest.map((point) => point.iqm),
            customdata: rest.map(({ text, seeds }) => `${text}, ${seeds} of ${plural(all, replicate)}`),
            line: { color: `@${series.colour}`, width: 1.4, dash: 'dot' },
            // A mark where seeds drop out, and only there.
            marker: { color: `@${series.colour}`, size: rest.map((_, i) => (i === 0 ? 10 : 0)), symbol: 'x-thin-open' },
            hovertemplate: `${plainText(series.label)}: %{customdata}<extra></extra>`,
            showlegend: false,
          },
        ]),
  ]
}

function curvesFigure(data: readonly FigurePart[], lines: LabelledLines, yaxis: FigurePart): Figure {
  return {
    data,
    layout: {
      ...baseLayout,
      height,
      margin: { ...margin, r: lines.margin },
      hovermode: 'x unified',
      xaxis: {
        ...baseAxis,
        title: axisTitle('environment steps'),
        tickformat: '~s',
        hoverformat: ',d',
        rangemode: 'tozero',
        showgrid: false,
        ticks: 'outside',
        showline: true,
      },
      yaxis: { ...baseAxis, ...yaxis },
      shapes: lines.shapes,
      annotations: lines.annotations,
    },
    narrow: {
      ...baseNarrow,
      hovermode: 'closest',
      margin: { l: 46, r: 8, t: 10, b: 46 },
      xaxis: { nticks: 5 },
      yaxis: { title: { standoff: 4 } },
      annotations: lines.narrowAnnotations,
    },
  }
}

function scoreText(point: CurvePoint, world: World, format: (score: number) => string): string {
  const share = regret(point.iqm, world)
  const { iqm, low, high } = point
  const interval = low === null || high === null ? format(iqm) : `${format(iqm)} (${format(low)} to ${format(high)})`
  return share === null ? interval : `${interval}, regret ${percent(share)}`
}

/** All that is drawn: references, and the curves with their bands. */
function drawnValues(world: World): number[] {
  return [
    ...referenceValues(world).map((reference) => reference.value),
    ...world.series.flatMap(({ curve }) => curve.flatMap(({ iqm, low, high }) => [low ?? iqm, high ?? iqm])),
  ]
}

/**
 * The scores shown at first. Untrained policies can be far worse than random: curves then enter from below, so that what
 * they reach is not squeezed into the top.
 */
function drawnRange(world: World, values: readonly number[]): { low: number; high: number } {
  if (values.length === 0) return { low: 0, high: 1 }
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (world.random === null) return { low, high }
  const ends = world.series.flatMap((series) => series.curve.slice(-1).map((point) => point.low ?? point.iqm))
  const floor = Math.min(world.random - 0.1 * scoreSpan(world), ...ends)
  return { low: Math.max(low, floor), high }
}
