import type { Json } from '#env/json.js'
import type { Manifest } from '#results/store/manifest.js'
import type { RunStore } from '#results/store/run-store.js'

/** The run of the same experiment that differs least, and in what. */
export interface NearestRun {
  readonly directory: string
  /** "steps: 1000, now 2000", one a setting. */
  readonly differences: readonly string[]
}

/** @param runs - those there are; null where none is of this experiment */
export function nearestRun(runs: readonly RunStore[], manifest: Manifest): NearestRun | null {
  const now = settingsOf(describing(manifest))
  const candidates = runs
    .filter((run) => run.manifest.experiment === manifest.experiment)
    .map((run) => ({
      directory: run.directory,
      differences: differencesOf(settingsOf(describing(run.manifest)), now),
    }))
    .sort((a, b) => a.differences.length - b.differences.length)
  return candidates[0] ?? null
}

/** What a run was asked for, and what it stands on. */
function describing({ config, trials, code, versions }: Manifest): object {
  const steps = [...new Set(trials.map((trial) => trial.steps))].sort((a, b) => a - b)
  return {
    ...(config as object),
    steps: steps.length === 1 ? steps[0] : steps,
    code: code.sha256.slice(0, 8),
    versions,
  }
}

function differencesOf(then: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...new Set([...then.keys(), ...now.keys()])]
    .filter((path) => then.get(path) !== now.get(path))
    .map((path) => `${path}: ${then.get(path) ?? 'absent'}, now ${now.get(path) ?? 'absent'}`)
}

/** Every setting by its path, lists as a whole. */
function settingsOf(json: unknown, path = ''): Map<string, string> {
  const isMap = typeof json === 'object' && json !== null && !Array.isArray(json)
  if (!isMap) return new Map([[path, JSON.stringify(json as Json)]])
  return new Map(
    Object.entries(json).flatMap(([key, value]) => [...settingsOf(value, path === '' ? key : `${path}.${key}`)]),
  )
}
