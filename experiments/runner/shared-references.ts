import type { EnvironmentReferences } from '#results/store/references.js'
import type { RunStore } from '#results/store/run-store.js'
import { environmentIdentity } from '../plan/plan-trials.js'
import { shortHash } from '../plan/short-hash.js'
import type { ReferenceTask } from './references.js'
import { runsBeside, sameCode } from './shared-trials.js'

/** Hash of all that decides the references of an environment; baselines by label, as they are called by it. */
export function referenceKey({ environment, baselines, ...task }: ReferenceTask): string {
  return shortHash({
    ...task,
    ...environmentIdentity(environment),
    baselines: baselines.map(({ label, use, sha256, config }) => ({
      label,
      ...(sha256 === null ? { use } : { sha256 }),
      config,
    })),
  })
}

/** References of other runs beside this one that equal what it needs, by environment label; those that failed are none. */
export function findReferences(
  store: RunStore,
  tasks: readonly ReferenceTask[],
): ReadonlyMap<string, EnvironmentReferences> {
  const wanted = new Map(tasks.map((task) => [referenceKey(task), task.environment.label]))
  const found = new Map<string, EnvironmentReferences>()
  for (const other of runsBeside(store.directory)) {
    if (!sameCode(other.manifest, store.manifest)) continue
    const { keys = {}, environments } = other.readReferences() ?? { environments: {} }
    for (const [theirs, key] of Object.entries(keys)) {
      const label = wanted.get(key)
      const references = environments[theirs]
      if (label === undefined || references === undefined || references.failures !== undefined) continue
      if (!found.has(label)) found.set(label, references)
    }
  }
  return found
}
