import type { ReferenceLine, Row, RowsModel } from '../model/figure-model.js'
import { numberText } from '../model/number-style.js'
import { percent, plural } from '../page/numbers.js'
import type { ColourToken } from '../page/palette.js'
import { baseNarrow, type Figure, lineAcross, plainText, standingAlone } from './figure.js'
import type { Annotation, BarTrace, ErrorBar, ScatterTrace, Trace } from './plotly.js'

const symbols = {
  learner: 'circle',
  scripted: 'diamond',
  baseline: 'diamond',
  'best local': 'square',
  random: 'x-thin-open',
  optimum: 'line-ns-open',
} as const

/** Values with their intervals in rows, the first on top. */
export function drawRows(model: RowsModel): Figure {
  const { rows, axis, bars } = model
  const text = numberText(axis.numbers)
  const place = (i: number) => rows.length - i
  const named = model.lines.filter(({ name }) => name !== '')
  const number = (row: Row) => text(row.value)
  const share = (row: Row) => (row.regret === null || row.kind === 'optimum' ? '' : percent(row.regret))
  const edge = (row: Row) =>
    `${number(row)}${share(row) === '' ? '' : `  <span style="font-size:11px">${share(row)}</span>`}`
  // Pixels of the widest, in bold.
  const beside = Math.max(0, ...rows.map((row) => 8 * number(row).length + 7 * share(row).length + 20))
  const ink = (row: Row) => (row.kind === 'learner' ? '@fg' : '@muted')
  const bold = (row: Row, markup: string) => (row.kind === 'learner' ? `<b>${markup}</b>` : markup)
  const measured = rows.some((row) => share(row) !== '') ? `${model.measure}, regret` : model.measure
  const margin = { l: 20, r: Math.max(7 * measured.length + 20, beside), t: 30 + 15 * named.length, b: 48 }
  const height = (bars ? 38 : 30) * rows.length + margin.t + margin.b + 14
  const lines = (narrow: boolean) => named.map((line, i) => lineName(line, i, model, narrow))
  return {
    data: rows.flatMap((row, i) => rowTraces(row, place(i), model)),
    layout: {
      height,
      margin,
      hovermode: 'closest',
      ...(bars ? { bargap: 0.42 } : {}),
      xaxis: {
        title: { text: plainText(axis.title) },
        ...(axis.range === null ? {} : { range: axis.range }),
        ...(axis.numbers.as === 'percent' || axis.numbers.as === 'points' ? { tickformat: '~%' } : {}),
        ...(bars ? { zeroline: true, zerolinecolor: '@fg', zerolinewidth: 1.4 } : { showline: true, ticks: 'outside' }),
      },
      yaxis: {
        tickvals: rows.map((_, i) => place(i)),
        ticktext: rows.map((row) => bold(row, plainText(row.label))),
        tickfont: { color: '@fg' },
        range: [0.3, rows.length + 0.7],
        fixedrange: true,
        ticks: '',
        ...(bars ? { showgrid: false } : {}),
        ticklabelstandoff: 8,
      },
      shapes: model.lines.map((line) => lineAcross('x', line.value, line.strong)),
      annotations: [
        { ...besidePlot, text: plainText(measured), yref: 'paper', y: 1, yanchor: 'bottom', yshift: 2 },
        ...rows.map((row, i) => ({
          ...besidePlot,
          text: bold(row, edge(row)),
          y: place(i),
          font: { size: 12, color: ink(row) } as const,
        })),
        ...lines(false),
      ],
    },
    narrow: {
      ...baseNarrow,
      height: (bars ? 46 : 42) * rows.length + 76 + 15 * named.length,
      ...(bars ? { bargap: 0.62 } : {}),
      margin: { l: 8, r: 12, t: 8 + 15 * named.length, b: 44 },
      yaxis: { showticklabels: false, range: [0.4, rows.length + 0.95] },
      annotations: [
        ...rows.map(
          (row, i): Annotation => ({
            text: `${bold(row, plainText(row.label))}  ${edge(row)}`,
            xref: 'paper',
            x: 0,
            xanchor: 'left',
            y: place(i),
            yanchor: 'bottom',
            yshift: bars ? 9 : 6,
            font: { size: 11, color: ink(row) },
            bgcolor: '@surface/0.7',
            borderpad: 0,
          }),
        ),
        ...lines(true),
      ],
    },
    alone: standingAlone(model.title, model.caption, { height, margin, legend: 0 }),
  }
}

const besidePlot = { xref: 'paper', x: 1, xanchor: 'left', xshift: 10 } as const

/** The name of a line across, above the plot. */
function lineName({ name, value }: ReferenceLine, i: number, { axis }: RowsModel, narrow: boolean): Annotation {
  const above = { yref: 'paper', y: 1, yanchor: 'bottom', yshift: 2 + 15 * i } as const
  const text = plainText(`${name} ${numberText(axis.numbers)(value)}`)
  if (narrow) return { ...above, text, xref: 'paper', x: 1, xanchor: 'right' }
  const { range } = axis
  const right = range !== null && value > (range[0] + range[1]) / 2
  return { ...above, text, x: value, xanchor: right ? 'right' : 'left', xshift: right ? 4 : -4 }
}

/** A bar or a mark with its whisker; a second, thicker whisker for an inner interval. */
function rowTraces(row: Row, y: number, model: RowsModel): Trace[] {
  const { kind, style, value, low, high, inner } = row
  const text = numberText(model.axis.numbers)
  const colour: ColourToken = style === null ? (kind === 'optimum' ? '@fg' : '@muted') : `@${style.colour}`
  const ends = low === null || high === null ? null : { low, high }
  const over = row.of === null ? '' : `${ends === null ? '<br>' : ', '}${plural(row.of, model.replicate)}`
  const interval = ends === null ? '' : `<br>${plainText(`95% interval ${text(ends.low)} to ${text(ends.high)}`)}`
  const shared = {
    x: [value],
    y: [y],
    meta: row.id,
    name: plainText(row.label),
    hovertemplate: `%{fullData.name}: ${plainText(text(value))}${interval}${over}<extra></extra>`,
  }
  if (model.bars) {
    const bar: BarTrace = {
      ...shared,
      type: 'bar',
      orientation: 'h',
      marker: { color: colour },
      ...(ends === null ? {} : { error_x: errorBar(value, ends, '@fg', 1.4, 4) }),
    }
    return [bar]
  }
  const dot: ScatterTrace = {
    ...shared,
    type: 'scatter',
    mode: 'markers',
    marker: {
      color: colour,
      size: kind === 'learner' ? 10 : kind === 'optimum' ? 16 : 8,
      symbol: symbols[kind],
      line: { width: kind === 'random' || kind === 'optimum' ? 2 : 0, color: colour },
    },
    ...(ends === null ? {} : { error_x: errorBar(value, ends, colour, inner === undefined ? 2.5 : 1.2, 5) }),
  }
  if (inner === undefined) return [dot]
  const thick: ScatterTrace = {
    type: 'scatter',
    mode: 'markers',
    x: [value],
    y: [y],
    meta: row.id,
    marker: { color: colour, size: 1 },
    error_x: errorBar(value, inner, colour, 4, 0),
    hoverinfo: 'skip',
  }
  return [dot, thick]
}

/** plotly.js takes lengths, not ends. */
function errorBar(
  value: number,
  { low, high }: { readonly low: number; readonly high: number },
  color: ColourToken,
  thickness: number,
  width: number,
): ErrorBar {
  return { type: 'data', symmetric: false, array: [high - value], arrayminus: [value - low], color, thickness, width }
}
