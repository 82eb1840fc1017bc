import { percent } from '../page/numbers.js'
import {
  axisTitle,
  baseAxis,
  baseLayout,
  baseNarrow,
  type Figure,
  type FigurePart,
  plainText,
  referenceLine,
} from './figure.js'
import { freeLabels } from './free-labels.js'
import type { RoutedWorld } from './routed-worlds.js'
import { costBands, costRange } from './routing-bands.js'
import { bandTraces } from './routing-figure.js'

const height = 500
const margin = { l: 62, t: 22, b: 54, r: 24 }

/** "$0.21", of 1,000 queries. */
export function usdPerThousand(usd: number): string {
  return `$${Number((1000 * usd).toPrecision(3))}`
}

/**
 * Quality over cost: the mean over folds of each policy's non-decreasing convex hull with its 95% band, where the policy
 * itself works, the single models and the per-query oracle.
 * @returns null where costs aren't known
 */
export function costQualityCurves(world: RoutedWorld): Figure | null {
  const ranges = world.series.flatMap(({ scores }) => scores.flat().flatMap((score) => costRange(score) ?? []))
  if (ranges.length === 0) return null
  const min = Math.min(...ranges.map((range) => range.min))
  const max = Math.max(...ranges.map((range) => range.max))
  // Between two models cost is linear in the share of calls.
  const geometric = world.routing.pair === null && min > 0 && max / min > 5
  const data = world.series.flatMap((series) => {
    const { accuracy, cost } = series.summary
    if (accuracy === null || accuracy === undefined || cost === null || cost === undefined) return []
    const band = costBands(world, series, geometric).map((point) => ({ ...point, x: 1000 * point.x }))
    const own: FigurePart = {
      type: 'scatter',
      mode: 'markers',
      meta: series.id,
      x: [1000 * cost.mean],
      y: [accuracy.mean],
      marker: { color: `@${series.colour}`, size: 9, line: { color: '@surface', width: 1.4 } },
      hovertemplate: `${plainText(series.label)}, its own choices: ${percent(accuracy.mean)} at ${usdPerThousand(cost.mean)}<extra></extra>`,
      showlegend: false,
    }
    return [...bandTraces(series, band, ({ x }) => usdPerThousand(x / 1000)), own]
  })
  const points = Object.entries(world.summary.references).flatMap(([name, { accuracy, cost }]) => {
    if (!accuracy || !cost) return []
    return [{ name, quality: accuracy.mean, cost: 1000 * cost.mean, oracle: name === 'oracle' }]
  })
  const oracle = points.find((point) => point.oracle)
  const drawn = data.flatMap((trace) => [trace.x, trace.y] as [number[], number[]])
  const span = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const
  const place = (cost: number) => (geometric ? Math.log10(cost) : cost)
  const xs = span([...drawn.filter((_, i) => i % 2 === 0).flat(), ...points.map((point) => point.cost)].map(place))
  const ys = span([...drawn.filter((_, i) => i % 2 === 1).flat(), ...points.map((point) => point.quality)])
  const xRange = padded(xs, 0.04)
  const yRange = padded(ys, 0.05)
  const labels = freeLabels(
    points.map((point) => ({ text: point.name, x: place(point.cost), y: point.quality })),
    { x: xRange, y: yRange },
    { width: 940, height: height - margin.t - margin.b },
  )
  return {
    data: [...data, referencePoints(points)],
    layout: {
      ...baseLayout,
      height,
      margin,
      hovermode: 'closest',
      xaxis: {
        ...baseAxis,
        title: axisTitle(`cost of 1,000 queries, USD${geometric ? ' (log scale)' : ''}`),
        range: xRange,
        ...(geometric ? { type: 'log', ...dollarTicks(min * 1000, max * 1000) } : { tickprefix: '$' }),
        ticks: 'outside',
        showline: true,
        showgrid: false,
      },
      yaxis: { ...baseAxis, title: axisTitle('mean quality of the answers'), tickformat: '.0~%', range: yRange },
      shapes: oracle === undefined ? [] : [referenceLine('y', oracle.quality, false)],
      annotations: labels,
    },
    narrow: {
      ...baseNarrow,
      annotations: [],
      margin: { l: 46, r: 10, t: 14, b: 46 },
      yaxis: { title: { standoff: 4 } },
    },
  }
}

function padded([low, high]: readonly [number, number], share: number): [number, number] {
  const pad = share * (high - low || 1)
  return [low - pad, high + pad]
}

/** 1, 2 and 5 of every decade. */
function dollarTicks(min: number, max: number): FigurePart {
  const tickvals: number[] = []
  for (let decade = Math.floor(Math.log10(min)); decade <= Math.ceil(Math.log10(max)); decade++) {
    tickvals.push(...[1, 2, 5].map((digit) => Number((digit * 10 ** decade).toPrecision(1))))
  }
  return { tickvals, ticktext: tickvals.map((value) => `$${value}`) }
}

interface ReferencePoint {
  readonly name: string
  readonly quality: number
  readonly cost: number
  readonly oracle: boolean
}

/** Single models and the oracle. */
function referencePoints(points: readonly ReferencePoint[]): FigurePart {
  return {
    type: 'scatter',
    mode: 'markers',
    x: points.map((point) => point.cost),
    y: points.map((point) => point.quality),
    customdata: points.map(
      (point) => `${plainText(point.name)}: ${percent(point.quality)} at $${Number(point.cost.toPrecision(3))}`,
    ),
    hovertemplate: '%{customdata}<extra></extra>',
    marker: {
      symbol: points.map((point) => (point.oracle ? 'star' : 'diamond')),
      size: points.map((point) => (point.oracle ? 13 : 9)),
      color: '@fg',
      line: { color: '@surface', width: 1.2 },
    },
    showlegend: false,
  }
}
