import { UsageError } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import { listed } from '../page/numbers.js'
import type { RunData } from '../store/run-data.js'
import { runNames } from './run-names.js'
import type { World } from './world.js'

/**
 * Refuses runs that have nothing to be compared on.
 * @throws UsageError naming the runs and what differs, when a run shares no world with any other
 */
export function checkComparable(runs: readonly RunData[], worlds: readonly Pick<World, 'runs'>[]): void {
  if (runs.length === 0) throw new UsageError('plot: expected at least one run, got none')
  if (runs.length === 1) return
  const names = runNames(runs)
  runs.forEach((run, i) => {
    if (worlds.some((world) => world.runs.includes(i) && world.runs.length > 1)) return
    const other = i === 0 ? 1 : 0
    throw new UsageError(
      `plot: "${names[i]}" can't share an axis with "${names[other]}": ${difference(run, runs[other]!)}; plot them apart`,
    )
  })
}

/** What keeps the scores of two runs from being compared. */
function difference(a: RunData, b: RunData): string {
  for (const [label, mine] of Object.entries(a.manifest.environments)) {
    const found = Object.entries(b.manifest.environments).find(([, record]) => record.id === mine.id)
    if (found === undefined) continue
    const [theirLabel, theirs] = found
    const differing: string[] = []
    const compare = (what: string, one: string | number, two: string | number) => {
      if (one !== two) differing.push(`${what} ${one} against ${two}`)
    }
    compare('version', mine.version, theirs.version)
    compare(
      'score',
      `${mine.score.aggregate} per ${mine.score.over}`,
      `${theirs.score.aggregate} per ${theirs.score.over}`,
    )
    compare('discount', a.manifest.discount, b.manifest.discount)
    if (differing.length === 0) {
      const [one, two] = [ownValue(a.references?.environments, label), ownValue(b.references?.environments, theirLabel)]
      compare('optimum', one?.optimum ?? 'unknown', two?.optimum ?? 'unknown')
      compare('random', one?.random ?? 'unknown', two?.random ?? 'unknown')
    }
    if (differing.length === 0) differing.push('configurations differ and no optimum is known')
    return `${mine.id}: ${listed(differing)}`
  }
  const ids = (run: RunData) =>
    listed([...new Set(Object.values(run.manifest.environments).map((record) => record.id))])
  return `one measures ${ids(a)}, the other ${ids(b)}`
}
