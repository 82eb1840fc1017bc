import seedrandom from 'seedrandom'
import { ownValue } from '#env/own-value.js'
import { listed } from '../page/numbers.js'
import { byTask, stratifiedBootstrap } from '../statistics/bootstrap.js'
import { improvement, standingOf } from '../statistics/improvement.js'
import { interquartileMean, sortedInterquartileMean } from '../statistics/interquartile-mean.js'
import { performanceProfile } from '../statistics/performance-profile.js'
import { scaleOfTrials } from '../statistics/scale-of-trials.js'
import { normalisedResolution, normalisedScore, rangeOf, type ScoreScale } from '../statistics/score-scale.js'
import { FEWEST_SEEDS, finalScores, groupTrials, type TrialGroup } from '../statistics/summarise.js'
import type { RunData } from '../store/run-data.js'
import type { Comparison } from './comparisons.js'
import { type CurvePoint, type CurvesModel, type Row, type RowsModel, type Style, spanOf } from './figure-model.js'
import { algorithmKey, type StyleBook } from './style-book.js'
import { nameOf, settingOf } from './world.js'

/** Algorithms over all environments of a run, by normalised scores: 1 is the optimum, 0 acting at random. */
export interface Aggregate {
  readonly environments: readonly string[]
  /** Interquartile mean of each algorithm over all seeds of all environments, best first. */
  readonly iqm: RowsModel
  /** Probability that a run of the best one scores higher than one of each other, on an environment drawn at random. */
  readonly improvement: RowsModel
  readonly comparisons: readonly Comparison[]
  /** Share of runs above each score. */
  readonly profiles: CurvesModel
  /** Algorithms that haven't finished in all of the environments, and environments without a scale or a second algorithm. */
  readonly leftOut: { readonly algorithms: readonly string[]; readonly environments: readonly string[] }
}

/** An algorithm with its normalised scores, [environments][seeds]. */
interface Candidate {
  readonly id: string
  readonly label: string
  readonly style: Style
  readonly scores: readonly (readonly number[])[]
}

/** Places at which a performance profile is drawn. */
const PROFILE_STEPS = 100

/**
 * The aggregates of Agarwal et al. (2021) over the environments of a run; null where fewer than two algorithms have finished
 * in the same two environments or more.
 */
export function aggregateOf(run: RunData, styles: StyleBook): Aggregate | null {
  const groups = groupTrials(run).filter(({ trials }) => finalScores(trials).length > 0)
  const labels = Object.keys(run.manifest.environments)
  const scales = new Map(labels.map((label) => [label, scaleOf(run, label)]))
  const environments = labels.filter((label) => {
    return rangeOf(scales.get(label)!) !== null && groups.filter(({ environment }) => environment === label).length > 1
  })
  const algorithms = [...new Set(groups.map(({ algorithm }) => algorithm))]
  const groupOf = (algorithm: string, environment: string): TrialGroup | undefined =>
    groups.find((group) => group.algorithm === algorithm && group.environment === environment)
  const whole = algorithms.filter((algorithm) => environments.every((label) => groupOf(algorithm, label) !== undefined))
  if (environments.length < 2 || whole.length < 2) return null
  const candidates = whole
    .map((label, i): Candidate & { readonly iqm: number } => {
      const scores = environments.map((environment) =>
        finalScores(groupOf(label, environment)!.trials).map(
          (score) => normalisedScore(score, scales.get(environment)!)!,
        ),
      )
      const style = styles.style(algorithmKey(nameOf(run, label)), settingOf(run, label).place)
      return { id: `all-${i}`, label, style, scores, iqm: interquartileMean(scores.flat()) }
    })
    .sort((a, b) => b.iqm - a.iqm)
  const leftOut = {
    algorithms: algorithms.filter((one) => !whole.includes(one)),
    environments: labels.filter((one) => !environments.includes(one)),
  }
  const missing = [
    ...(leftOut.algorithms.length === 0
      ? []
      : [`Left out, as not in all environments: ${listed(leftOut.algorithms)}.`]),
    ...(leftOut.environments.length === 0
      ? []
      : [`Left out, without a known optimum or a second algorithm: ${listed(leftOut.environments)}.`]),
  ]
  const seeds = spanOf(
    candidates.flatMap(({ scores }) => scores.map((runs) => runs.length)),
    'seed',
  )
  const over = `${environments.length} environments (${listed(environments)}), ${seeds} in each`
  const [best, ...others] = candidates
  const resolution = environments.map((label) => normalisedResolution(scales.get(label)!))
  const comparisons = others.map((other): Comparison => {
    const stream = `aggregate/${best!.label}/${other.label}`
    const found = improvement(best!.scores, other.scores, { stream, resolution })
    return { series: best!.id, against: other.id, ...found, standing: standingOf(found) }
  })
  return {
    environments,
    iqm: {
      title: 'All environments: interquartile mean of normalised scores',
      measure: 'normalised',
      axis: {
        title: 'normalised score: 0 random, 1 the optimum',
        scale: 'linear',
        range: null,
        numbers: { as: 'score', decimals: 3 },
      },
      replicate: 'run',
      bars: false,
      rows: candidates.map((one) => row(one, one.iqm, iqmOver(one))),
      lines: [{ name: 'optimum', value: 1, strong: true }],
      leftOut: [],
      caption: [
        `Dot: interquartile mean over all runs of ${over}; whisker: stratified bootstrap 95% interval.`,
        ...missing,
      ],
    },
    improvement: {
      title: `All environments: probability that ${best!.label} improves on others`,
      measure: 'probability',
      axis: {
        title: `probability that a run of ${best!.label} scores higher`,
        scale: 'linear',
        range: [0, 1.02],
        numbers: { as: 'score', decimals: 2 },
      },
      replicate: 'run',
      bars: false,
      rows: others.map((one, i) => row(one, comparisons[i]!.probability, comparisons[i]!)),
      lines: [{ name: 'level', value: 0.5, strong: false }],
      leftOut: [],
      caption: [
        `Dot: probability that a run of ${best!.label} scores higher than one of the algorithm named, averaged over ${over}; whisker: stratified bootstrap 95% interval. Where it holds 0.5, the two are level.`,
        ...missing,
      ],
    },
    comparisons,
    profiles: profilesOf(candidates, over, missing),
    leftOut,
  }
}

function scaleOf(run: RunData, label: string): ScoreScale {
  const trials = run.trials.filter(({ plan }) => plan.environment === label)
  return scaleOfTrials(ownValue(run.references?.environments, label) ?? null, trials)
}

function row({ id, label, style, scores }: Candidate, value: number, { low, high }: Pick<Row, 'low' | 'high'>): Row {
  const of = scores.reduce((sum, runs) => sum + runs.length, 0)
  return { id, label, kind: 'learner', style, value, low, high, of, regret: null }
}

function iqmOver({ label, scores }: Candidate): Pick<Row, 'low' | 'high'> {
  if (scores.some((runs) => runs.length < FEWEST_SEEDS)) return { low: null, high: null }
  return stratifiedBootstrap(scores, sortedInterquartileMean, {
    uniform: seedrandom.alea(`bootstrap/aggregate/${label}`),
  })
}

function profilesOf(candidates: readonly Candidate[], over: string, missing: readonly string[]): CurvesModel {
  const all = candidates.flatMap(({ scores }) => scores.flat())
  // Runs far below random say nothing more there: the axis begins where profiles still differ from 1, at -1 at the lowest.
  const lowest = Math.min(0, ...all)
  const from = Math.max(lowest, -1)
  const to = Math.max(1, ...all)
  const thresholds = Array.from({ length: PROFILE_STEPS + 1 }, (_, i) => from + ((to - from) * i) / PROFILE_STEPS)
  const cut = lowest < from ? `the lowest run scores ${lowest.toFixed(1).replace('-', '\u2212')}` : null
  return {
    title: 'All environments: performance profiles',
    x: { title: 'normalised score \u03c4', scale: 'linear', range: [from, to], numbers: { as: 'score', decimals: 2 } },
    y: {
      title: 'share of runs that score above \u03c4',
      scale: 'linear',
      range: [-0.02, 1.02],
      numbers: { as: 'percent' },
    },
    replicate: 'run',
    curves: candidates.map((one) => ({
      id: one.id,
      label: one.label,
      style: one.style,
      strong: true,
      hidden: false,
      points: profilePoints(one, thresholds),
      own: null,
    })),
    lines: [],
    points: [],
    mix: null,
    cut,
    caption: [
      `Performance profile: share of runs above each normalised score, averaged over ${over}. Band: pointwise stratified bootstrap 95% interval.`,
      ...(cut === null ? [] : [`The axis is cut: ${cut}.`]),
      ...missing,
    ],
  }
}

function profilePoints({ label, scores }: Candidate, thresholds: readonly number[]): CurvePoint[] {
  const shares = performanceProfile(scores, thresholds)
  const of = scores.reduce((sum, runs) => sum + runs.length, 0)
  const few = scores.some((runs) => runs.length < FEWEST_SEEDS)
  const sizes = scores.map((runs) => runs.length)
  return thresholds.map((threshold, i): CurvePoint => {
    if (few) return { x: threshold, y: shares[i]!, low: null, high: null, of }
    const share = (resampled: Float64Array) => performanceProfile(byTask(resampled, sizes), [threshold])[0]!
    const uniform = seedrandom.alea(`bootstrap/profile/${label}`)
    return { x: threshold, y: shares[i]!, ...stratifiedBootstrap(scores, share, { uniform, repetitions: 500 }), of }
  })
}
