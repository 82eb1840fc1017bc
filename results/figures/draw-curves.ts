import type { Axis, Curve, CurvePoint, CurvesModel, NamedPoint } from '../model/figure-model.js'
import { numberText } from '../model/number-style.js'
import { percent, plural } from '../page/numbers.js'
import { baseNarrow, type Figure, plainText, standingAlone } from './figure.js'
import { freeLabels } from './free-labels.js'
import { labelledLines } from './labelled-lines.js'
import type { Annotation, AxisLayout, ScatterTrace } from './plotly.js'

const height = 440
const margin = { l: 62, t: 16, b: 54 }
const plotHeight = height - margin.t - margin.b
/** Of a plot in a report, about. */
const plotWidth = 940

/** Curves with their bands, lines across, and points with names. */
export function drawCurves(model: CurvesModel): Figure {
  const { x, y, curves, points } = model
  const range = y.range
  const place = (axis: Axis) => (value: number) => (axis.scale === 'log' ? Math.log10(value) : value)
  const span = range === null ? 1 : place(y)(range[1]) - place(y)(range[0])
  const lines = labelledLines(model.lines, numberText(y.numbers), place(y), span / plotHeight)
  const cut = model.cut === null ? [] : [cutNote(model.cut)]
  const names = namesOf(model, place(x))
  const right = { ...margin, r: Math.max(lines.margin, names.length > 0 ? 24 : 0) }
  const unified = x.numbers.as === 'count'
  const legend = curves.filter(({ hidden }) => !hidden).length
  return {
    data: [...mixOf(model), ...curves.flatMap((curve) => curveTraces(curve, model)), ...pointTraces(points, model)],
    layout: {
      height,
      margin: right,
      hovermode: unified ? 'x unified' : 'closest',
      xaxis: { ...axisLayout(x), showgrid: false, ticks: 'outside', showline: true },
      yaxis: axisLayout(y),
      shapes: lines.shapes,
      annotations: [...lines.annotations, ...names, ...cut],
    },
    narrow: {
      ...baseNarrow,
      hovermode: 'closest',
      margin: { l: 46, r: 10, t: 10, b: 46 },
      xaxis: { nticks: 5 },
      yaxis: { title: { standoff: 4 } },
      annotations: [...lines.narrowAnnotations, ...cut],
    },
    alone: standingAlone(model.title, model.caption, { height, margin: right, legend }),
  }
}

/** A band where there is an interval, a line as far as all replicates got, and what comes after. */
function curveTraces(curve: Curve, model: CurvesModel): ScatterTrace[] {
  const { points, style, own, strong } = curve
  const { x, y, replicate } = model
  const floor = y.scale === 'log' ? y.range![0] : Number.NEGATIVE_INFINITY
  const most = Math.max(0, ...points.map(({ of }) => of))
  const dropped = points.findIndex(({ of }) => of < most)
  const whole = dropped === -1 ? points : points.slice(0, dropped)
  const rest = dropped === -1 ? [] : points.slice(Math.max(0, dropped - 1))
  const colour = `@${style.colour}` as const
  const shared = { type: 'scatter', meta: curve.id, name: plainText(curve.label), legendgroup: curve.id } as const
  const said = (point: CurvePoint) => pointText(point, model)
  // A logarithmic axis has no place for what lies below it: the line breaks off there.
  const drawn = ({ y: value }: CurvePoint) => (value < floor ? null : value)
  const hovertemplate = `${plainText(curve.label)}: %{customdata}<extra></extra>`
  const traces: ScatterTrace[] = []
  const banded = points.filter(hasInterval)
  if (banded.length > 0) {
    const back = [...banded].reverse()
    traces.push({
      ...shared,
      mode: 'lines',
      x: [...banded, ...back].map((point) => point.x),
      y: [...banded.map(({ high }) => Math.max(high, floor)), ...back.map(({ low }) => Math.max(low, floor))],
      fill: 'toself',
      fillcolor: `@${style.colour}/${strong ? 0.17 : 0.1}`,
      line: { width: 0, color: colour },
      hoverinfo: 'skip',
      showlegend: false,
    })
  }
  traces.push({
    ...shared,
    mode: whole.length === 1 ? 'markers' : style.marked ? 'lines+markers' : 'lines',
    x: whole.map((point) => point.x),
    y: whole.map(drawn),
    customdata: whole.map((point) => plainText(`${said(point)}${unifiedPlace(point, x)}`)),
    line: { color: colour, width: strong ? 2.4 : 1.7, dash: style.dash },
    ...(style.marked || whole.length === 1
      ? { marker: { color: colour, size: style.marked ? 6 : 8, symbol: style.marker } }
      : {}),
    hovertemplate,
  })
  if (rest.length > 0) {
    traces.push({
      ...shared,
      mode: 'lines+markers',
      x: rest.map((point) => point.x),
      y: rest.map(drawn),
      customdata: rest.map((point) => plainText(`${said(point)}, ${point.of} of ${plural(most, replicate)}`)),
      line: { color: colour, width: 1.4, dash: 'dot' },
      // A mark where replicates drop out, and only there.
      marker: { color: colour, size: rest.map((_, i) => (i === 0 ? 10 : 0)), symbol: 'x-thin-open' },
      hovertemplate,
      showlegend: false,
    })
  }
  if (own !== null) {
    const at = `${numberText(y.numbers)(own.y)} at ${numberText(x.numbers)(own.x)}`
    traces.push({
      ...shared,
      mode: 'markers',
      x: [own.x],
      y: [own.y],
      marker: { color: colour, size: 9, symbol: style.marker, line: { color: '@surface', width: 1.4 } },
      hovertemplate: `${plainText(`${curve.label}, its own choices: ${at}`)}<extra></extra>`,
      showlegend: false,
    })
  }
  return traces
}

function hasInterval(point: CurvePoint): point is CurvePoint & { readonly low: number; readonly high: number } {
  return point.low !== null && point.high !== null
}

/** "71.7 (71.5 to 71.9), regret 1.3%". */
function pointText({ y, low, high, regret }: CurvePoint, model: CurvesModel): string {
  const text = numberText(model.y.numbers)
  const interval = low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`
  return `${text(y)}${interval}${regret === null || regret === undefined ? '' : `, regret ${percent(regret)}`}`
}

/** Where a point is, but for steps: those stand above what they share. */
function unifiedPlace({ x }: CurvePoint, axis: Axis): string {
  return axis.numbers.as === 'count' ? '' : ` at ${numberText(axis.numbers)(x)}`
}

function mixOf({ mix }: CurvesModel): ScatterTrace[] {
  if (mix === null) return []
  const [from, to] = mix
  const line = { color: '@muted', width: 1.1, dash: 'dot' } as const
  return [
    {
      type: 'scatter',
      mode: 'lines',
      x: [from[0], to[0]],
      y: [from[1], to[1]],
      name: 'random mix of the two',
      line,
      hoverinfo: 'skip',
    },
  ]
}

function pointTraces(points: readonly NamedPoint[], { x, y }: CurvesModel): ScatterTrace[] {
  if (points.length === 0) return []
  return [
    {
      type: 'scatter',
      mode: 'markers',
      x: points.map((point) => point.x),
      y: points.map((point) => point.y),
      customdata: points.map((point) =>
        plainText(`${point.name}: ${numberText(y.numbers)(point.y)} at ${numberText(x.numbers)(point.x)}`),
      ),
      hovertemplate: '%{customdata}<extra></extra>',
      marker: {
        symbol: points.map(({ symbol }) => symbol),
        size: points.map(({ symbol }) => (symbol === 'star' ? 13 : 9)),
        color: '@fg',
        line: { color: '@surface', width: 1.2 },
      },
      showlegend: false,
    },
  ]
}

function namesOf({ points, x, y }: CurvesModel, place: (value: number) => number): Annotation[] {
  if (points.length === 0 || x.range === null || y.range === null) return []
  return freeLabels(
    points.map((point) => ({ text: point.name, x: place(point.x), y: point.y })),
    { x: [place(x.range[0]), place(x.range[1])], y: y.range },
    { width: plotWidth, height: plotHeight },
  )
}

/** What the axis leaves out, at the bottom of the plot. */
function cutNote(text: string): Annotation {
  return {
    text: plainText(`\u2193 ${text}`),
    xref: 'paper',
    x: 0,
    xanchor: 'left',
    xshift: 4,
    yref: 'paper',
    y: 0,
    yanchor: 'bottom',
    yshift: 3,
    bgcolor: '@surface/0.7',
    borderpad: 1,
  }
}

function axisLayout(axis: Axis): AxisLayout {
  const { title, scale, range, numbers } = axis
  const layout: AxisLayout = {
    title: { text: plainText(title) },
    ...(range === null ? {} : { range: scale === 'log' ? [Math.log10(range[0]), Math.log10(range[1])] : range }),
  }
  if (scale === 'log') {
    const tickvals = logTicks(range!)
    const text =
      numbers.as === 'percent' ? (tick: number) => `${Number((100 * tick).toPrecision(1))}%` : numberText(numbers)
    return { ...layout, type: 'log', tickvals, ticktext: tickvals.map(text) }
  }
  switch (numbers.as) {
    case 'count':
      return { ...layout, tickformat: '~s', hoverformat: ',d', rangemode: 'tozero' }
    case 'percent':
      return { ...layout, tickformat: '.0~%' }
    case 'usd':
      return { ...layout, tickprefix: '$' }
    default:
      return layout
  }
}

/** 1, 2 and 5 of every decade; over many decades 1 alone. */
function logTicks([low, high]: readonly [number, number]): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const digits = last - first > 4 ? [1] : [1, 2, 5]
  return Array.from({ length: last - first + 1 }, (_, i) =>
    digits.map((digit) => Number((digit * 10 ** (first + i)).toPrecision(1))),
  ).flat()
}
