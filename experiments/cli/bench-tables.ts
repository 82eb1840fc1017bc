import type { BenchResult } from '../bench.js'
import type { BenchAggregate, BenchDifference } from '../bench-comparison.js'
import { formatCount, formatPercent, formatScore } from './format-number.js'
import { textTable } from './text-table.js'

/** A benchmark in text: scores, differences on the same episodes, and aggregates where there are several environments. */
export function benchTables({ rows, differences, aggregate }: BenchResult): string[] {
  const several = new Set(rows.map(({ environment }) => environment)).size > 1
  const over = aggregate === null ? (several ? NO_AGGREGATE : []) : aggregateTable(aggregate)
  return [...rowTable(rows), ...differenceTable(differences), ...over]
}

function rowTable(rows: BenchResult['rows']): string[] {
  const head = [
    'environment',
    'policy',
    'observes',
    'episodes',
    'score',
    '95% interval',
    'regret',
    'cost',
    'latency P95',
    'decisions/s',
  ]
  const number = (value: number | null) => (value === null ? '-' : formatScore(value))
  const cells = rows.map((row) => [
    row.environment,
    row.inSample ? `${row.policy} *` : row.policy,
    row.messages > 0 ? `${row.observes} (${row.messages})` : row.observes,
    formatCount(row.episodes),
    formatScore(row.score),
    interval(row, formatScore),
    formatPercent(row.regret),
    number(row.cost),
    number(row.latencyP95),
    formatCount(row.decisionsPerSecond),
  ])
  const fitted = rows.some((row) => row.inSample)
  const note = fitted
    ? ['', '* fitted on the very rows it plays: on others it does worse (folds tell by how much)']
    : []
  const heard = rows.some((row) => row.messages > 0)
    ? ['', 'messages (n): an agent hears n numbers from others at every step']
    : []
  return [...textTable([head, ...cells], [3, 4, 6, 7, 8, 9]), ...note, ...heard]
}

const NO_AGGREGATE = [
  '',
  'Nothing over all environments: that takes two policies that play in the same two environments with known optima',
]

/** Every policy against the best of its environment. */
function differenceTable(differences: readonly BenchDifference[]): string[] {
  if (differences.length === 0) return []
  const head = ['environment', 'policy', 'against the best', 'difference', '95% interval', 'ahead in', '95% interval']
  const cells = differences.map((one) => [
    one.environment,
    one.policy,
    one.against,
    formatScore(one.difference),
    interval(one, formatScore),
    formatPercent(one.improvement.value),
    interval(one.improvement, formatPercent),
  ])
  return [
    '',
    'On the same episodes, pair by pair (ahead in: share of episodes, ties half)',
    ...textTable([head, ...cells], [3, 5]),
  ]
}

/** All policies over the environments whose scale is known. */
function aggregateTable({ environments, against, policies, leftOut }: BenchAggregate): string[] {
  const thresholds = policies[0]!.profile.map(({ above }) => above)
  const head = [
    'policy',
    'IQM',
    '95% interval',
    `against ${against}`,
    '95% interval',
    'ahead in',
    ...thresholds.map((above) => `> ${above}`),
  ]
  const cells = policies.map(({ policy, iqm, difference, improvement, profile }) => [
    policy,
    iqm.value.toFixed(3),
    interval(iqm, (value) => value.toFixed(3)),
    difference === null ? '' : difference.value.toFixed(3),
    difference === null ? '' : interval(difference, (value) => value.toFixed(3)),
    improvement === null ? '' : formatPercent(improvement.value),
    ...profile.map(({ share }) => formatPercent(share)),
  ])
  const missing = [
    ...(leftOut.environments.length === 0
      ? []
      : [`without a known optimum or a second policy: ${leftOut.environments.join(', ')}`]),
    ...(leftOut.policies.length === 0 ? [] : [`not in all of these: ${leftOut.policies.join(', ')}`]),
  ]
  return [
    '',
    `Over ${environments.length} environments (${environments.join(', ')}), normalised: 0 acts at random, 1 is the optimum`,
    ...textTable([head, ...cells], [1, 3, ...thresholds.map((_, i) => 6 + i), 5]),
    'IQM: interquartile mean over environments; > 0.5: share of environments above it. From the scores of these episodes;',
    'regrets above are exact where the environment can be solved',
    ...missing.map((one) => `left out, ${one}`),
  ]
}

function interval(
  { low, high }: { readonly low: number | null; readonly high: number | null },
  format: (value: number) => string,
): string {
  return low === null || high === null ? '-' : `[${format(low)}, ${format(high)}]`
}
