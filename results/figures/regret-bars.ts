import { percent, plural } from '../page/numbers.js'
import { regret } from '../statistics/score-scale.js'
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
import type { Series, World } from './worlds.js'

/** What regret is measured from. */
export interface RegretBase {
  readonly name: string
  readonly value: number
}

/** The optimum and the best local policies, as far as known. */
export function regretBases(world: World): RegretBase[] {
  const locals = world.locals.map(({ environment, value }) => ({ name: `best local policy (${environment})`, value }))
  return world.optimum === null
    ? locals
    : [{ name: world.exact ? 'exact optimum' : 'optimum', value: world.optimum }, ...locals]
}

/** Of the axis, as a share: a regret of 0 draws no bar. */
const LEAST_SPAN = 0.01

/** (base - score) / (base - random): negative where a score is ahead of the base; null where no scale is known. */
export function regretFrom(base: RegretBase, score: number, { random, resolution }: World): number | null {
  return regret(score, { optimum: base.value, random, resolution })
}

/**
 * Regret of each learner against a base, with 95% intervals and, for comparison, the best scripted policy.
 * @returns null where no scale is known or nothing has finished
 */
export function regretBars(world: World, base: RegretBase): Figure | null {
  const learners = world.series.filter((series) => series.summary !== null)
  const at = (score: number) => regretFrom(base, score, world)
  if (learners.length === 0 || at(0) === null) return null
  const rows = learners
    .map((series) => ({ series, regret: at(series.summary!.iqm)! }))
    .sort((a, b) => a.regret - b.regret)
  const position = (i: number) => rows.length - i
  const lines = [
    ...world.policies
      .slice(0, 1)
      .map(({ name, value }) => ({ text: plainText(`best scripted: ${name}`), at: at(value)! })),
    ...world.locals.map(({ environment, value }) => ({
      text: plainText(`best local: ${environment}`),
      at: at(value)!,
    })),
  ].filter((line) => Math.abs(line.at) > 1e-12)
  const all = rows.flatMap(({ series }) => [
    at(series.summary!.low ?? series.summary!.iqm)!,
    at(series.summary!.high ?? series.summary!.iqm)!,
  ])
  const ends = [...all, ...lines.map((line) => line.at)]
  // Below a hundredth of a percent it's what evaluation leaves open: no reason for a part left of 0.
  const least = Math.min(...ends)
  const low = least < -1e-4 ? least : 0
  const high = Math.max(low + LEAST_SPAN, 0, ...ends)
  const pad = 0.09 * (high - low)
  const range = [low < 0 ? low - pad : 0, high + pad]
  return {
    data: rows.map(({ series, regret }, i) => bar(series, regret, position(i), at, world.replicate)),
    layout: {
      ...baseLayout,
      height: 38 * rows.length + 116,
      margin: { l: 20, r: 24, t: 22 + 16 * lines.length, b: 48 },
      hovermode: 'closest',
      bargap: 0.42,
      xaxis: {
        ...baseAxis,
        title: axisTitle(plainText(`regret against the ${base.name}`)),
        tickformat: '~%',
        range,
        zeroline: true,
        zerolinecolor: '@fg',
        zerolinewidth: 1.4,
      },
      yaxis: {
        ...baseAxis,
        tickvals: rows.map((_, i) => position(i)),
        ticktext: rows.map(({ series }) => plainText(series.label)),
        tickfont: { color: '@fg' },
        range: [0.4, rows.length + 0.6],
        fixedrange: true,
        showgrid: false,
        ticklabelstandoff: 8,
      },
      shapes: lines.map((line) => referenceLine('x', line.at, false)),
      annotations: lines.map((line, i) => ({
        text: `${line.text} ${percent(line.at)}`,
        x: line.at,
        xanchor: line.at > (range[0]! + range[1]!) / 2 ? 'right' : 'left',
        xshift: line.at > (range[0]! + range[1]!) / 2 ? 4 : -4,
        yref: 'paper',
        y: 1,
        yanchor: 'bottom',
        yshift: 2 + 15 * i,
        showarrow: false,
        font: { size: 11, color: '@muted' },
      })),
    },
    narrow: {
      ...baseNarrow,
      height: 46 * rows.length + 110,
      bargap: 0.62,
      margin: { l: 8, r: 10, b: 44 },
      yaxis: { ticklabelposition: 'inside', showticklabels: false, range: [0.4, rows.length + 0.9] },
      annotations: [
        ...lines.map((line, i) => ({
          text: `${line.text} ${percent(line.at)}`,
          xref: 'paper',
          x: 1,
          xanchor: 'right',
          yref: 'paper',
          y: 1,
          yanchor: 'bottom',
          yshift: 2 + 15 * i,
          showarrow: false,
          font: { size: 11, color: '@muted' },
        })),
        ...rows.map(({ series, regret }, i) => ({
          text: `<b>${plainText(series.label)}</b>  ${percent(regret)}`,
          xref: 'paper',
          x: 0.01,
          xanchor: 'left',
          y: position(i),
          yanchor: 'bottom',
          yshift: 9,
          showarrow: false,
          font: { size: 11, color: '@fg' },
        })),
      ],
    },
  }
}

function bar(
  series: Series,
  regret: number,
  y: number,
  at: (score: number) => number | null,
  replicate: World['replicate'],
): FigurePart {
  const { low, high, seeds } = series.summary!
  const interval = low === null || high === null ? null : { best: at(high)!, worst: at(low)! }
  return {
    type: 'bar',
    orientation: 'h',
    x: [regret],
    y: [y],
    meta: series.id,
    name: plainText(series.label),
    marker: { color: `@${series.colour}` },
    ...(interval === null
      ? {}
      : {
          error_x: {
            type: 'data',
            symmetric: false,
            array: [interval.worst - regret],
            arrayminus: [regret - interval.best],
            color: '@fg',
            thickness: 1.4,
            width: 4,
          },
        }),
    hovertemplate: `%{fullData.name}: ${percent(regret)}<br>${interval === null ? '' : `95% interval ${percent(interval.best)} to ${percent(interval.worst)}, `}${plural(seeds, replicate)}<extra></extra>`,
  }
}
