import { cpSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { CadreError } from '#env/errors.js'
import { temporaryPath } from '#results/store/atomic-write.js'
import { runFolders } from '#results/store/list-runs.js'
import type { Manifest } from '#results/store/manifest.js'
import { RunStore } from '#results/store/run-store.js'
import { storing } from '#results/store/storage-failure.js'
import type { TrialPlan } from '../plan/trial-plan.js'

/** Trials that a run has from another one. */
export interface SharedTrials {
  /** The other run's folder. */
  readonly from: string
  readonly trials: number
}

/**
 * Copies finished trials of other runs beside this one: a trial's id says all that decides its result, so that the same code gives
 * the same trial, whatever it is called and whichever run it is of. Every run has its own copy, and can be sent alone.
 * @param wanted - the trials that the run needs
 * @throws StorageError when a copy can't be written
 */
export function takeFinishedTrials(store: RunStore, wanted: readonly TrialPlan[]): SharedTrials[] {
  const missing = new Map(
    wanted.filter(({ id }) => store.trial(id).readResult()?.status !== 'done').map((trial) => [trial.id, trial]),
  )
  const found: SharedTrials[] = []
  for (const other of runsBeside(store.directory)) {
    if (missing.size === 0) break
    if (!sameCode(other.manifest, store.manifest)) continue
    let trials = 0
    for (const trial of [...missing.values()]) {
      if (!copyTrial(other, store, trial)) continue
      missing.delete(trial.id)
      trials++
    }
    if (trials > 0) found.push({ from: other.directory, trials })
  }
  return found
}

/** The runs in the folder that a run lies in, itself left out; what can't be read is none. */
export function runsBeside(directory: string): RunStore[] {
  return runFolders(dirname(directory)).flatMap((folder) => {
    try {
      return folder === directory ? [] : [RunStore.open(folder)]
    } catch (error) {
      if (error instanceof CadreError) return []
      throw error
    }
  })
}

/** Whether two runs were made by the same code, with the same versions of what it stands on. */
export function sameCode(a: Manifest, b: Manifest): boolean {
  const versions = (manifest: Manifest) => JSON.stringify(Object.entries(manifest.versions).sort())
  return a.format === b.format && a.code.sha256 === b.code.sha256 && versions(a) === versions(b)
}

/** @returns whether it was there, whole */
function copyTrial(from: RunStore, to: RunStore, { id, algorithm, environment }: TrialPlan): boolean {
  const source = from.trial(id)
  try {
    if (source.readResult()?.status !== 'done') return false
  } catch (error) {
    if (error instanceof CadreError) return false
    throw error
  }
  const target = to.trial(id)
  const beside = temporaryPath(target.directory)
  storing('cannot copy a trial to', target.directory, () => {
    rmSync(beside, { recursive: true, force: true })
    cpSync(source.directory, beside, {
      recursive: true,
      filter: (path) => basename(path) !== 'checkpoint' && !basename(path).startsWith('.'),
    })
    rmSync(target.directory, { recursive: true, force: true })
    renameSync(beside, target.directory)
  })
  // The other run may call them otherwise.
  const result = target.readResult()!
  if (result.algorithm !== algorithm.label || result.environment !== environment.label) {
    target.writeResult({ ...result, algorithm: algorithm.label, environment: environment.label })
  }
  return true
}
