import { textTable } from '../cli/text-table.js'
import { mean } from './recorded-setting.js'
import type { SplitResult } from './recorded-study.js'

/** What a study of several splits says, as numbers. */
export interface StudySummary {
  readonly splits: number
  /** Mean over splits of the utility on the judged half, by name. */
  readonly earned: { readonly [name: string]: number }
  readonly predicted: { readonly [reading: string]: number }
  readonly crossReplay: number
  /** Mean of cross-replay less observed, and how many splits have it within .3. */
  readonly crossReplayBias: number
  readonly crossReplayNear: number
  /** Mean gain of the calibrated policy, and how many 95% intervals lie above 0. */
  readonly over: { readonly [rule: string]: { readonly mean: number; readonly above: number } }
}

export function summarise(results: readonly SplitResult[]): StudySummary {
  const first = results[0]!
  const meanOf = (pick: (result: SplitResult) => number) => mean(results.map(pick))
  const means = (keys: readonly string[], pick: (result: SplitResult, key: string) => number) =>
    Object.fromEntries(keys.map((key) => [key, meanOf((result) => pick(result, key))]))
  const gaps = results.map(({ crossReplay, earned }) => crossReplay - earned.calibrated!)
  return {
    splits: results.length,
    earned: means(Object.keys(first.earned), ({ earned }, key) => earned[key]!),
    predicted: means(Object.keys(first.predicted), ({ predicted }, key) => predicted[key]!),
    crossReplay: meanOf(({ crossReplay }) => crossReplay),
    crossReplayBias: mean(gaps),
    crossReplayNear: gaps.filter((gap) => Math.abs(gap) <= 0.3).length,
    over: Object.fromEntries(
      Object.keys(first.over).map((rule) => [
        rule,
        {
          mean: meanOf(({ over }) => over[rule]!.mean),
          above: results.filter(({ over }) => over[rule]!.low > 0).length,
        },
      ]),
    ),
  }
}

export function studyLines(summary: StudySummary): string[] {
  const { splits, earned, predicted, crossReplay, crossReplayBias, crossReplayNear, over } = summary
  const rows = Object.entries(earned).map(([name, value]) => [
    name,
    predicted[name] === undefined ? '' : predicted[name].toFixed(2),
    name === 'calibrated' ? crossReplay.toFixed(2) : '',
    value.toFixed(2),
  ])
  return [
    `${splits} splits by article; utility a question, mean over splits`,
    ...textTable([['policy', 'V* of its tables', 'cross-replay', 'observed'], ...rows], [1, 2, 3]),
    ...Object.entries(over).map(
      ([rule, gain]) =>
        `calibrated over ${rule}: ${gain.mean >= 0 ? '+' : ''}${gain.mean.toFixed(2)}; ${gain.above} of ${splits} intervals lie above 0`,
    ),
    `cross-replay less observed: ${crossReplayBias.toFixed(2)} on average; within .3 in ${crossReplayNear} of ${splits} splits`,
  ]
}
