import { ownValue } from '#env/own-value.js'
import { listed, scoreDecimals } from '../page/numbers.js'
import { scaleOfTrials } from '../statistics/scale-of-trials.js'
import { rangeOf } from '../statistics/score-scale.js'
import { finalScores, groupTrials, type SummaryRow, summarise, type TrialGroup } from '../statistics/summarise.js'
import type { EnvironmentRecord } from '../store/manifest.js'
import type { EnvironmentReferences, PolicyReference } from '../store/references.js'
import type { RunData } from '../store/run-data.js'
import type { Evaluation } from '../store/trial-records.js'
import { curvePoints } from './curve-points.js'
import type { CurvePoint, Style } from './figure-model.js'
import { metricPoints } from './metric-points.js'
import { runNames } from './run-names.js'
import { algorithmKey, type StyleBook } from './style-book.js'
import {
  displayNames,
  type LocalReference,
  type Member,
  mergedLocals,
  mergedPolicies,
  rounded,
} from './world-members.js'

/** One algorithm in one environment of one run. */
export interface Series {
  /** The same in all figures of a page. */
  readonly id: string
  readonly label: string
  /** Label of its settings. */
  readonly algorithm: string
  readonly environment: string
  readonly run: number
  /** Colour by algorithm, dash by what else differs: its settings, the environment, the run. */
  readonly style: Style
  /** Null while no trial has finished. */
  readonly summary: SummaryRow | null
  /** Scores of the last policies of the trials that finished. */
  readonly scores: readonly number[]
  readonly curve: readonly CurvePoint[]
  /** What its learners told of themselves, by name. */
  readonly metrics: { readonly [name: string]: readonly CurvePoint[] }
}

/** A series that has a finished trial. */
export type FinishedSeries = Series & { readonly summary: SummaryRow }

/**
 * Environments whose scores share one scale: the same world, seen through different observations. Plain JSON: what tables,
 * figures and words are made from.
 */
export interface World {
  readonly id: string
  /** For headings: the environment, and its labels where they tell more. */
  readonly name: string
  /** Indices of the runs that have a part in it. */
  readonly runs: readonly number[]
  /** Names of its environments, in the order of the runs. */
  readonly environments: readonly string[]
  readonly configs: { readonly [environment: string]: EnvironmentRecord['config'] }
  readonly score: EnvironmentRecord['score']
  readonly discount: number
  /** What makes the trials of one series differ: their seed, their fold of a cross-validation, or both ("trial"). */
  readonly replicate: 'seed' | 'fold' | 'trial'
  readonly optimum: number | null
  readonly random: number | null
  /** Scores closer than this are the same as far as anyone can tell; 0 where solvers don't say. */
  readonly resolution: number
  /** Steps that scores and optimum are over; null: until the end. */
  readonly horizonSteps: number | null
  readonly exact: boolean
  /** Why values are sampled; null where they are exact, or nobody said. */
  readonly sampledBecause: string | null
  /** Decimals that scores are written with. */
  readonly decimals: number
  /** How learned policies were played at their evaluations; empty before the first. */
  readonly acts: readonly Evaluation['act'][]
  /** Scripted policies, best first, without random. */
  readonly policies: readonly PolicyReference[]
  /** Best first. */
  readonly locals: readonly LocalReference[]
  readonly series: readonly Series[]
}

/**
 * The environments of all runs, grouped by what their scores can be compared on: environment, version, score definition,
 * discount, and either equal optimum and random values or, where these aren't known, equal configuration.
 */
export function worldsOf(runs: readonly RunData[], styles: StyleBook): World[] {
  const groups = new Map<string, Member[]>()
  runs.forEach((run, index) => {
    for (const [label, record] of Object.entries(run.manifest.environments)) {
      const references = ownValue(run.references?.environments, label) ?? null
      const key = worldKey(record, run.manifest.discount, references)
      const member = { run: index, label, record, references }
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [member])
      else group.push(member)
    }
  })
  const names = runNames(runs)
  const drawn = runs.map((data, run): DrawnRun => {
    return { run, data, name: runs.length > 1 ? names[run]! : null, groups: groupTrials(data), rows: summarise(data) }
  })
  const ids = { next: 0 }
  return [...groups.values()].map((members): World => {
    const shown = displayNames(members)
    const { record, references, run } = members[0]!
    const scales = members.map(({ run, label, references }) => {
      return scaleOfTrials(
        references,
        runs[run]!.trials.filter(({ plan }) => plan.environment === label),
      )
    })
    const environments = [...new Set(shown.values())]
    const scale = {
      optimum: scales.every(({ optimum }) => optimum !== null) ? scales[0]!.optimum : null,
      random: scales[0]!.random,
      resolution: Math.max(...scales.map(({ resolution = 0 }) => resolution)),
    }
    const policies = mergedPolicies(members, shown)
    const series = drawn.flatMap((one) => seriesOf(one, members, shown, scale, styles, ids))
    return {
      id: record.id,
      name:
        environments.length === 1 && environments[0] === record.id
          ? record.id
          : `${record.id}: ${listed(environments)}`,
      runs: [...new Set(members.map((member) => member.run))],
      environments,
      configs: Object.fromEntries(members.map((member) => [shown.get(member.label), member.record.config])),
      score: record.score,
      discount: runs[run]!.manifest.discount,
      replicate: replicateOf(members, runs),
      ...scale,
      horizonSteps: references?.horizonSteps ?? null,
      exact: references?.method === 'exact',
      sampledBecause: references?.sampledBecause ?? null,
      decimals: decimalsOf({ ...scale, policies, series }),
      acts: actsOf(members, runs),
      policies,
      locals: mergedLocals(members, shown),
      series,
    }
  })
}

/** The learners of a world that have finished, best interquartile mean first. */
export function finishedSeries({ series }: Pick<World, 'series'>): FinishedSeries[] {
  return series
    .filter((one): one is FinishedSeries => one.summary !== null)
    .sort((a, b) => b.summary.iqm - a.summary.iqm)
}

/** The span of scores that matter in a world. */
export function scoreSpan(world: Pick<World, 'optimum' | 'random' | 'resolution' | 'series'>): number {
  const range = rangeOf(world)
  if (range !== null) return range.optimum - range.random
  const values = world.series.flatMap((series) => series.curve.map((point) => point.y))
  return values.length === 0 ? 1 : Math.max(...values) - Math.min(...values)
}

/**
 * So many that the optimum has four digits, however far below it random scores, and the optimum, learners and the best scripted
 * policy can be told apart.
 */
function decimalsOf(world: Pick<World, 'optimum' | 'random' | 'resolution' | 'series' | 'policies'>): number {
  const span = scoreSpan(world)
  const size = Math.abs(world.optimum ?? 0)
  const ends = world.series.flatMap(({ summary }) => (summary === null ? [] : [summary.iqm]))
  const known = [world.optimum, ...ends, ...world.policies.slice(0, 1).map(({ value }) => value)]
  return scoreDecimals(
    size === 0 ? span : Math.min(span, Math.max(size, span / 1000)),
    known.filter((value) => value !== null),
  )
}

/** A run with what is drawn of it. */
interface DrawnRun {
  readonly run: number
  readonly data: RunData
  /** Null where it is the only one. */
  readonly name: string | null
  readonly groups: readonly TrialGroup[]
  readonly rows: readonly SummaryRow[]
}

function actsOf(members: readonly Member[], runs: readonly RunData[]): World['acts'] {
  const acts = members.flatMap(({ run, label }) =>
    runs[run]!.trials.filter(({ plan }) => plan.environment === label).flatMap(({ evaluations }) =>
      evaluations.map(({ act }) => act),
    ),
  )
  return [...new Set(acts)].sort()
}

function replicateOf(members: readonly Member[], runs: readonly RunData[]): World['replicate'] {
  const cross = members.filter(({ run, label }) => {
    const { routing, trials } = runs[run]!
    return (
      Object.hasOwn(routing?.environments ?? {}, label) ||
      trials.some(({ plan, result }) => plan.environment === label && result?.fold !== undefined)
    )
  })
  if (cross.length === 0) return 'seed'
  return cross.length === members.length && cross.every(({ run }) => runs[run]!.manifest.seeds.length === 1)
    ? 'fold'
    : 'trial'
}

/** The series of one run in one world. */
function seriesOf(
  { run, data, name, groups, rows }: DrawnRun,
  members: readonly Member[],
  shown: ReadonlyMap<string, string>,
  scale: Pick<World, 'optimum' | 'random' | 'resolution'>,
  styles: StyleBook,
  ids: { next: number },
): Series[] {
  const labels = members.filter((member) => member.run === run).map((member) => member.label)
  const environments = [...new Set(shown.values())]
  const runs = [...new Set(members.map((member) => member.run))]
  return groups
    .filter((group) => labels.includes(group.environment))
    .map((group): Series => {
      const { algorithm } = group
      const environment = shown.get(group.environment)!
      const parts = [algorithm, ...(environments.length > 1 ? [environment] : []), ...(name === null ? [] : [name])]
      const { place, of } = settingOf(data, algorithm)
      const variant = (runs.indexOf(run) * of + place) * environments.length + environments.indexOf(environment)
      return {
        id: `s${ids.next++}`,
        label: parts.join(' \u00b7 '),
        algorithm,
        environment,
        run,
        style: styles.style(algorithmKey(nameOf(data, algorithm)), variant),
        summary: rows.find((row) => row.algorithm === algorithm && row.environment === group.environment) ?? null,
        scores: finalScores(group.trials),
        curve: curvePoints(group, scale),
        metrics: Object.fromEntries(metricPoints(group)),
      }
    })
}

/** What an algorithm is, whatever its settings are labelled. */
export function nameOf({ manifest }: RunData, label: string): string {
  return ownValue(manifest.algorithms, label)?.name ?? label
}

/** Which of an algorithm's settings a label is, and the most settings that any algorithm of the run has. */
export function settingOf(run: RunData, label: string): { readonly place: number; readonly of: number } {
  const labels = Object.keys(run.manifest.algorithms)
  const alike = (one: string) => labels.filter((other) => nameOf(run, other) === nameOf(run, one))
  return { place: Math.max(0, alike(label).indexOf(label)), of: Math.max(1, ...labels.map((one) => alike(one).length)) }
}

function worldKey(record: EnvironmentRecord, discount: number, references: EnvironmentReferences | null): string {
  const { id, version, score, config } = record
  const known = references !== null && references.optimum !== null && references.random !== null
  const scale = known ? [rounded(references.optimum!), rounded(references.random!)] : [JSON.stringify(config)]
  const horizon = references?.horizonSteps ?? null
  return JSON.stringify([id, version, score.aggregate, score.over, discount, horizon, ...scale])
}
