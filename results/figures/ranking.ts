import { percent, plural } from '../page/numbers.js'
import { regret } from '../statistics/score-scale.js'
import { scoreTitle } from './curves.js'
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
import { type Series, scoreSpan, type World, worldFormat } from './worlds.js'

/** A learner, a scripted policy or a reference in the order of its score. */
export interface RankedRow {
  readonly label: string
  readonly kind: 'learner' | 'scripted' | 'best local' | 'random' | 'optimum'
  readonly score: number
  /** Bootstrap 95% interval of a learner; null of too few seeds, and for what has one exact value. */
  readonly low: number | null
  readonly high: number | null
  readonly seeds: number | null
  readonly regret: number | null
  readonly series: Series | null
}

/** All that has a score in this world, best first. */
export function rankedRows(world: World): RankedRow[] {
  const fixed = (label: string, kind: RankedRow['kind'], score: number): RankedRow => {
    return { label, kind, score, low: null, high: null, seeds: null, regret: regret(score, world), series: null }
  }
  const rows: RankedRow[] = world.series.flatMap((series) => {
    const { summary, label } = series
    if (summary === null) return []
    const { iqm: score, low, high, seeds } = summary
    return [{ label, kind: 'learner' as const, score, low, high, seeds, regret: regret(score, world), series }]
  })
  rows.push(...world.policies.map((policy) => fixed(policy.name, 'scripted', policy.value)))
  rows.push(...world.locals.map((local) => fixed(`best local policy: ${local.environment}`, 'best local', local.value)))
  if (world.optimum !== null) rows.push(fixed(world.exact ? 'exact optimum' : 'optimum', 'optimum', world.optimum))
  if (world.random !== null) rows.push(fixed('random', 'random', world.random))
  return rows.sort((a, b) => b.score - a.score)
}

/** Rows too far below random to be drawn on a readable scale; the table still has them. */
export function leftOut(world: World, rows: readonly RankedRow[]): RankedRow[] {
  if (world.random === null) return []
  const lowest = world.random - 0.15 * scoreSpan(world)
  return rows.filter((row) => row.kind !== 'learner' && row.score < lowest)
}

/** Scores of last policies with their 95% intervals, learners and scripted policies in one order. */
export function rankingFigure(world: World): Figure {
  const ranked = rankedRows(world)
  const out = leftOut(world, ranked)
  const rows = ranked.filter((row) => !out.includes(row))
  const format = worldFormat(world)
  const position = (row: RankedRow) => rows.length - rows.indexOf(row)
  const data = rows.map((row) => rowTrace(row, position(row), format, world.replicate))
  const tickvals = rows.map(position)
  const share = (row: RankedRow) => (row.regret === null || row.kind === 'optimum' ? '' : percent(row.regret))
  const edge = (row: RankedRow) =>
    `${format(row.score)}${share(row) === '' ? '' : `  <span style="font-size:11px">${share(row)}</span>`}`
  // Pixels of the widest, in bold.
  const beside = Math.max(0, ...rows.map((row) => 8 * format(row.score).length + 7 * share(row).length + 20))
  return {
    data,
    layout: {
      ...baseLayout,
      height: 30 * rows.length + 108,
      margin: { l: 20, r: Math.max(108, beside), t: 54, b: 46 },
      hovermode: 'closest',
      xaxis: { ...baseAxis, title: axisTitle(scoreTitle(world)), showline: true, ticks: 'outside' },
      yaxis: {
        ...baseAxis,
        tickvals,
        ticktext: rows.map((row) => (row.kind === 'learner' ? `<b>${plainText(row.label)}</b>` : plainText(row.label))),
        tickfont: { color: '@fg' },
        range: [0.3, rows.length + 0.7],
        fixedrange: true,
        ticks: '',
        ticklabelstandoff: 8,
      },
      shapes: world.optimum === null ? [] : [referenceLine('x', world.optimum, true)],
      annotations: [
        header(world.optimum === null ? 'score' : 'score, regret'),
        ...rows.map((row) => ({
          text: row.kind === 'learner' ? `<b>${edge(row)}</b>` : edge(row),
          xref: 'paper',
          x: 1,
          xanchor: 'left',
          xshift: 10,
          y: position(row),
          showarrow: false,
          font: { size: 12, color: row.kind === 'learner' ? '@fg' : '@muted' },
        })),
      ],
    },
    narrow: {
      ...baseNarrow,
      height: 42 * rows.length + 76,
      margin: { l: 8, r: 12, t: 8, b: 44 },
      yaxis: { showticklabels: false, range: [0.4, rows.length + 0.95] },
      annotations: rows.map((row) => ({
        text: `${row.kind === 'learner' ? `<b>${plainText(row.label)}</b>` : plainText(row.label)}  ${edge(row)}`,
        xref: 'paper',
        x: 0,
        xanchor: 'left',
        y: position(row),
        yanchor: 'bottom',
        yshift: 6,
        showarrow: false,
        font: { size: 11, color: row.kind === 'learner' ? '@fg' : '@muted' },
      })),
    },
  }
}

function rowTrace(
  row: RankedRow,
  y: number,
  format: (score: number) => string,
  replicate: World['replicate'],
): FigurePart {
  const { score, low, high, series } = row
  const colour = series === null ? (row.kind === 'optimum' ? '@fg' : '@muted') : `@${series.colour}`
  const symbols = {
    learner: 'circle',
    scripted: 'diamond',
    'best local': 'square',
    random: 'x-thin-open',
    optimum: 'line-ns-open',
  }
  const interval =
    low === null || high === null
      ? row.seeds === null
        ? ''
        : `<br>${plural(row.seeds, replicate)}`
      : `<br>95% interval ${format(low)} to ${format(high)}, ${plural(row.seeds ?? 0, replicate)}`
  return {
    type: 'scatter',
    mode: 'markers',
    x: [score],
    y: [y],
    meta: series?.id ?? row.kind,
    name: plainText(row.label),
    marker: {
      color: colour,
      size: row.kind === 'learner' ? 10 : row.kind === 'optimum' ? 16 : 8,
      symbol: symbols[row.kind],
      line: { width: row.kind === 'random' || row.kind === 'optimum' ? 2 : 0, color: colour },
    },
    ...(low === null || high === null
      ? {}
      : {
          error_x: {
            type: 'data',
            symmetric: false,
            array: [high - score],
            arrayminus: [score - low],
            color: colour,
            thickness: 2.5,
            width: 5,
          },
        }),
    hovertemplate: `%{fullData.name}: ${format(score)}${interval}<extra>${row.kind}</extra>`,
  }
}

function header(text: string): FigurePart {
  const place = { xref: 'paper', x: 1, xanchor: 'left', xshift: 10, yref: 'paper', y: 1, yanchor: 'bottom', yshift: 2 }
  return { text, ...place, showarrow: false, font: { size: 11, color: '@muted' } }
}
