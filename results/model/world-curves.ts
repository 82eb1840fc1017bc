import { percent, plural } from '../page/numbers.js'
import { rangeOf, regret } from '../statistics/score-scale.js'
import { FEWEST_SEEDS } from '../statistics/summarise.js'
import { type Curve, type CurvePoint, type CurvesModel, spanOf } from './figure-model.js'
import { numberText } from './number-style.js'
import { referenceLines } from './references.js'
import { type Series, scoreSpan, type World } from './world.js'

/** Shares up to this are what evaluation leaves open: they count as 0, which a logarithmic axis has no place for. */
const LEAST_REGRET = 1e-7

const steps = { title: 'environment steps', scale: 'linear', range: null, numbers: { as: 'count' } } as const

/** Reward curves: interquartile mean and 95% band over seeds, and what they are held against. */
export function scoreCurves(world: World): CurvesModel {
  const lines = referenceLines(world)
  const curves = world.series.map((series) => curveOf(series, series.curve))
  const { low, high, lowest } = scoreRange(
    world,
    curves,
    lines.map(({ value }) => value),
  )
  const pad = 0.05 * (high - low || 1)
  const text = numberText({ as: 'score', decimals: world.decimals })
  const cut =
    lowest.curve < low
      ? `curves come from as low as ${text(lowest.curve)}`
      : lowest.band < low
        ? `bands reach down to ${text(lowest.band)}`
        : null
  return {
    title: `${world.name}: reward curves`,
    x: steps,
    y: {
      title: scoreTitle(world),
      scale: 'linear',
      range: [low - pad, high + pad],
      numbers: { as: 'score', decimals: world.decimals },
    },
    replicate: world.replicate,
    curves,
    lines,
    points: [],
    mix: null,
    cut,
    caption: [
      `Score of ${played(world)} at each evaluation.`,
      ...lineCaption(world, curves),
      ...(cut === null ? [] : [`The axis is cut: ${cut}.`]),
      evaluationNote(world),
    ],
  }
}

/**
 * The same as regret on a logarithmic axis, where the last percents show.
 * @returns null where no optimum is known
 */
export function regretCurves(world: World): CurvesModel | null {
  if (rangeOf(world) === null) return null
  const toRegret = (score: number) => regret(score, world)!
  const curves = world.series.map((series) =>
    curveOf(
      series,
      series.curve.map(
        ({ x, y, low, high, of }): CurvePoint => ({
          x,
          y: toRegret(y),
          // The highest score has the least regret.
          low: high === null ? null : toRegret(high),
          high: low === null ? null : toRegret(low),
          of,
        }),
      ),
    ),
  )
  const points = curves.flatMap((curve) => curve.points)
  const positive = points.flatMap(({ y }) => (y > LEAST_REGRET ? [y] : []))
  if (positive.length === 0) return null
  const floor = Math.min(...positive) / 2
  const top = 1.25 * Math.max(1, ...points.map(({ y, high }) => high ?? y))
  const lines = referenceLines(world)
    .map((line) => ({ ...line, strong: false, value: toRegret(line.value) }))
    .reverse()
  const off = lines.filter(({ value, name }) => value <= floor && !name.endsWith('optimum'))
  const zero = points.some(({ y }) => y <= LEAST_REGRET)
  const below = points.some(({ low }) => low !== null && low < floor)
  const notes = [
    ...(zero ? ['a line breaks off where regret is 0'] : []),
    ...(below ? [`bands go on below ${percent(floor)}`] : []),
    ...off.map(({ name, value }) => `${name} is at ${percent(value)}`),
  ]
  return {
    title: `${world.name}: regret`,
    x: steps,
    y: { title: 'regret (log scale)', scale: 'log', range: [floor, top], numbers: { as: 'percent' } },
    replicate: world.replicate,
    curves,
    lines: lines.filter(({ value }) => value > floor),
    points: [],
    mix: null,
    cut: notes.length === 0 ? null : notes.join('; '),
    caption: [
      'Regret: the share missed of what can be gained over acting at random.',
      ...lineCaption(world, curves),
      ...(notes.length === 0 ? [] : [`A logarithmic axis has no 0: ${notes.join('; ')}.`]),
      evaluationNote(world),
    ],
  }
}

/** One metric of learning against environment steps: the median over seeds, and the band of their middle half. */
export function metricCurves(world: World, name: string): CurvesModel {
  const curves = world.series.flatMap((series) => {
    const points = Object.hasOwn(series.metrics, name) ? series.metrics[name]! : []
    return points.length === 0 ? [] : [curveOf(series, points)]
  })
  return {
    title: `${world.name}: ${name} while learning`,
    x: steps,
    y: { title: name, scale: 'linear', range: null, numbers: { as: 'digits', digits: 4 } },
    replicate: world.replicate,
    curves,
    lines: [],
    points: [],
    mix: null,
    cut: null,
    caption: [
      `What learners measured while they learned. Line: median over ${seedsOf(curves, world)}. Band: their middle half.`,
      ...droppedNote(world, curves),
    ],
  }
}

/** All metrics that learners of a world told, in the order in which they first occur. */
export function metricNames(world: World): string[] {
  return [...new Set(world.series.flatMap(({ metrics }) => Object.keys(metrics)))]
}

/** How scores are formed, for an axis: the expected return of a policy from the start, discounted below gamma 1. */
export function scoreTitle(world: World): string {
  const aggregate = { 'team-sum': ', team sum', 'agent-mean': ', mean over agents', shared: '' }
  const discounted = world.discount < 1 ? `discounted return (gamma ${world.discount}` : 'return (undiscounted'
  return `${discounted}${aggregate[world.score.aggregate]})`
}

function curveOf({ id, label, style }: Series, points: readonly CurvePoint[]): Curve {
  return { id, label, style, strong: true, hidden: false, points, own: null }
}

/** What was evaluated, by how it was played. */
function played({ acts }: World): string {
  const greedy = 'the greedy policy'
  const sampled = 'the policy as it draws its actions'
  if (!acts.includes('sampled')) return greedy
  return acts.includes('greedy') ? `${greedy}, or of ${sampled} (as each run chose),` : sampled
}

/** What lines and bands are, and what stands where there are too few seeds for one. */
function lineCaption(world: World, curves: readonly Curve[]): string[] {
  const points = curves.flatMap((curve) => curve.points)
  return [
    `Line: interquartile mean over ${seedsOf(curves, world)}.`,
    points.some(({ low }) => low !== null)
      ? 'Band: its bootstrap 95% interval.'
      : `No band: fewer than ${FEWEST_SEEDS} ${world.replicate}s say nothing of how far others would lie.`,
    ...droppedNote(world, curves),
  ]
}

function seedsOf(curves: readonly Curve[], { replicate }: World): string {
  return spanOf(
    curves.flatMap(({ points }) => (points.length === 0 ? [] : [Math.max(...points.map(({ of }) => of))])),
    replicate,
  )
}

function droppedNote({ replicate }: World, curves: readonly Curve[]): string[] {
  const stopped = curves.some(({ points }) => new Set(points.map(({ of }) => of)).size > 1)
  return stopped ? [`Dotted from a cross on: some ${replicate}s got no further.`] : []
}

function evaluationNote({ horizonSteps, exact, sampledBecause }: World): string {
  if (horizonSteps !== null)
    return `Values are exact, of the first ${plural(horizonSteps, 'step')}: episodes have no more.`
  if (exact) return 'Values are exact, by policy evaluation, from the start distribution.'
  return sampledBecause === null
    ? 'Values are sampled over episodes.'
    : `Values are sampled over episodes: ${sampledBecause}.`
}

interface ScoreRange {
  readonly low: number
  readonly high: number
  /** Where the lowest curve and the lowest band are, drawn or not. */
  readonly lowest: { readonly curve: number; readonly band: number }
}

/**
 * The scores shown at first. Untrained policies can be far worse than random: curves then enter from below, so that what
 * they reach is not squeezed into the top.
 */
function scoreRange(world: World, curves: readonly Curve[], references: readonly number[]): ScoreRange {
  const points = curves.flatMap((curve) => curve.points)
  const lows = points.map(({ y, low }) => low ?? y)
  const values = [...references, ...lows, ...points.map(({ y, high }) => high ?? y)]
  const lowest = { curve: Math.min(...points.map(({ y }) => y)), band: Math.min(...lows) }
  if (values.length === 0) return { low: 0, high: 1, lowest }
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (world.random === null) return { low, high, lowest }
  const ends = curves.flatMap((curve) => curve.points.slice(-1).map((point) => point.low ?? point.y))
  const floor = Math.min(world.random - 0.1 * scoreSpan(world), ...ends)
  return { low: Math.max(low, floor), high, lowest }
}
