import { percent, scoreFormat } from '../page/numbers.js'
import { regret } from '../statistics/regret.js'
import type { CurvePoint } from './curve-points.js'
import { axisTitle, baseAxis, baseLayout, baseNarrow, type Figure, type FigurePart, plainText } from './figure.js'
import { labelledLines, referenceValues } from './reference-lines.js'
import { type Series, scoreSpan, type World } from './worlds.js'

const height = 440
const margin = { l: 62, r: 16, t: 16, b: 52 }
const plotHeight = height - margin.t - margin.b

/** Reward curves: interquartile mean and 95% band over seeds, with lines for what they are held against. */
export function scoreCurves(world: World): Figure {
  const format = scoreFormat(scoreSpan(world))
  const references = referenceValues(world)
  const values = [
    ...references.map((reference) => reference.value),
    ...world.series.flatMap((series) => series.curve.flatMap((point) => [point.low, point.high])),
  ]
  const { low, high } = extent(values)
  const pad = 0.06 * (high - low || 1)
  const range = [low - pad, high + pad] as const
  const lines = labelledLines(
    references.map(({ name, value, strong }) => ({ text: plainText(`${name} ${format(value)}`), at: value, strong })),
    (range[1] - range[0]) / plotHeight,
  )
  const data = world.series.flatMap((series) =>
    curveTraces(series, (point) => ({ ...point, text: scoreText(point, world, format) })),
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
  if (world.optimum === null || world.random === null || world.optimum === world.random) return null
  const toRegret = (score: number) => regret(score, world)!
  const all = world.series.flatMap((series) => series.curve.map((point) => toRegret(point.iqm)))
  const positive = all.filter((value) => value > 0)
  if (positive.length === 0) return null
  const floor = Math.min(...positive) / 2
  const range = [Math.log10(floor), Math.log10(Math.max(1, ...all) * 1.25)] as const
  const known = referenceValues(world)
    .map((reference) => ({ ...reference, value: toRegret(reference.value) }))
    .filter((reference) => reference.value > floor)
    .sort((a, b) => b.value - a.value)
  const lines = labelledLines(
    known.map(({ name, value }) => ({
      text: plainText(`${name} ${percent(value)}`),
      at: Math.log10(value),
      strong: false,
    })),
    (range[1] - range[0]) / plotHeight,
  )
  const data = world.series.flatMap((series) =>
    curveTraces(series, (point) => {
      const iqm = toRegret(point.iqm)
      const low = toRegret(point.high)
      const high = toRegret(point.low)
      const text = `${percent(iqm)} (${percent(low)} to ${percent(high)})`
      return { ...point, iqm: iqm > 0 ? iqm : null, low: Math.max(low, floor), high: Math.max(high, floor), text }
    }),
  )
  // A shape on a logarithmic axis is placed by its value, an annotation by the logarithm of it.
  const shapes = lines.shapes.map((shape, i) => ({ ...shape, y0: known[i]!.value, y1: known[i]!.value }))
  const ticks = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
  return curvesFigure(
    data,
    { ...lines, shapes },
    {
      title: axisTitle('regret (log scale)'),
      type: 'log',
      range,
      tickvals: ticks,
      ticktext: ticks.map((tick) => `${Number((100 * tick).toPrecision(1))}%`),
    },
  )
}

/** How scores are formed, for an axis. */
export function scoreTitle(world: World): string {
  const aggregate = { 'team-sum': 'team sum', 'agent-mean': 'mean over agents', shared: 'shared reward' }
  return `score (${aggregate[world.score.aggregate]} per ${world.score.over})`
}

interface DrawnPoint {
  readonly step: number
  readonly iqm: number | null
  readonly low: number
  readonly high: number
  readonly text: string
}

/** A band and a line. */
function curveTraces(series: Series, drawn: (point: CurvePoint) => DrawnPoint): FigurePart[] {
  const points = series.curve.map(drawn)
  const back = [...points].reverse()
  const shared = { type: 'scatter', meta: series.id, name: plainText(series.label), legendgroup: series.id }
  return [
    {
      ...shared,
      mode: 'lines',
      x: [...points, ...back].map((point) => point.step),
      y: [...points.map((point) => point.high), ...back.map((point) => point.low)],
      fill: 'toself',
      fillcolor: `@${series.colour}/0.17`,
      line: { width: 0, color: `@${series.colour}` },
      hoverinfo: 'skip',
      showlegend: false,
    },
    {
      ...shared,
      mode: points.length === 1 ? 'markers' : 'lines',
      x: points.map((point) => point.step),
      y: points.map((point) => point.iqm),
      customdata: points.map((point) => point.text),
      line: { color: `@${series.colour}`, width: 2.4, dash: series.dash },
      marker: { color: `@${series.colour}`, size: 8 },
      hovertemplate: `${plainText(series.label)}: %{customdata}<extra></extra>`,
    },
  ]
}

function curvesFigure(
  data: readonly FigurePart[],
  lines: { shapes: readonly FigurePart[]; annotations: readonly FigurePart[] },
  yaxis: FigurePart,
): Figure {
  return {
    data,
    layout: {
      ...baseLayout,
      height,
      margin,
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
      ...lines,
    },
    narrow: {
      ...baseNarrow,
      hovermode: 'closest',
      margin: { l: 46, r: 8, t: 10, b: 46 },
      xaxis: { nticks: 5 },
      yaxis: { title: { standoff: 4 } },
    },
  }
}

function scoreText(point: CurvePoint, world: World, format: (score: number) => string): string {
  const share = regret(point.iqm, world)
  const interval = `${format(point.iqm)} (${format(point.low)} to ${format(point.high)})`
  return share === null ? interval : `${interval}, regret ${percent(share)}`
}

function extent(values: readonly number[]): { low: number; high: number } {
  return values.length === 0 ? { low: 0, high: 1 } : { low: Math.min(...values), high: Math.max(...values) }
}
