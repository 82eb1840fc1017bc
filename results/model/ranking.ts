import { listed } from '../page/numbers.js'
import { regret } from '../statistics/score-scale.js'
import { type ReferenceLine, type Row, type RowsModel, spanOf } from './figure-model.js'
import { numberText } from './number-style.js'
import { optimumName } from './references.js'
import { finishedSeries, scoreSpan, type World } from './world.js'
import { scoreTitle } from './world-curves.js'

/** All that has a score in one order, and the same close up on the learners. */
export interface Ranking {
  readonly all: RowsModel
  /** Null where the axis of `all` shows learners well enough. */
  readonly learners: RowsModel | null
}

/** Learners that take up less of the axis than this deserve one of their own. */
const SMALL_SHARE = 0.4

/** Scores of last policies with their 95% intervals, learners, scripted policies and references in one order. */
export function rankingOf(world: World): Ranking {
  const ranked = rankedRows(world)
  const far = leftOut(world, ranked)
  const rows = ranked.filter((row) => !far.includes(row))
  const all = rowsModel(world, `${world.name}: ranking`, rows, far, null)
  return { all, learners: closeUp(world, ranked, rows) }
}

/** All that has a score in this world, best first. */
export function rankedRows(world: World): Row[] {
  const fixed = (label: string, kind: Row['kind'], value: number): Row => {
    const exact = { style: null, low: null, high: null, of: null }
    return { id: kind, label, kind, value, ...exact, regret: regret(value, world) }
  }
  const learners = finishedSeries(world).map(({ id, label, style, summary }): Row => {
    const { iqm, low, high, seeds } = summary
    return { id, label, kind: 'learner', style, value: iqm, low, high, of: seeds, regret: regret(iqm, world) }
  })
  return [
    ...learners,
    ...world.policies.map((policy) => fixed(policy.name, 'scripted', policy.value)),
    ...world.locals.map((local) => fixed(`best local policy: ${local.environment}`, 'best local', local.value)),
    ...(world.optimum === null ? [] : [fixed(optimumName(world), 'optimum', world.optimum)]),
    ...(world.random === null ? [] : [fixed('random', 'random', world.random)]),
  ].sort((a, b) => b.value - a.value)
}

/** Rows too far below random to be drawn on a readable scale; the table still has them. */
function leftOut(world: World, rows: readonly Row[]): Row[] {
  if (world.random === null) return []
  const lowest = world.random - 0.15 * scoreSpan(world)
  return rows.filter((row) => row.kind !== 'learner' && row.value < lowest)
}

function closeUp(world: World, ranked: readonly Row[], drawn: readonly Row[]): RowsModel | null {
  const learners = ranked.filter(({ kind }) => kind === 'learner')
  const [low, high] = extent(learners)
  const [least, most] = extent(drawn)
  if (learners.length === 0 || high - low >= SMALL_SHARE * (most - least)) return null
  const pad = 0.15 * (high - low) || 0.01 * (most - least)
  const range = [low - pad, high + pad] as const
  const inside = ({ value }: Row) => value >= range[0] && value <= range[1]
  return rowsModel(
    world,
    `${world.name}: ranking of learners`,
    ranked.filter(inside),
    ranked.filter((row) => !inside(row)),
    range,
  )
}

function extent(rows: readonly Row[]): [number, number] {
  return [
    Math.min(...rows.map(({ value, low }) => low ?? value)),
    Math.max(...rows.map(({ value, high }) => high ?? value)),
  ]
}

function rowsModel(
  world: World,
  title: string,
  rows: readonly Row[],
  out: readonly Row[],
  range: readonly [number, number] | null,
): RowsModel {
  const numbers = { as: 'score', decimals: world.decimals } as const
  const text = numberText(numbers)
  const lines: ReferenceLine[] = rows.some(({ kind }) => kind === 'optimum')
    ? [{ name: '', value: world.optimum!, strong: true }]
    : []
  const seeds = rows.flatMap(({ of }) => of ?? [])
  const missing = out.map((row) => `${row.label} (${text(row.value)})`)
  return {
    title,
    measure: 'score',
    axis: { title: scoreTitle(world), scale: 'linear', range, numbers },
    replicate: world.replicate,
    bars: false,
    rows,
    lines,
    leftOut: out,
    caption: [
      `Circles: learners, score of the last policy, interquartile mean over ${spanOf(seeds, world.replicate)} with bootstrap 95% interval.`,
      'Diamonds: scripted policies. Squares: best local policies found.',
      ...(missing.length === 0 ? [] : [`Off this axis: ${listed(missing)}.`]),
    ],
  }
}
