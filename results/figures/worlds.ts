import { ownValue } from '#env/own-value.js'
import { count, scoreFormat } from '../page/numbers.js'
import { seriesColour, seriesDash } from '../page/palette.js'
import { scaleOfTrials } from '../statistics/scale-of-trials.js'
import { rangeOf } from '../statistics/score-scale.js'
import { groupTrials, type SummaryRow, summarise, type TrialGroup } from '../statistics/summarise.js'
import type { EnvironmentRecord } from '../store/manifest.js'
import type { EnvironmentReferences, PolicyReference } from '../store/references.js'
import type { RunData } from '../store/run-data.js'
import type { Evaluation } from '../store/trial-records.js'
import { type CurvePoint, curvePoints } from './curve-points.js'
import { type MetricPoint, metricPoints } from './metric-points.js'

/** One algorithm in one environment of one run, ready to be drawn. */
export interface Series {
  /** The same in all figures of a page. */
  readonly id: string
  readonly label: string
  readonly algorithm: string
  readonly environment: string
  readonly run: number
  /** A colour name of the palette: that of the pair of algorithm and environment, in all runs. */
  readonly colour: string
  /** Tells environments of one run apart, or else runs. */
  readonly dash: string
  /** Null while no trial has finished. */
  readonly summary: SummaryRow | null
  readonly curve: readonly CurvePoint[]
  /** What its learners told of themselves, by name. */
  readonly metrics: ReadonlyMap<string, readonly MetricPoint[]>
}

/** The best policy found in which agents see only their own observation, in one environment. */
export interface LocalReference {
  readonly environment: string
  readonly value: number
}

/** Environments whose scores share one scale: the same world, seen through different observations. */
export interface World {
  readonly id: string
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
  /** How learned policies were played at their evaluations; empty before the first. */
  readonly acts: readonly Evaluation['act'][]
  /** Scripted policies, best first, without random. */
  readonly policies: readonly PolicyReference[]
  /** Best first. */
  readonly locals: readonly LocalReference[]
  readonly series: readonly Series[]
}

interface Member {
  readonly run: number
  readonly label: string
  readonly record: EnvironmentRecord
  readonly references: EnvironmentReferences | null
}

/**
 * The environments of all runs, grouped by what their scores can be compared on: environment, version, score definition,
 * discount, and either equal optimum and random values or, where these aren't known, equal configuration.
 */
export function worldsOf(runs: readonly RunData[]): World[] {
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
  const drawn = runs.map((run, i) => ({ run: i, name: names[i]!, groups: groupTrials(run), rows: summarise(run) }))
  const numbering: Numbering = { pairs: [], series: 0 }
  return [...groups.values()].map((members): World => {
    const shown = displayNames(members)
    const { record, references, run } = members[0]!
    const scales = members.map(({ run, label, references }) => {
      return scaleOfTrials(
        references,
        runs[run]!.trials.filter(({ plan }) => plan.environment === label),
      )
    })
    return {
      id: record.id,
      runs: [...new Set(members.map((member) => member.run))],
      environments: [...new Set(shown.values())],
      configs: Object.fromEntries(members.map((member) => [shown.get(member.label), member.record.config])),
      score: record.score,
      discount: runs[run]!.manifest.discount,
      replicate: replicateOf(members, runs),
      optimum: scales.every(({ optimum }) => optimum !== null) ? scales[0]!.optimum : null,
      random: scales[0]!.random,
      resolution: Math.max(...scales.map(({ resolution = 0 }) => resolution)),
      horizonSteps: references?.horizonSteps ?? null,
      exact: references?.method === 'exact',
      acts: actsOf(members, runs),
      policies: mergedPolicies(members, shown),
      locals: mergedLocals(members, shown),
      series: drawn.flatMap((one) => seriesOf(one, runs.length > 1, members, shown, numbering)),
    }
  })
}

/** The span of scores that matter in a world, for the number of decimals. */
export function scoreSpan(world: World): number {
  const range = rangeOf(world)
  if (range !== null) return range.optimum - range.random
  const values = world.series.flatMap((series) => series.curve.map((point) => point.iqm))
  return values.length === 0 ? 1 : Math.max(...values) - Math.min(...values)
}

/**
 * Writes a world's scores so that the optimum has four digits, however far below it random scores, and the optimum, learners
 * and the best scripted policy can be told apart.
 */
export function worldFormat(world: World): (score: number) => string {
  const span = scoreSpan(world)
  const size = Math.abs(world.optimum ?? 0)
  const ends = world.series.flatMap(({ summary }) => (summary === null ? [] : [summary.iqm]))
  const known = [world.optimum, ...ends, ...world.policies.slice(0, 1).map(({ value }) => value)]
  return scoreFormat(
    size === 0 ? span : Math.min(span, Math.max(size, span / 1000)),
    known.filter((value) => value !== null),
  )
}

/** A name for each run that tells it from the others: its experiment, its hash where needed, else its number. */
export function runNames(runs: readonly RunData[]): string[] {
  const unique = (names: readonly string[]) => new Set(names).size === names.length
  const experiments = runs.map((run) => run.manifest.experiment)
  if (unique(experiments)) return experiments
  const withHash = runs.map((run) => `${run.manifest.experiment} ${run.manifest.hash.slice(0, 7)}`)
  return unique(withHash) ? withHash : withHash.map((name, i) => `${name} (${count(i + 1)})`)
}

/** A run with what is drawn of it. */
interface DrawnRun {
  readonly run: number
  readonly name: string
  readonly groups: readonly TrialGroup[]
  readonly rows: readonly SummaryRow[]
}

/** Counts over all worlds of a page: a colour a pair of algorithm and environment, an id a series. */
interface Numbering {
  readonly pairs: string[]
  series: number
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
  { run, name, groups, rows }: DrawnRun,
  severalRuns: boolean,
  members: readonly Member[],
  shown: ReadonlyMap<string, string>,
  numbering: Numbering,
): Series[] {
  const labels = members.filter((member) => member.run === run).map((member) => member.label)
  const environments = [...new Set(shown.values())]
  return groups
    .filter((group) => labels.includes(group.environment))
    .map((group) => {
      const { algorithm } = group
      const environment = shown.get(group.environment)!
      const pair = JSON.stringify([algorithm, group.environment])
      if (!numbering.pairs.includes(pair)) numbering.pairs.push(pair)
      const parts = [algorithm, ...(environments.length > 1 ? [environment] : []), ...(severalRuns ? [name] : [])]
      return {
        id: `s${numbering.series++}`,
        label: parts.join(' \u00b7 '),
        algorithm,
        environment,
        run,
        colour: seriesColour(numbering.pairs.indexOf(pair)),
        dash: seriesDash(severalRuns ? run : environments.indexOf(environment)),
        summary: rows.find((row) => row.algorithm === algorithm && row.environment === group.environment) ?? null,
        curve: curvePoints(group),
        metrics: metricPoints(group),
      }
    })
}

function worldKey(record: EnvironmentRecord, discount: number, references: EnvironmentReferences | null): string {
  const { id, version, score, config } = record
  const known = references !== null && references.optimum !== null && references.random !== null
  const scale = known ? [rounded(references.optimum!), rounded(references.random!)] : [JSON.stringify(config)]
  const horizon = references?.horizonSteps ?? null
  return JSON.stringify([id, version, score.aggregate, score.over, discount, horizon, ...scale])
}

/** Solvers stop within a tolerance: values count as equal to eight digits. */
function rounded(value: number): string {
  return value.toPrecision(8)
}

/** Labels without the environment's own name in front, where all have it: "routing-dispatch-full" is "full". */
function displayNames(members: readonly Member[]): Map<string, string> {
  const prefix = `${members[0]!.record.id}-`
  const labels = [...new Set(members.map((member) => member.label))]
  const cut = labels.length > 1 && labels.every((label) => label.startsWith(prefix) && label.length > prefix.length)
  return new Map(labels.map((label) => [label, cut ? label.slice(prefix.length) : label]))
}

/** Scripted policies of all members. Those of one name are one where they score the same, else each is of its environment. */
function mergedPolicies(members: readonly Member[], shown: ReadonlyMap<string, string>): PolicyReference[] {
  const byName = new Map<string, { policy: PolicyReference; environment: string }[]>()
  for (const { label, references } of members) {
    for (const policy of references?.policies ?? []) {
      if (policy.name === 'random') continue
      const known = byName.get(policy.name) ?? []
      byName.set(policy.name, known)
      const environment = shown.get(label)!
      const same = known.some((one) => rounded(one.policy.value) === rounded(policy.value))
      if (!same) known.push({ policy, environment })
    }
  }
  return [...byName.values()]
    .flatMap((known) =>
      known.length === 1
        ? [known[0]!.policy]
        : known.map(({ policy, environment }) => ({ ...policy, name: `${policy.name} \u00b7 ${environment}` })),
    )
    .sort((a, b) => b.value - a.value)
}

function mergedLocals(members: readonly Member[], shown: ReadonlyMap<string, string>): LocalReference[] {
  const byLabel = new Map<string, LocalReference>()
  for (const { label: name, references } of members) {
    const label = shown.get(name)!
    const value = references?.bestLocal?.value
    if (value === undefined) continue
    if (value > (byLabel.get(label)?.value ?? Number.NEGATIVE_INFINITY))
      byLabel.set(label, { environment: label, value })
  }
  return [...byLabel.values()].sort((a, b) => b.value - a.value)
}
