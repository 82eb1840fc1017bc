import { ownValue } from '#env/own-value.js'
import { percent } from '../page/numbers.js'
import { axisTitle, baseAxis, baseLayout, baseNarrow, type Figure, type FigurePart, plainText } from './figure.js'
import { labelledLines } from './reference-lines.js'
import type { RoutedSeries, RoutedWorld } from './routed-worlds.js'
import { type BandPoint, strongCallBands } from './routing-bands.js'

const height = 460
const margin = { l: 62, t: 16, b: 54 }

/**
 * Quality over the share of strong calls: mean over folds and its 95% band, with the two models, their random mix and the
 * per-query oracle.
 * @returns null with more than two models
 */
export function strongCallCurves(world: RoutedWorld): Figure | null {
  const { pair } = world.routing
  if (pair === null) return null
  const { references } = world.summary
  const drawn = world.series.map((series) => ({ series, band: strongCallBands(world, series) }))
  const value = (name: string) => ownValue(references, name)?.accuracy?.mean ?? null
  const named = [
    { name: 'oracle', text: 'per-query oracle', strong: true },
    { name: pair.strong, text: `always ${pair.strong}`, strong: false },
    { name: pair.weak, text: `always ${pair.weak}`, strong: false },
  ].flatMap(({ name, text, strong }) => {
    const at = value(name)
    return at === null ? [] : [{ text: `${text} ${percent(at)}`, value: at, at, strong }]
  })
  const all = [
    ...named.map((line) => line.value),
    ...drawn.flatMap(({ band }) => band.flatMap(({ low, high }) => [low, high])),
  ]
  const pad = 0.05 * (Math.max(...all) - Math.min(...all) || 1)
  const range = [Math.min(...all) - pad, Math.max(...all) + pad] as const
  const lines = labelledLines(
    [...named].sort((a, b) => b.value - a.value),
    (range[1] - range[0]) / (height - margin.t - margin.b),
  )
  const mix: FigurePart = {
    type: 'scatter',
    mode: 'lines',
    x: [0, 1],
    y: [value(pair.weak), value(pair.strong)],
    line: { color: '@muted', width: 1.1, dash: 'dot' },
    hoverinfo: 'skip',
    showlegend: false,
  }
  return {
    data: [mix, ...drawn.flatMap(({ series, band }) => bandTraces(series, band, (point) => percent(point.x)))],
    layout: {
      ...baseLayout,
      height,
      margin: { ...margin, r: lines.margin },
      hovermode: 'closest',
      xaxis: {
        ...baseAxis,
        title: axisTitle(plainText(`share of queries sent to ${pair.strong}`)),
        tickformat: '.0~%',
        range: [0, 1],
        showgrid: false,
        ticks: 'outside',
        showline: true,
      },
      yaxis: { ...baseAxis, title: axisTitle('mean quality of the answers'), tickformat: '.0~%', range },
      shapes: lines.shapes,
      annotations: lines.annotations,
    },
    narrow: {
      ...baseNarrow,
      margin: { l: 46, r: 10, t: 10, b: 46 },
      xaxis: { nticks: 5 },
      yaxis: { title: { standoff: 4 } },
      annotations: lines.narrowAnnotations,
    },
  }
}

/** A band and a line over it. */
export function bandTraces(
  series: RoutedSeries,
  band: readonly BandPoint[],
  place: (point: BandPoint) => string,
): FigurePart[] {
  const back = [...band].reverse()
  const shared = { type: 'scatter', meta: series.id, name: plainText(series.label), legendgroup: series.id }
  return [
    {
      ...shared,
      mode: 'lines',
      x: [...band, ...back].map((point) => point.x),
      y: [...band.map((point) => point.high), ...back.map((point) => point.low)],
      fill: 'toself',
      fillcolor: `@${series.colour}/0.12`,
      line: { width: 0, color: `@${series.colour}` },
      hoverinfo: 'skip',
      showlegend: false,
    },
    {
      ...shared,
      mode: 'lines',
      x: band.map((point) => point.x),
      y: band.map((point) => point.mean),
      customdata: band.map(
        (point) =>
          `${percent(point.mean)} (${percent(point.low)} to ${percent(point.high)}) at ${plainText(place(point))}`,
      ),
      line: { color: `@${series.colour}`, width: series.kind === 'learned' ? 2.4 : 1.7, dash: series.dash },
      hovertemplate: `${plainText(series.label)}: %{customdata}<extra></extra>`,
    },
  ]
}
