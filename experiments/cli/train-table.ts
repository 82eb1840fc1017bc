import { ownValue } from '#env/own-value.js'
import { normalisedScore, regret } from '#results/statistics/score-scale.js'
import type { SummaryRow } from '#results/statistics/summarise.js'
import type { EnvironmentReferences, References } from '#results/store/references.js'
import { formatPercent, formatScore } from './format-number.js'
import { textTable } from './text-table.js'

const head = ['algorithm', 'seeds', 'return (IQM)', '95% interval', 'normalised', 'regret']

/** The result of a run in text: environment by environment, learners first, then what they are held against. */
export function trainTable(summary: readonly SummaryRow[], references: References | null): string[] {
  const environments = [...new Set(summary.map((row) => row.environment))]
  const blocks = environments.map((environment) => {
    const known = ownValue(references?.environments, environment)
    const learned = summary.filter((row) => row.environment === environment).map(learnedRow)
    return { title: titleOf(environment, known), rows: [...learned, ...referenceRows(known)] }
  })
  // One table for all, so that columns line up from environment to environment.
  const lines = textTable([head, ...blocks.flatMap(({ rows }) => rows)], [1, 2, 4, 5])
  let next = 1
  return blocks.flatMap(({ title, rows }, i) => {
    const own = lines.slice(next, next + rows.length)
    next += rows.length
    return [...(i === 0 ? [] : ['']), title, `  ${lines[0]}`, ...own.map((line) => `  ${line}`)]
  })
}

function learnedRow({ algorithm, seeds, iqm, low, high, normalised, regret }: SummaryRow): string[] {
  const interval = low === null || high === null ? '-' : `[${formatScore(low)}, ${formatScore(high)}]`
  return [algorithm, String(seeds), formatScore(iqm), interval, normalised?.toFixed(3) ?? '-', formatPercent(regret)]
}

function referenceRows(known: EnvironmentReferences | undefined): string[][] {
  if (known === undefined) return []
  const row = (name: string, value: number, normalised: number | null, regret: number | null) => [
    name,
    '',
    formatScore(value),
    '',
    normalised?.toFixed(3) ?? '-',
    formatPercent(regret),
  ]
  const { bestLocal } = known
  return [
    ...(bestLocal === null
      ? []
      : [
          row(
            '(best local policy found)',
            bestLocal.value,
            normalisedScore(bestLocal.value, known),
            regret(bestLocal.value, known),
          ),
        ]),
    ...known.policies.map(({ name, method, value, normalised, regret }) =>
      row(`(${name})${method === undefined ? '' : ` ${method}`}`, value, normalised, regret),
    ),
  ]
}

function titleOf(environment: string, known: EnvironmentReferences | undefined): string {
  if (known === undefined) return environment
  const parts = [
    ...(known.optimum === null ? [] : [`optimum ${formatScore(known.optimum)}${over(known)}`]),
    ...(known.random === null ? [] : [`random ${formatScore(known.random)}`]),
    `${known.method} values${known.sampledBecause === undefined ? '' : `: ${known.sampledBecause}`}`,
  ]
  return `${environment} (${parts.join(', ')})`
}

/** The steps that an optimum is over, where it isn't until the end. */
function over({ horizonSteps }: EnvironmentReferences): string {
  return horizonSteps === undefined ? '' : ` in ${horizonSteps} step${horizonSteps === 1 ? '' : 's'}`
}
