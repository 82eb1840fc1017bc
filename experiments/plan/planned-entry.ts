import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry } from '#env/registry.js'
import type { LoadedEntry, LoadedEnv } from '../config/loaded-experiment.js'
import type { PlannedEntry, PlannedEnv } from './trial-plan.js'

/** An entry with its settings as plain data: what it is and where it comes from, in place of the entry itself. */
export function plannedEntry(loaded: LoadedEntry<EnvEntry | LearnerEntry>): PlannedEntry {
  const { label, entry, ref, config } = loaded
  return { label, name: entry.name, version: entry.version, ...ref, config }
}

/** As `plannedEntry`, with what the environment stands on. */
export function plannedEnv(loaded: LoadedEnv): PlannedEnv {
  const { data, recording } = loaded
  return { ...plannedEntry(loaded), data, ...(recording === undefined ? {} : { recording }) }
}
