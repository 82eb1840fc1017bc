import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RunStateError } from '#env/errors.js'
import type { Manifest } from '#results/store/manifest.js'
import { RunLock } from '#results/store/run-lock.js'
import { RunStore } from '#results/store/run-store.js'
import type { RunPlan } from '../plan/trial-plan.js'

export interface DirectoryChoice {
  /** The folder that run folders are made in. */
  readonly outDir: string
  readonly resume: boolean
  readonly fresh: boolean
}

/** How a run starts: made new, gone on with, or found finished. */
export interface OpenedRun {
  readonly store: RunStore
  readonly state: 'new' | 'resumed' | 'finished'
  /** Whether the code that made it is the code running now. */
  readonly sameCode: boolean
}

/**
 * Chooses and opens the run's folder, `<outDir>/<name>-<hash>`; nothing is written when it can't be gone on with.
 * @throws RunStateError when an unfinished run is there and neither `resume` nor `fresh` was asked for, or when it was
 *   begun by other code or with other versions of what it stands on
 */
export function openRun(plan: RunPlan, describe: () => Manifest, choice: DirectoryChoice): OpenedRun {
  const base = join(choice.outDir, `${plan.name}-${plan.hash.slice(0, 8)}`)
  for (;;) {
    const latest = choice.fresh ? undefined : latestSibling(base)
    if (latest !== undefined) return openExisting(plan, latest, describe, choice)
    const directory = choice.fresh ? freeName(base) : base
    try {
      return { store: RunStore.create(directory, describe()), state: 'new', sameCode: true }
    } catch (error) {
      // Another process made the same run in the meantime: with `fresh` the next name is free, else it is that one's.
      if (!(error instanceof RunStateError) || !existsSync(directory)) throw error
    }
  }
}

function openExisting(plan: RunPlan, latest: string, describe: () => Manifest, choice: DirectoryChoice): OpenedRun {
  const store = RunStore.open(latest)
  const now = describe()
  const sameCode = store.manifest.code.sha256 === now.code.sha256
  const all = [...plan.trials, ...plan.deployed]
  const ends = all.map(({ id }) => store.trial(id).readResult()?.status)
  const done = ends.filter((end) => end === 'done').length
  const failed = ends.filter((end) => end === 'failed').length
  if (done === all.length && store.readReferences() !== null) return { store, state: 'finished', sameCode }
  const holder = RunLock.holderOf(latest)
  if (holder !== null) throw new RunStateError(holder)
  if (!choice.resume) {
    throw new RunStateError(
      failed > 0 && done + failed === all.length
        ? `${latest}: ${done} of ${all.length} trials are done, ${failed} failed; --resume tries those again, --fresh starts a new run beside it`
        : `${latest}: ${done} of ${all.length} trials are done${failed > 0 ? `, ${failed} failed` : ''}; --resume goes on, --fresh starts a new run beside it`,
    )
  }
  if (!sameCode) {
    throw new RunStateError(
      `${latest}: begun by cadre ${store.manifest.code.version} (code ${store.manifest.code.sha256.slice(0, 8)}), which is not the code running now; ` +
        'a run mixed from both would not be reproducible: --fresh starts a new run beside it',
    )
  }
  const begun = store.manifest.versions
  const changed = Object.keys(now.versions).filter((name) => begun[name] !== now.versions[name])
  if (changed.length > 0) {
    const list = changed.map((name) => `${name} ${begun[name]}, now ${now.versions[name]}`).join('; ')
    throw new RunStateError(
      `${latest}: begun with other versions (${list}); a run mixed from both would not be reproducible: ` +
        'install those again, or --fresh starts a new run beside it',
    )
  }
  return { store, state: 'resumed', sameCode }
}

/** `base`, or the sibling `base-2`, `base-3`, ... made last. */
function latestSibling(base: string): string | undefined {
  let latest: string | undefined
  for (let n = 1; existsSync(sibling(base, n)); n++) latest = sibling(base, n)
  return latest
}

function freeName(base: string): string {
  let n = 1
  while (existsSync(sibling(base, n))) n++
  return sibling(base, n)
}

function sibling(base: string, n: number): string {
  return n === 1 ? base : `${base}-${n}`
}
