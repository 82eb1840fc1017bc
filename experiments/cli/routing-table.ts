import { ownValue } from '#env/own-value.js'
import type { RoutingSummary } from '#results/statistics/routing/summarise-routing.js'
import { textTable } from './text-table.js'

/** How policies route the rows held out, best first: the metrics with their 95% intervals, and the difference to ridge. */
export function routingTable({ policies, differences, references }: RoutingSummary): string[] {
  const metrics = ['apgr', 'cpt50', 'cpt80', 'quality', 'accuracy', 'cost'] as const
  const known = metrics.filter((metric) => Object.values(policies).some((policy) => (policy[metric] ?? null) !== null))
  const rows = Object.entries(policies).sort(([, a], [, b]) => headline(b) - headline(a))
  const held = [...new Set(Object.values(differences).map(({ against: policy }) => policy))]
  const against = held.length > 1 ? 'the ridge of each' : held[0]
  const table = rows.map(([name, policy]) => {
    const difference = ownValue(differences, name)
    return [
      name,
      ...known.map((metric) => interval(policy[metric] ?? null, metric === 'cost' ? 3 : 4)),
      ...(against === undefined ? [] : [difference === undefined ? '' : interval(difference, 4)]),
    ]
  })
  const head = ['rows held out', ...known, ...(against === undefined ? [] : [`ahead of ${against}`])]
  return [...textTable([head, ...table], []), '', ...textTable(referenceRows(references), [])]
}

type Interval = { readonly mean: number; readonly low: number | null; readonly high: number | null }

function headline(policy: RoutingSummary['policies'][string]): number {
  return (policy.apgr ?? policy.quality)?.mean ?? Number.NEGATIVE_INFINITY
}

function interval(value: Interval | null, digits: number): string {
  if (value === null) return '-'
  const show = (x: number) => (digits === 3 ? x.toPrecision(3) : x.toFixed(digits - 1))
  if (value.low === null || value.high === null) return show(value.mean)
  return `${show(value.mean)} (${show(value.low)} to ${show(value.high)})`
}

function referenceRows(references: RoutingSummary['references']): string[][] {
  return Object.entries(references).map(([name, { accuracy, cost }]) => [
    // With several environments names are "ENVIRONMENT / MODEL".
    name.replace(
      /^(.* \/ )?(.*)$/,
      (_, at = '', model) => `${at}${model === 'oracle' ? 'per-query oracle' : `always ${model}`}`,
    ),
    `accuracy ${accuracy?.mean.toFixed(3) ?? '-'}`,
    cost === null || cost === undefined ? '' : `cost ${cost.mean.toPrecision(3)}`,
  ])
}
